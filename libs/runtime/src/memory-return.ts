import { readFileSync } from "node:fs";
import v8 from "node:v8";
import vm from "node:vm";
import type { Clock } from "@ambit/base/clock.ts";

export interface MemoryReturnOptions {
  /** A thread that uses more of a core than this is left alone. */
  readonly quietShare: number;
  /** One that for a minute has used no more than this is at rest. @default `quietShare` */
  readonly restShare?: number;
}

export interface MemoryReturnDeps {
  readonly clock: Clock;
  /** Gives back what is not V8's, after a collection. @default nothing is */
  readonly trim?: () => void;
  readonly memory?: () => ProcessMemory;
  /** Bytes of this thread's heap that have outlived young collections. */
  readonly oldBytes?: () => number;
  /** Milliseconds of a core that this thread has used. */
  readonly cpuMs?: () => number;
  /** Collects everything and gives the pages back; takes about a millisecond for each MiB that lives. */
  readonly collect?: () => void;
}

/** Bytes of a process. */
export interface ProcessMemory {
  readonly resident: number;
  /** What of it no file backs: heaps and stacks. */
  readonly anonymous: number;
}

const PERIOD_MS = 20_000;

/**
 * A process whose anonymous memory has grown by this much over the least that a collection left has been flooded: it goes
 * back at the first quiet look. Ordinary load makes it grow by less than half.
 */
const FLOOD_GROWTH = 2;

/** At rest a process may stay grown by this much. */
const GROWTH = 1.05;

/**
 * At rest, what has outlived young collections may stay grown by this much over what a collection left. Much of it is
 * garbage, and V8 itself would wait until it has grown by 8 MiB or by half, which on a quiet thread takes hours.
 */
const OLD_GROWTH = 1.1;

/** Looks without work after which a thread is at rest. */
const REST_LOOKS = 3;

/** A collection that changes less than this was for nothing: the next one waits twice as long, at most an hour. */
const WORTH = 0.95;
const MAX_WAIT_LOOKS = 180;

/**
 * Gives memory back that a busy hour has left behind. V8 collects when a thread allocates, so one that has been flooded
 * and is quiet since keeps what the flood has taken; the C library keeps what connections had. One for each thread; looks
 * every 20 s, and only while the thread is quiet, since everything stands still meanwhile. What is less than a flood's goes
 * back once the thread is at rest: such a collection drops compiled code too, which the next connections would pay for.
 */
export class MemoryReturn {
  readonly #options: MemoryReturnOptions;
  readonly #deps: Required<MemoryReturnDeps>;
  #cpuBefore = 0;
  /** Looks in a row that found the thread at rest. */
  #restLooks = 0;
  /** The least that a collection left. */
  #least: ProcessMemory = { resident: 0, anonymous: 0 };
  /** What the last collection left of the heap. */
  #oldLeft = Infinity;
  /** What there was before the collection that is to be judged at this look: pages go back with a delay. */
  #before: ProcessMemory | undefined;
  /** Looks from a collection to the next. */
  #wait = 1;
  #waited = 1;

  constructor(options: MemoryReturnOptions, deps: MemoryReturnDeps) {
    this.#options = options;
    this.#deps = {
      trim: () => undefined,
      memory: memoryOfProcess,
      oldBytes: oldBytesOfThread,
      cpuMs: cpuOfThread,
      collect: collectAll,
      ...deps,
    };
  }

  start(): void {
    const { clock, cpuMs } = this.#deps;
    this.#cpuBefore = cpuMs();
    clock.every(PERIOD_MS, () => this.#look(), true);
  }

  #look(): void {
    const { cpuMs, memory, oldBytes, collect, trim } = this.#deps;
    const { quietShare, restShare = quietShare } = this.#options;
    const share = (cpuMs() - this.#cpuBefore) / PERIOD_MS;
    this.#restLooks = share < restShare ? this.#restLooks + 1 : 0;
    const isAtRest = this.#restLooks >= REST_LOOKS;
    const now = memory();
    if (this.#before !== undefined) {
      const wasWorth = now.resident < this.#before.resident * WORTH;
      this.#wait = wasWorth ? 1 : Math.min(this.#wait * 2, MAX_WAIT_LOOKS);
      this.#least = lesser(this.#least, now);
      this.#before = undefined;
      this.#waited = 0;
    }
    this.#waited++;
    const hasGrown = isAtRest
      ? now.resident > this.#least.resident * GROWTH
      : now.anonymous > this.#least.anonymous * FLOOD_GROWTH;
    const isLarge = hasGrown && this.#waited >= this.#wait;
    const isDue = isLarge || (isAtRest && oldBytes() > this.#oldLeft * OLD_GROWTH);
    if (share < quietShare && isDue) {
      collect();
      trim();
      this.#oldLeft = oldBytes();
      if (isLarge) this.#before = now;
    }
    // Not its own work: the next look would find the thread busy.
    this.#cpuBefore = cpuMs();
  }
}

/** The lesser of each; nothing is known of a 0. */
function lesser(left: ProcessMemory, right: ProcessMemory): ProcessMemory {
  return {
    resident: Math.min(left.resident || Infinity, right.resident),
    anonymous: Math.min(left.anonymous || Infinity, right.anonymous),
  };
}

/** Where there is no procfs(5), everything is taken for anonymous. */
function memoryOfProcess(): ProcessMemory {
  const resident = process.memoryUsage.rss();
  try {
    const [, kib] = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
    return { resident, anonymous: kib === undefined ? resident : Number(kib) * 1024 };
  } catch {
    return { resident, anonymous: resident };
  }
}

function cpuOfThread(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function oldBytesOfThread(): number {
  let bytes = 0;
  for (const { space_name: name, space_used_size: used } of v8.getHeapSpaceStatistics())
    if (!name.startsWith("new_")) bytes += used;
  return bytes;
}

let gc: NodeJS.GCFunction | undefined;

/** By V8's own collector; it is in every V8, but only a context made after the flag was set sees it. */
function collectAll(): void {
  if (gc === undefined) {
    v8.setFlagsFromString("--expose-gc");
    gc = vm.runInNewContext("gc") as NodeJS.GCFunction;
  }
  gc({ type: "major", execution: "sync", flavor: "last-resort" });
}
