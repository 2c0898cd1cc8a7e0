import v8 from "node:v8";
import vm from "node:vm";
import type { Clock } from "@ambit/base/clock.ts";

export interface MemoryReturnOptions {
  /** A thread that uses more of a core than this is left alone. */
  readonly quietShare: number;
}

export interface MemoryReturnDeps {
  readonly clock: Clock;
  /** Gives back what is not V8's, after a collection. @default nothing is */
  readonly trim?: () => void;
  /** Resident memory of the process, bytes. */
  readonly resident?: () => number;
  /** Milliseconds of a core that this thread has used. */
  readonly cpuMs?: () => number;
  /** Collects everything and gives the pages back; takes about a millisecond for each MiB that lives. */
  readonly collect?: () => void;
}

const PERIOD_MS = 20_000;

/** Memory may grow by this much over what the last collection left. */
const GROWTH = 1.1;

/**
 * Gives memory back that a busy hour has left behind. V8 collects when a thread allocates, so one that has been flooded
 * and is quiet since keeps what the flood has taken; the C library keeps what connections had. One for each thread; looks
 * every 20 s, and only while the thread is quiet, since everything stands still meanwhile.
 */
export class MemoryReturn {
  readonly #options: MemoryReturnOptions;
  readonly #deps: Required<MemoryReturnDeps>;
  #cpuBefore = 0;
  /** What the last collection left; undefined until the look after it, as pages go back with a delay. */
  #left: number | undefined = 0;

  constructor(options: MemoryReturnOptions, deps: MemoryReturnDeps) {
    this.#options = options;
    this.#deps = {
      trim: () => undefined,
      resident: () => process.memoryUsage.rss(),
      cpuMs: cpuOfThread,
      collect: collector(),
      ...deps,
    };
  }

  start(): void {
    const { clock, cpuMs } = this.#deps;
    this.#cpuBefore = cpuMs();
    clock.every(PERIOD_MS, () => this.#look(), true);
  }

  #look(): void {
    const { cpuMs, resident, collect, trim } = this.#deps;
    const isQuiet = cpuMs() - this.#cpuBefore < PERIOD_MS * this.#options.quietShare;
    if (this.#left === undefined) this.#left = resident();
    else if (isQuiet && resident() > this.#left * GROWTH) {
      collect();
      trim();
      this.#left = undefined;
    }
    // Not its own work: the next look would find the thread busy.
    this.#cpuBefore = cpuMs();
  }
}

function cpuOfThread(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** V8's own collector; it is in every V8, but only a context made after the flag was set sees it. */
function collector(): () => void {
  v8.setFlagsFromString("--expose-gc");
  const gc = vm.runInNewContext("gc") as NodeJS.GCFunction;
  return () => {
    gc({ type: "major", execution: "sync", flavor: "last-resort" });
  };
}
