import { readFileSync } from "node:fs";
import v8 from "node:v8";
import vm from "node:vm";
import type { Clock } from "@ambit/base/clock.ts";

export interface MemoryReturnOptions {
  /** A thread that uses more of a core than this is left alone. */
  readonly quietShare: number;
  /** One that uses no more than this is at rest. @default `quietShare` */
  readonly restShare?: number;
}

/** What a process holds beside V8's heaps, and how it is given back. */
export interface NativeMemory {
  /** Gives free memory of the C library's heaps back. */
  trim(): void;
  /** Unmaps the program's own code and constants; what is used again is mapped again. */
  dropProgram(): void;
}

export interface MemoryReturnDeps {
  readonly clock: Clock;
  /** @default nothing of that kind is given back */
  readonly native?: NativeMemory;
  /** Undefined when it cannot be told: nothing is given back at that look. */
  readonly memory?: () => ProcessMemory | undefined;
  /** Bytes of this thread's heap that have outlived young collections. */
  readonly oldBytes?: () => number;
  /** Milliseconds of a core that this thread has used. */
  readonly cpuMs?: () => number;
  /** Collects everything and gives the pages back; takes about a millisecond for each MiB that lives. */
  readonly collect?: () => void;
}

/** Resident bytes of a process. */
export interface ProcessMemory {
  /** Heaps and stacks. */
  readonly anonymous: number;
  /** Pages of files, the program's above all. */
  readonly files: number;
}

const PERIOD_MS = 20_000;

/** Looks in a row, a minute of them, after which a thread is taken for quiet or at rest. */
const LOOKS = 3;

/** Quiet looks in a row, without a collection among them, after which a thread with some work may keep no more than one at rest. */
const MANY_LOOKS = 6;

/**
 * On a quiet thread, anonymous memory may have grown by this much over the least that a collection left; more is a flood's.
 * Ordinary load makes it grow by two fifths.
 */
const FLOOD_GROWTH = 1.5;

/**
 * At rest, memory may stay grown by this much, and so may what of the heap has outlived young collections. Much of that is garbage,
 * and V8 itself would wait until it has grown by 8 MiB or by half, which on a quiet thread takes hours.
 */
const REST_GROWTH = 1.1;

/** A collection that changes less than this was for nothing: the next one waits twice as long, at most an hour. */
const WORTH = 0.95;
const MAX_WAIT_LOOKS = 180;

/**
 * Gives memory back that a busy hour has left behind. V8 collects when a thread allocates, so one that has been flooded
 * and is quiet since keeps what the flood has taken; the C library keeps what connections had; and the start alone maps
 * twice as much of the program as is used afterwards. One for each thread; looks every 20 s, and only while the thread is
 * quiet, since everything stands still meanwhile. What is less than a flood's goes back once the thread is at rest, or has been
 * quiet for long: such a collection drops compiled code too, which the next connections pay for.
 */
export class MemoryReturn {
  readonly #options: Required<MemoryReturnOptions>;
  readonly #deps: Required<MemoryReturnDeps>;
  #cpuBefore = 0;
  /** Looks in a row that found the thread quiet, and at rest. */
  #quietLooks = 0;
  #restLooks = 0;
  /** Those of the quiet ones that came after the last collection. */
  #keptLooks = 0;
  /** The least of each that was there after it had been given back. */
  #leastAnonymous = 0;
  #leastFiles = 0;
  /** What the last collection left of the heap. */
  #oldLeft = Infinity;
  /** What there was before the collection that is to be judged at this look: pages go back with a delay. */
  #before: number | undefined;
  #hasDropped = false;
  /** Looks from a collection to the next. */
  #wait = 1;
  #waited = 1;

  constructor(options: MemoryReturnOptions, deps: MemoryReturnDeps) {
    this.#options = { restShare: options.quietShare, ...options };
    this.#deps = {
      native: { trim: () => undefined, dropProgram: () => undefined },
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
    const { cpuMs, memory } = this.#deps;
    const { quietShare, restShare } = this.#options;
    const share = (cpuMs() - this.#cpuBefore) / PERIOD_MS;
    this.#quietLooks = share < quietShare ? this.#quietLooks + 1 : 0;
    this.#keptLooks = share < quietShare ? this.#keptLooks + 1 : 0;
    this.#restLooks = share < restShare ? this.#restLooks + 1 : 0;
    const now = memory();
    if (now !== undefined) {
      this.#judge(now);
      if (this.#quietLooks >= LOOKS) this.#giveBack(now, this.#restLooks >= LOOKS);
    }
    // Not its own work: the next look would find the thread busy.
    this.#cpuBefore = cpuMs();
  }

  /** What the last look gave back is gone by now. */
  #judge(now: ProcessMemory): void {
    this.#waited++;
    if (this.#hasDropped) this.#leastFiles = lesser(this.#leastFiles, now.files);
    this.#hasDropped = false;
    if (this.#before === undefined) return;
    const wasWorth = now.anonymous < this.#before * WORTH;
    this.#wait = wasWorth ? 1 : Math.min(this.#wait * 2, MAX_WAIT_LOOKS);
    this.#waited = 1;
    this.#leastAnonymous = lesser(this.#leastAnonymous, now.anonymous);
    this.#before = undefined;
  }

  #giveBack(now: ProcessMemory, isAtRest: boolean): void {
    const { native, oldBytes, collect } = this.#deps;
    const growth = isAtRest || this.#keptLooks >= MANY_LOOKS ? REST_GROWTH : FLOOD_GROWTH;
    const hasGrown = this.#waited >= this.#wait && now.anonymous > this.#leastAnonymous * growth;
    if (hasGrown || (isAtRest && oldBytes() > this.#oldLeft * REST_GROWTH)) {
      collect();
      native.trim();
      this.#keptLooks = 0;
      this.#oldLeft = oldBytes();
      if (hasGrown) this.#before = now.anonymous;
    }
    if (isAtRest && now.files > this.#leastFiles * REST_GROWTH) {
      native.dropProgram();
      this.#hasDropped = true;
    }
  }
}

/** Nothing is known of a 0. */
function lesser(known: number, now: number): number {
  return known === 0 ? now : Math.min(known, now);
}

/** Undefined when there is no descriptor left to look with. Where there is no procfs(5), everything is taken for anonymous. */
function memoryOfProcess(): ProcessMemory | undefined {
  try {
    const resident = process.memoryUsage.rss();
    const status = process.platform === "linux" ? readFileSync("/proc/self/status", "utf8") : "";
    const [, kib] = /^RssAnon:\s+(\d+) kB$/m.exec(status) ?? [];
    const anonymous = kib === undefined ? resident : Number(kib) * 1024;
    return { anonymous, files: Math.max(0, resident - anonymous) };
  } catch {
    return undefined;
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
