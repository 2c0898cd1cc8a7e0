import { expect, test } from "vitest";
import { fuzz, inputOf } from "./run.ts";
import type { FuzzTarget } from "./target.ts";

/** A decoder that fails on one byte in one place. */
const PLANTED: FuzzTarget = {
  valid: () => Buffer.from("a valid input"),
  check: (input) => {
    if (input[3] === 0xff && input.length > 4) throw new RangeError("planted");
  },
};

test("fuzz() finds a planted fault, and seed and number give the same input again", async () => {
  const { done, failure } = await fuzz(PLANTED, { seed: 3, from: 0, count: 200_000 });
  expect(failure).toMatchObject({ seed: 3, index: done, reason: "planted" });
  const again = inputOf(PLANTED, 3, failure?.index ?? -1);
  expect(Buffer.from(again).equals(Buffer.from(failure?.input ?? []))).toBe(true);
});

test("fuzz() from the middle feeds what a run from the start would have fed there", async () => {
  const fed = async (from: number, count: number): Promise<string[]> => {
    const inputs: string[] = [];
    const target = {
      ...PLANTED,
      check: (input: Uint8Array) => void inputs.push(Buffer.from(input).toString("hex")),
    };
    await fuzz(target, { seed: 1, from, count });
    return inputs;
  };
  const whole = await fed(0, 60);
  expect([...(await fed(0, 25)), ...(await fed(25, 35))]).toEqual(whole);
  expect(new Set(whole).size).toBeGreaterThan(40);
});

test("fuzz() reports a property that does not hold", async () => {
  const target: FuzzTarget = {
    valid: () => Buffer.from("x"),
    check: () => undefined,
    prove: () => {
      throw new Error("not so");
    },
  };
  const { failure } = await fuzz(target, { seed: 1, from: 0, count: 100 });
  expect(failure).toMatchObject({ index: 0, reason: "not so", input: new Uint8Array() });
});

test("fuzz() ends when its time is over", async () => {
  let asked = 0;
  const { done } = await fuzz(PLANTED, { seed: 2, from: 0, count: 1_000, isOver: () => asked++ === 2 });
  expect(done).toBe(32);
});
