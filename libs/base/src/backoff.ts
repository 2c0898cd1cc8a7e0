import type { Random } from "./random.ts";

/** Growth of a retry delay; all times in milliseconds. */
export interface BackoffOptions {
  readonly initialMs: number;
  readonly maxMs: number;
  /** @default 2 */
  readonly factor?: number;
  /** Share of the delay added or taken at random, 0 to 1. @default 0.2 */
  readonly jitter?: number;
}

/** An exponential delay with jitter; `reset` after a success. */
export class Backoff {
  readonly #options: BackoffOptions;
  readonly #random: Random;
  #attempt = 0;

  constructor(options: BackoffOptions, random: Random) {
    this.#options = options;
    this.#random = random;
  }

  /** How many delays were handed out since the last reset. */
  get attempt(): number {
    return this.#attempt;
  }

  /** The next delay in milliseconds, never above `maxMs`. */
  next(): number {
    const { initialMs, maxMs, factor = 2, jitter = 0.2 } = this.#options;
    const base = Math.min(maxMs, initialMs * factor ** this.#attempt);
    this.#attempt++;
    return Math.min(maxMs, base * (1 + jitter * (this.#random.next() * 2 - 1)));
  }

  reset(): void {
    this.#attempt = 0;
  }
}
