import { describe, expect, test } from "vitest";
import { LineSplitter } from "./line-splitter.ts";

function lines(text: string, step: number, maxBytes = 100): readonly string[] {
  const splitter = new LineSplitter(maxBytes);
  const bytes = Buffer.from(text);
  const found: string[] = [];
  for (let at = 0; at < bytes.length; at += step) found.push(...splitter.push(bytes.subarray(at, at + step)));
  return found;
}

describe("LineSplitter", () => {
  test.each([1, 2, 1_000])("push() finds the same lines in pieces of %i bytes", (step) => {
    expect(lines("one\n\r\ntwo é\r\n  \nthree\nrest", step)).toEqual(["one", "two é", "three"]);
  });

  test.each([1, 2, 1_000])(
    "push() takes a line of exactly the limit and refuses one byte more, in pieces of %i",
    (step) => {
      expect(lines(`${"x".repeat(9)}\n${"x".repeat(10)}\n`, step, 10)).toHaveLength(2);
      const refused = expect.objectContaining({ code: "too-large" }) as Error;
      expect(() => lines(`${"x".repeat(11)}\n`, step, 10)).toThrow(refused);
      expect(() => lines("x".repeat(11), step, 10)).toThrow(refused);
    },
  );
});
