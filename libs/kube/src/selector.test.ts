import { describe, expect, test } from "vitest";
import { matchesLabels, matchesSelector } from "./selector.ts";

describe("matchesLabels()", () => {
  test("wants every label with its value", () => {
    expect(matchesLabels({}, {})).toBe(true);
    expect(matchesLabels({ a: "1" }, { a: "1", b: "2" })).toBe(true);
    expect(matchesLabels({ a: "1", b: "3" }, { a: "1", b: "2" })).toBe(false);
    expect(matchesLabels({ a: "" }, {})).toBe(false);
  });
});

describe("matchesSelector()", () => {
  test.each([
    ["In", ["1"], { a: "1" }, true],
    ["In", ["1"], {}, false],
    ["NotIn", ["1"], { a: "1" }, false],
    ["NotIn", ["1"], {}, true],
    ["Exists", [], { a: "" }, true],
    ["Exists", [], {}, false],
    ["DoesNotExist", [], {}, true],
    ["DoesNotExist", [], { a: "1" }, false],
  ] as const)("%s %j with labels %j is %s", (operator, values, labels, expected) => {
    const selector = { matchLabels: {}, matchExpressions: [{ key: "a", operator, values }] };
    expect(matchesSelector(selector, labels)).toBe(expected);
  });
});
