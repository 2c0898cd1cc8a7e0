import { describe, expect, test } from "vitest";
import { SettingsError } from "@ambit/runtime/settings.ts";
import { readSettings } from "./settings.ts";

describe("readSettings()", () => {
  test("knows the platform's record among the directories", () => {
    const settings = readSettings({
      AMBIT_STATE_DIR: "/state/",
      AMBIT_SOURCE_DIRS: "/home/me/app:/state/cluster",
    });
    expect(settings.sourceDirs).toEqual([
      { dir: "/home/me/app", observed: false },
      { dir: "/state/cluster", observed: true },
    ]);
    expect(settings.statusDir).toBe("/home/me/app/.ambit/status");
    expect(settings.xdsListen).toBe("0.0.0.0:15012");
  });

  test("reports every mistake together", () => {
    const read = (): unknown =>
      readSettings({ AMBIT_LOG_LEVEL: "loud", SECRET_TTL: "soon", AMBIT_METRICS_PORT: "99999" });
    expect(read).toThrow(SettingsError);
    try {
      read();
    } catch (thrown) {
      expect((thrown as SettingsError).problems).toHaveLength(4);
    }
  });
});
