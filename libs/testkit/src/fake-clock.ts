import type { Clock, Timer } from "@ambit/base/clock.ts";

interface Armed {
  at: number;
  readonly order: number;
  readonly periodMs: number | undefined;
  readonly run: () => void;
}

/** A clock that stands still until it is told to go on. */
export class FakeClock implements Clock {
  readonly #armed = new Set<Armed>();
  #wall: number;
  #elapsed = 0;
  #order = 0;

  /** `start`: wall-clock time in milliseconds since the epoch. */
  constructor(start = Date.UTC(2026, 0, 1)) {
    this.#wall = start;
  }

  now(): number {
    return this.#wall + this.#elapsed;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  /** Timers that wait, for tests that assert that one was armed. */
  get armed(): number {
    return this.#armed.size;
  }

  after(delayMs: number, run: () => void): Timer {
    return this.#arm(Math.max(0, delayMs), undefined, run);
  }

  every(periodMs: number, run: () => void): Timer {
    return this.#arm(periodMs, Math.max(1, periodMs), run);
  }

  /** Sets the wall clock forward or back without letting time pass. */
  jump(milliseconds: number): void {
    this.#wall += milliseconds;
  }

  /** Lets time pass, running timers in order and letting promises settle between them. */
  async advance(milliseconds: number): Promise<void> {
    const target = this.#elapsed + milliseconds;
    await settle();
    for (;;) {
      const next = [...this.#armed].toSorted(
        (left, right) => left.at - right.at || left.order - right.order,
      )[0];
      if (next === undefined || next.at > target) break;
      this.#elapsed = Math.max(this.#elapsed, next.at);
      if (next.periodMs === undefined) this.#armed.delete(next);
      else next.at += next.periodMs;
      next.run();
      await settle();
    }
    this.#elapsed = target;
  }

  #arm(delayMs: number, periodMs: number | undefined, run: () => void): Timer {
    const timer: Armed = { at: this.#elapsed + delayMs, order: this.#order++, periodMs, run };
    this.#armed.add(timer);
    return { cancel: () => void this.#armed.delete(timer) };
  }
}

function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
