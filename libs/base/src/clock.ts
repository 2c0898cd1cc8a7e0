/** A pending timer; cancelling twice is harmless. */
export interface Timer {
  cancel(): void;
}

/** Time as a parameter, so that tests own it. */
export interface Clock {
  /** Wall-clock time in milliseconds since the Unix epoch. */
  now(): number;
  /** Milliseconds that never run backwards; only differences mean anything. */
  monotonic(): number;
  /** Calls `run` once after `delayMs`. The timer does not keep the process alive when `background` is set. */
  after(delayMs: number, run: () => void, background?: boolean): Timer;
  /** Calls `run` every `periodMs` until cancelled. */
  every(periodMs: number, run: () => void, background?: boolean): Timer;
}

/** The longest delay the runtime's timers can hold (2^31 - 1 ms). */
const MAX_DELAY_MS = 2_147_483_647;

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, run, background = false) {
    const handle = setTimeout(run, Math.min(Math.max(0, delayMs), MAX_DELAY_MS));
    if (background) handle.unref();
    return { cancel: () => clearTimeout(handle) };
  },
  every(periodMs, run, background = false) {
    const handle = setInterval(run, Math.min(Math.max(1, periodMs), MAX_DELAY_MS));
    if (background) handle.unref();
    return { cancel: () => clearInterval(handle) };
  },
};

/** Resolves after `delayMs`, or rejects with the signal's reason when it aborts first. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason as Error);
      return;
    }
    const onAbort = (): void => {
      timer.cancel();
      reject(signal?.reason as Error);
    };
    const timer = clock.after(delayMs, () => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    });
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
