import { describe, expect, test } from "vitest";
import { readSettings } from "./settings.ts";

const NEEDED = { AMBIT_STATE_DIR: "/s", AMBIT_SOURCE_DIR: "/m" };

describe("readSettings()", () => {
  test("fills in what is left out", () => {
    expect(readSettings(NEEDED)).toMatchObject({
      nodes: ["node-a", "node-b"],
      mode: "netns",
      adminSocket: "/s/run/node-agent/admin.sock",
      forwards: [],
      clusterDomain: "cluster.local",
      dnsCapture: true,
    });
  });

  test("reads lists", () => {
    const settings = readSettings({
      ...NEEDED,
      AMBIT_NODES: "one, two",
      AMBIT_FORWARDS: "80=a/b:1,81=a/c:http",
    });
    expect(settings.nodes).toEqual(["one", "two"]);
    expect(settings.forwards.map((forward) => forward.name)).toEqual(["b", "c"]);
  });

  test("names every mistake", () => {
    const wrong = {
      AMBIT_STATE_DIR: "/s",
      AMBIT_NODES: "Node_A",
      AMBIT_FORWARDS: "80",
      AMBIT_LOG_LEVEL: "loud",
    };
    expect(() => readSettings(wrong)).toThrow(
      /AMBIT_LOG_LEVEL.*AMBIT_NODES: "Node_A".*AMBIT_SOURCE_DIR is not set.*AMBIT_FORWARDS: "80"/,
    );
  });
});
