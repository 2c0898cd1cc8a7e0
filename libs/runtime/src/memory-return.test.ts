import { expect, test } from "vitest";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { MemoryReturn } from "./memory-return.ts";

const MIB = 1024 * 1024;

/** A thread of a process whose garbage is gone after a collection. */
function thread(): {
  clock: FakeClock;
  seen: { resident: number; cpuMs: number; done: string[] };
} {
  const clock = new FakeClock();
  const seen = { resident: 100 * MIB, cpuMs: 0, done: new Array<string>() };
  const collect = (): void => {
    seen.done.push("collect");
    seen.cpuMs += 10_000;
    seen.resident = 40 * MIB;
  };
  const deps = {
    clock,
    resident: () => seen.resident,
    cpuMs: () => seen.cpuMs,
    collect,
    trim: () => void seen.done.push("trim"),
  };
  new MemoryReturn({ quietShare: 0.25 }, deps).start();
  return { clock, seen };
}

test("a quiet thread gives back what it does not need, once", async () => {
  const { clock, seen } = thread();
  await clock.advance(60_000);
  expect(seen.done).toEqual(["collect", "trim"]);
  seen.resident = 44 * MIB;
  await clock.advance(60_000);
  expect(seen.done).toHaveLength(2);
  seen.resident = 45 * MIB;
  await clock.advance(60_000);
  expect(seen.done).toHaveLength(4);
});

test("what nothing can be taken of is not collected again and again", async () => {
  const { clock, seen } = thread();
  await clock.advance(20_000);
  seen.resident = 90 * MIB;
  await clock.advance(600_000);
  expect(seen.done).toHaveLength(2);
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
    { clock, resident: () => process.memoryUsage().heapTotal },
  ).start();
  await clock.advance(40_000);
  let hoard: unknown[] | undefined = Array.from({ length: 1_000_000 }, (_, index) => ({ index }));
  expect(hoard).toHaveLength(1_000_000);
  const before = process.memoryUsage().heapTotal;
  hoard = undefined;
  await clock.advance(20_000);
  expect(process.memoryUsage().heapTotal).toBeLessThan(before - 20 * MIB);
});
