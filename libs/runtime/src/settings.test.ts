import { expect, test } from "vitest";
import { parseDurationMs, SettingsError, SettingsReader } from "./settings.ts";

test("finish() reports every mistake at once", () => {
  const reader = new SettingsReader({ PORT: "99999", FLAG: "maybe", TTL: "soon", MODE: "c" });
  reader.port("PORT", 1);
  reader.flag("FLAG", false);
  reader.durationMs("TTL", 1);
  reader.oneOf("MODE", ["a", "b"], "a");
  reader.text("NAME");
  try {
    reader.finish();
    expect.unreachable();
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(SettingsError);
    expect((thrown as SettingsError).problems).toEqual([
      'PORT: "99999" is not a whole number from 0 to 65535',
      'FLAG: "maybe" is neither true nor false',
      'TTL: "soon" is no duration; write for example 30s, 5m or 24h',
      'MODE: "c" is none of a, b',
      "NAME is not set",
    ]);
  }
});

test("methods take defaults for unset and empty values", () => {
  const reader = new SettingsReader({ EMPTY: "" });
  expect(reader.text("EMPTY", "x")).toBe("x");
  expect(reader.port("EMPTY", 8)).toBe(8);
  expect(reader.flag("NOT", true)).toBe(true);
  expect(reader.list("EMPTY")).toEqual([]);
  reader.finish();
});

test("withPrefix() gives the rest of the names", () => {
  const reader = new SettingsReader({ XDS_HEADER_A: "1", XDS_HEADER_B: "2", OTHER: "3" });
  expect([...reader.withPrefix("XDS_HEADER_")]).toEqual([
    ["A", "1"],
    ["B", "2"],
  ]);
});

test.each([
  ["20s", 20_000],
  ["500ms", 500],
  ["1h30m", 5_400_000],
  ["90", 90_000],
  ["1.5s", 1500],
])("parseDurationMs() reads %s", (text, expected) => expect(parseDurationMs(text)).toBe(expected));

test.each(["", "s", "5x", "-1s", "1 h"])("parseDurationMs() refuses %j", (text) =>
  expect(parseDurationMs(text)).toBeUndefined(),
);
