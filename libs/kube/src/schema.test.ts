import { describe, expect, test } from "vitest";
import { formatPath, nearest, optional, record, Report, required, withDefault } from "./schema.ts";
import { dictionary, flag, integer, ipBlock, labels, list, oneOf, text } from "./scalars.ts";

const strict = (): Report => new Report({ strict: true });

describe("record()", () => {
  const schema = record(
    { a: required(text()), b: optional(flag), c: withDefault(list(text()), () => ["x"]) },
    { ignored: ["d"] },
  );

  test("fills in defaults, accepts null as absent and ignored fields", () => {
    const report = strict();
    expect(schema({ a: "1", b: null, d: 7 }, undefined, report)).toEqual({ a: "1", b: undefined, c: ["x"] });
    expect(report.problems).toEqual([]);
  });

  test("reports everything that is wrong at once", () => {
    const report = strict();
    expect(schema({ b: "yes", c: [1, "y", 2], e: 1 }, undefined, report)).toBeUndefined();
    expect(report.problems.map(({ code, path }) => `${code} ${formatPath(path)}`.trimEnd())).toEqual([
      "AMB0005",
      "AMB0006 b",
      "AMB0006 c[0]",
      "AMB0006 c[2]",
      "AMB0004 e",
    ]);
  });

  test("an unknown field is an error where access is decided, a warning elsewhere", () => {
    const lenient = new Report({ strict: false });
    expect(schema({ a: "1", e: 1 }, undefined, lenient)).toBeDefined();
    expect(lenient.failed).toBe(false);
    const report = strict();
    schema({ a: "1", e: 1 }, undefined, report);
    expect(report.failed).toBe(true);
  });

  test("properties every object inherits are not fields", () => {
    const report = strict();
    expect(record({ toString: optional(text()) })({}, undefined, report)).toEqual({ toString: undefined });
    record({})({ constructor: 1 }, undefined, report);
    expect(report.problems).toHaveLength(1);
  });
});

describe("scalars", () => {
  test.each([
    [integer({ min: 1, max: 3 }), 1, true],
    [integer({ min: 1, max: 3 }), 3, true],
    [integer({ min: 1, max: 3 }), 0, false],
    [integer({ min: 1, max: 3 }), 4, false],
    [integer({ min: 1, max: 3 }), 1.5, false],
    [integer({ min: 1, max: 3 }), "2", false],
    [oneOf(["A", "B"]), "A", true],
    [oneOf(["A", "B"]), "a", false],
    [ipBlock, "10.0.0.0/8", true],
    [ipBlock, "fd00::1", true],
    [ipBlock, "10.0.0.0/33", false],
    [ipBlock, "example.com", false],
    [text({ maxLength: 2 }), "ab", true],
    [text({ maxLength: 2 }), "abc", false],
    [labels, { "a.b/c": "d", e: "" }, true],
    [labels, { "-a": "b" }, false],
    [labels, { a: "x".repeat(63) }, true],
    [labels, { a: "x".repeat(64) }, false],
  ] as const)("%# accepts or refuses %j", (schema, value, accepted) => {
    const report = strict();
    const read = (schema as (v: unknown, p: undefined, r: Report) => unknown)(value, undefined, report);
    expect(read !== undefined).toBe(accepted);
    expect(report.failed).toBe(!accepted);
  });

  test("dictionary() has no prototype to fall through to", () => {
    const read = dictionary(text())({ a: "1" }, undefined, strict());
    expect(read?.["toString"]).toBeUndefined();
  });
});

describe("nearest()", () => {
  test("finds a word within two edits, and none beyond", () => {
    expect(nearest("acton", ["action", "rules"])).toBe("action");
    expect(nearest("Action", ["action"])).toBe("action");
    expect(nearest("something", ["action", "rules"])).toBeUndefined();
  });
});
