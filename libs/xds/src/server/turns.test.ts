import { describe, expect, test } from "vitest";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { Turns } from "./turns.ts";

function bench() {
  const clock = new FakeClock();
  const turns = new Turns({ atOnce: 2, patienceMs: 1_000 }, clock);
  const gone: string[] = [];
  const people = new Map(["a", "b", "c", "d"].map((name) => [name, { name }]));
  const take = (name: string): boolean => turns.take(people.get(name) ?? {}, () => gone.push(name));
  const release = (name: string): void => turns.release(people.get(name) ?? {});
  return { clock, gone, take, release };
}

describe("Turns", () => {
  test("take() lets as many go as may, the others in their order when one has finished", () => {
    const { gone, take, release } = bench();
    expect(["a", "b", "c", "d"].map(take)).toEqual([true, true, false, false]);
    release("b");
    expect(gone).toEqual(["c"]);
    release("a");
    expect(gone).toEqual(["c", "d"]);
  });

  test("release() of one that still waits takes it out of the row", () => {
    const { gone, take, release } = bench();
    for (const name of ["a", "b", "c", "d"]) take(name);
    release("c");
    expect(gone).toEqual([]);
    release("a");
    expect(gone).toEqual(["d"]);
  });

  test("who holds a turn too long is no longer waited for", async () => {
    const { clock, gone, take } = bench();
    for (const name of ["a", "b", "c"]) take(name);
    await clock.advance(1_000);
    expect(gone).toEqual(["c"]);
    expect(take("d")).toBe(true);
  });
});
