/** Waiting connections first, then new workloads, then renewals. */
export type FetchPriority = "real-time" | "warmup" | "background";

const LEVELS: readonly FetchPriority[] = ["real-time", "warmup", "background"];

/** Names that wait for their turn: the most urgent first, first come first served among equals, so many at once. */
export class FetchQueue {
  readonly #parallel: number;
  readonly #run: (name: string) => Promise<void>;
  // A Set keeps the order of arrival and forgets a name in constant time.
  readonly #waiting: Readonly<Record<FetchPriority, Set<string>>> = {
    "real-time": new Set(),
    warmup: new Set(),
    background: new Set(),
  };
  #running = 0;

  /** `run` must not reject. */
  constructor(parallel: number, run: (name: string) => Promise<void>) {
    this.#parallel = parallel;
    this.#run = run;
  }

  has(name: string): boolean {
    return this.#levelOf(name) !== undefined;
  }

  /** Queues a name; one that waits already moves up when this is more urgent, and never down. */
  add(name: string, priority: FetchPriority): void {
    const level = this.#levelOf(name);
    if (level !== undefined) {
      if (LEVELS.indexOf(level) <= LEVELS.indexOf(priority)) return;
      this.#waiting[level].delete(name);
    }
    this.#waiting[priority].add(name);
    this.#pump();
  }

  remove(name: string): void {
    const level = this.#levelOf(name);
    if (level !== undefined) this.#waiting[level].delete(name);
  }

  #levelOf(name: string): FetchPriority | undefined {
    return LEVELS.find((level) => this.#waiting[level].has(name));
  }

  #pump(): void {
    while (this.#running < this.#parallel) {
      const level = LEVELS.find((candidate) => this.#waiting[candidate].size > 0);
      if (level === undefined) return;
      const [name = ""] = this.#waiting[level];
      this.#waiting[level].delete(name);
      this.#running++;
      void this.#run(name).finally(() => {
        this.#running--;
        this.#pump();
      });
    }
  }
}
