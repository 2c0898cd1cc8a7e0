import { expect, test } from "vitest";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { MemoryReturn, type MemoryReturnOptions } from "./memory-return.ts";

const MIB = 1024 * 1024;
/** What files back of a process's memory. */
const FILES = 20 * MIB;

/** A thread of a process whose garbage is gone after a collection. */
function thread(options: MemoryReturnOptions = { quietShare: 0.25 }): {
  clock: FakeClock;
  /** `left`: what a collection leaves. */
  seen: { resident: number; left: number; old: number; cpuMs: number; done: string[] };
} {
  const clock = new FakeClock();
  const seen = { resident: 100 * MIB, left: 40 * MIB, old: 10 * MIB, cpuMs: 0, done: new Array<string>() };
  const collect = (): void => {
    seen.done.push("collect");
    seen.cpuMs += 10_000;
    seen.resident = seen.left;
  };
  const deps = {
    clock,
    memory: () => ({ resident: seen.resident, anonymous: seen.resident - FILES }),
    oldBytes: () => seen.old,
    cpuMs: () => seen.cpuMs,
    collect,
    trim: () => void seen.done.push("trim"),
  };
  new MemoryReturn(options, deps).start();
  return { clock, seen };
}

test("a quiet thread gives back what it does not need, once", async () => {
  const { clock, seen } = thread();
  await clock.advance(60_000);
  expect(seen.done).toEqual(["collect", "trim"]);
  seen.resident = 42 * MIB;
  await clock.advance(60_000);
  expect(seen.done).toHaveLength(2);
  seen.resident = 43 * MIB;
  await clock.advance(60_000);
  expect(seen.done).toHaveLength(4);
});

test("what nothing can be taken of is collected ever more seldom", async () => {
  const { clock, seen } = thread();
  await clock.advance(40_000);
  const count = (): number => seen.done.filter((each) => each === "trim").length;
  expect(count()).toBe(1);
  for (let minute = 0; minute < 60; minute++) {
    for (let look = 0; look < 3; look++) {
      seen.resident = 90 * MIB;
      await clock.advance(20_000);
    }
  }
  expect(count()).toBeGreaterThan(4);
  expect(count()).toBeLessThan(12);
});

test("a second collection follows one that found much still in use", async () => {
  const { clock, seen } = thread();
  await clock.advance(40_000);
  Object.assign(seen, { resident: 300 * MIB, left: 90 * MIB });
  await clock.advance(20_000);
  expect(seen.resident).toBe(90 * MIB);
  seen.left = 42 * MIB;
  await clock.advance(20_000);
  expect(seen.resident).toBe(42 * MIB);
});

test("garbage that has grown old is collected long before the process has grown by it", async () => {
  const { clock, seen } = thread();
  await clock.advance(60_000);
  expect(seen.done).toHaveLength(2);
  seen.old = 10.9 * MIB;
  await clock.advance(60_000);
  expect(seen.done).toHaveLength(2);
  seen.old = 11.1 * MIB;
  await clock.advance(20_000);
  expect(seen.done).toHaveLength(4);
  // That is what lives: only more than it is looked at again.
  await clock.advance(600_000);
  expect(seen.done).toHaveLength(4);
});

test("after ordinary load memory goes back once the thread is at rest, a flood's at the first quiet look", async () => {
  const { clock, seen } = thread({ quietShare: 0.25, restShare: 0.02 });
  const count = (): number => seen.done.filter((each) => each === "trim").length;
  const look = async (cpuMs: number): Promise<void> => {
    seen.cpuMs += cpuMs;
    await clock.advance(20_000);
  };
  await look(0);
  await look(0);
  expect(count()).toBe(1);
  Object.assign(seen, { resident: 48 * MIB, old: 20 * MIB });
  for (let period = 0; period < 10; period++) await look(500);
  await look(0);
  await look(0);
  expect(count()).toBe(1);
  await look(0);
  expect(count()).toBe(2);
  await look(0);
  seen.resident = 61 * MIB;
  await look(500);
  expect(count()).toBe(3);
});

test("a busy thread is left alone until it is quiet", async () => {
  const { clock, seen } = thread();
  for (let period = 0; period < 5; period++) {
    seen.cpuMs += 6_000;
    await clock.advance(20_000);
  }
  expect(seen.done).toEqual([]);
  await clock.advance(20_000);
  expect(seen.done).toEqual(["collect", "trim"]);
});

test("memory of this very process is taken back from its heap", async () => {
  const clock = new FakeClock();
  new MemoryReturn(
    { quietShare: Number.POSITIVE_INFINITY },
    {
      clock,
      memory: () => {
        const { heapTotal } = process.memoryUsage();
        return { resident: heapTotal, anonymous: heapTotal };
      },
    },
  ).start();
  await clock.advance(40_000);
  let hoard: unknown[] | undefined = Array.from({ length: 1_000_000 }, (_, index) => ({ index }));
  expect(hoard).toHaveLength(1_000_000);
  const before = process.memoryUsage().heapTotal;
  hoard = undefined;
  await clock.advance(20_000);
  expect(process.memoryUsage().heapTotal).toBeLessThan(before - 20 * MIB);
});
