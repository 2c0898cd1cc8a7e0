import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { MemoryReturn, type MemoryReturnOptions } from "./memory-return.ts";

const MIB = 1024 * 1024;

interface Seen {
  anonymous: number;
  files: number;
  /** What a collection leaves, and what is used of the program. */
  left: number;
  used: number;
  old: number;
  cpuMs: number;
  done: string[];
}

/** A thread of a process whose garbage is gone after a collection. */
function thread(options: MemoryReturnOptions = { quietShare: 0.25 }): {
  clock: FakeClock;
  seen: Seen;
  /** Goes on to the next look. */
  look: (cpuMs?: number) => Promise<void>;
  count: (what: string) => number;
} {
  const clock = new FakeClock();
  const seen: Seen = {
    anonymous: 80 * MIB,
    files: 50 * MIB,
    left: 40 * MIB,
    used: 20 * MIB,
    old: 10 * MIB,
    cpuMs: 0,
    done: [],
  };
  const deps = {
    clock,
    memory: () => ({ anonymous: seen.anonymous, files: seen.files }),
    oldBytes: () => seen.old,
    cpuMs: () => seen.cpuMs,
    collect: () => {
      seen.done.push("collect");
      seen.cpuMs += 10_000;
      seen.anonymous = seen.left;
    },
    native: {
      trim: () => void seen.done.push("trim"),
      dropProgram: () => {
        seen.done.push("drop");
        seen.files = seen.used;
      },
    },
  };
  new MemoryReturn(options, deps).start();
  return {
    clock,
    seen,
    look: (cpuMs = 0) => {
      seen.cpuMs += cpuMs;
      return clock.advance(20_000);
    },
    count: (what) => seen.done.filter((each) => each === what).length,
  };
}

test("a quiet thread gives back what it does not need, once", async () => {
  const { clock, seen } = thread();
  await clock.advance(40_000);
  expect(seen.done).toEqual([]);
  await clock.advance(60_000);
  expect(seen.done).toEqual(["collect", "trim", "drop"]);
  Object.assign(seen, { anonymous: 43 * MIB, files: 21 * MIB });
  await clock.advance(60_000);
  expect(seen.done).toHaveLength(3);
  seen.anonymous = 45 * MIB;
  await clock.advance(60_000);
  expect(seen.done).toEqual(["collect", "trim", "drop", "collect", "trim"]);
  seen.files = 23 * MIB;
  await clock.advance(60_000);
  expect(seen.done.slice(5)).toEqual(["drop"]);
});

test("what nothing can be taken of is collected ever more seldom", async () => {
  const { clock, seen, look, count } = thread();
  await clock.advance(80_000);
  expect(count("trim")).toBe(1);
  for (let period = 0; period < 180; period++) {
    seen.anonymous = 90 * MIB;
    await look();
  }
  expect(count("trim")).toBeGreaterThan(4);
  expect(count("trim")).toBeLessThan(12);
});

test("a second collection follows one that found much still in use", async () => {
  const { clock, seen, look } = thread();
  await clock.advance(80_000);
  Object.assign(seen, { anonymous: 300 * MIB, left: 90 * MIB });
  await look();
  expect(seen.anonymous).toBe(90 * MIB);
  seen.left = 42 * MIB;
  await look();
  expect(seen.anonymous).toBe(42 * MIB);
});

test("garbage that has grown old is collected long before the process has grown by it", async () => {
  const { clock, seen, count } = thread();
  await clock.advance(80_000);
  expect(count("collect")).toBe(1);
  seen.old = 10.9 * MIB;
  await clock.advance(60_000);
  expect(count("collect")).toBe(1);
  seen.old = 11.1 * MIB;
  await clock.advance(20_000);
  expect(count("collect")).toBe(2);
  // That is what lives: only more than it is looked at again.
  await clock.advance(600_000);
  expect(count("collect")).toBe(2);
});

test("a thread with some work keeps what ordinary load has left until it is at rest, and not a flood's", async () => {
  const { clock, seen, look, count } = thread({ quietShare: 0.1, restShare: 0.02 });
  await clock.advance(80_000);
  Object.assign(seen, { anonymous: 58 * MIB, files: 40 * MIB, old: 20 * MIB });
  for (let period = 0; period < 10; period++) await look(period === 4 ? 3_000 : 500);
  expect(seen.done).toHaveLength(3);
  await look(3_000);
  await look();
  await look();
  expect(seen.done).toHaveLength(3);
  await look();
  expect(seen.done.slice(3)).toEqual(["collect", "trim", "drop"]);
  seen.old = 10 * MIB;
  Object.assign(seen, { anonymous: 61 * MIB, files: 40 * MIB });
  await look(2_500);
  await look(500);
  await look(500);
  expect(count("collect")).toBe(2);
  await look(500);
  expect(count("collect")).toBe(3);
  seen.anonymous = 45 * MIB;
  for (let period = 0; period < 5; period++) await look(500);
  expect(count("collect")).toBe(3);
  await look(500);
  expect(count("collect")).toBe(4);
  expect(count("drop")).toBe(2);
});

test("a process without descriptors is looked at again later", () => {
  const script = [
    `import { openSync } from "node:fs";`,
    `import { MemoryReturn } from ${JSON.stringify(new URL("./memory-return.ts", import.meta.url).pathname)};`,
    `let look;`,
    `const clock = { every: (ms, action) => void (look = action) };`,
    `new MemoryReturn({ quietShare: Infinity }, { clock, collect: () => process.exit(2) }).start();`,
    `try { for (;;) openSync("/dev/null", "r"); } catch {}`,
    `for (let count = 0; count < 5; count++) look();`,
  ].join("\n");
  const args = ["-c", 'ulimit -n 200; exec "$0" --input-type=module -e "$1"', process.execPath, script];
  const run = spawnSync("sh", args);
  expect(run.status, run.stderr.toString()).toBe(0);
});

test("a busy thread is left alone until it is quiet", async () => {
  const { seen, look } = thread();
  for (let period = 0; period < 5; period++) await look(6_000);
  await look();
  await look();
  expect(seen.done).toEqual([]);
  await look();
  expect(seen.done).toEqual(["collect", "trim", "drop"]);
});

test("memory of this very process is taken back from its heap", async () => {
  const clock = new FakeClock();
  new MemoryReturn(
    { quietShare: Number.POSITIVE_INFINITY },
    {
      clock,
      memory: () => {
        const { heapTotal } = process.memoryUsage();
        return { anonymous: heapTotal, files: 0 };
      },
    },
  ).start();
  await clock.advance(80_000);
  let hoard: unknown[] | undefined = Array.from({ length: 1_000_000 }, (_, index) => ({ index }));
  expect(hoard).toHaveLength(1_000_000);
  const before = process.memoryUsage().heapTotal;
  hoard = undefined;
  await clock.advance(20_000);
  expect(process.memoryUsage().heapTotal).toBeLessThan(before - 20 * MIB);
});
