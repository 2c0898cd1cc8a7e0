import { expect, test } from "vitest";
import { seededRandom } from "@ambit/base/random.ts";
import { newTraceparent, traceIdOf } from "./traceparent.ts";

test("traceIdOf() reads what newTraceparent() made", () => {
  const text = newTraceparent(seededRandom(1));
  expect(traceIdOf(text)).toBe(text.slice(3, 35));
});

test.each([
  ["nothing", ""],
  ["another version", `01-${"a".repeat(32)}-${"b".repeat(16)}-00`],
  ["an id of zeros", `00-${"0".repeat(32)}-${"b".repeat(16)}-00`],
  ["capital letters", `00-${"A".repeat(32)}-${"b".repeat(16)}-00`],
  ["something after it", `00-${"a".repeat(32)}-${"b".repeat(16)}-00-x`],
])("traceIdOf() is undefined for %s", (_what, text) => {
  expect(traceIdOf(text)).toBeUndefined();
});
