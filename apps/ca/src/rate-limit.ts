import type { Clock } from "@ambit/base/clock.ts";

/** A token bucket per caller; buckets of callers that went quiet are forgotten. */
export class RateLimit {
  readonly #perSecond: number;
  readonly #clock: Clock;
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  constructor(perSecond: number, deps: { clock: Clock }) {
    this.#perSecond = perSecond;
    this.#clock = deps.clock;
  }

  /** True when the caller may go on. */
  take(caller: string): boolean {
    const now = this.#clock.monotonic();
    if (this.#buckets.size > 10_000) this.#forgetQuiet(now);
    const bucket = this.#buckets.get(caller) ?? { tokens: this.#perSecond, at: now };
    bucket.tokens = Math.min(this.#perSecond, bucket.tokens + ((now - bucket.at) / 1000) * this.#perSecond);
    bucket.at = now;
    this.#buckets.set(caller, bucket);
    if (bucket.tokens < 1) return false;
    bucket.tokens--;
    return true;
  }

  #forgetQuiet(now: number): void {
    for (const [caller, bucket] of this.#buckets) if (now - bucket.at > 1_000) this.#buckets.delete(caller);
  }
}
