import type { Clock, Timer } from "@ambit/base/clock.ts";

/**
 * Lets a few of many go at a time, in the order in which they came. Who holds a turn too long (a slow client) keeps going
 * but is no longer counted, so that nobody waits for it.
 */
export class Turns {
  readonly #options: { readonly atOnce: number; readonly patienceMs: number };
  readonly #clock: Clock;
  readonly #holders = new Map<object, Timer>();
  readonly #waiting = new Map<object, () => void>();

  constructor(options: { readonly atOnce: number; readonly patienceMs: number }, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  /** True when `who` may go now; otherwise it waits, and `go` is called once when it may. */
  take(who: object, go: () => void): boolean {
    if (this.#holders.size < this.#options.atOnce) {
      this.#hold(who);
      return true;
    }
    this.#waiting.set(who, go);
    return false;
  }

  /** `who` has finished, or no longer wants to go; harmless when it holds nothing. */
  release(who: object): void {
    this.#waiting.delete(who);
    this.#holders.get(who)?.cancel();
    if (!this.#holders.delete(who)) return;
    for (const [next, go] of this.#waiting) {
      if (this.#holders.size >= this.#options.atOnce) return;
      this.#waiting.delete(next);
      this.#hold(next);
      go();
    }
  }

  #hold(who: object): void {
    const timer = this.#clock.after(this.#options.patienceMs, () => this.release(who), true);
    this.#holders.set(who, timer);
  }
}
