import { systemError } from "../io-error.ts";
import { CLOCK_MONOTONIC, TIMER_NONBLOCK_CLOEXEC } from "../linux.ts";
import type { Memory } from "../driver.ts";
import type { Sys } from "../sys.ts";

/** sizeof(struct itimerspec): interval and value, seconds and nanoseconds each. */
const TIMER_SPEC_BYTES = 32;
const VALUE_SECONDS_AT = 16;
const VALUE_NANOSECONDS_AT = 24;

/**
 * Ends a sleep in epoll at a time. A timeout given to `epoll_wait` is started and cancelled with every sleep, and where
 * it is short the processor's own timer is set both times, which costs 3 us; the alarm is set once, outlives sleeps that
 * end earlier, and is moved only to an earlier time. So it may ring when nobody needs it any more.
 */
export class Alarm {
  /** Readable when it has rung; to be watched edge-triggered, since nobody reads it. */
  readonly fd: number;
  readonly #sys: Sys;
  readonly #spec: Memory;
  #due = Infinity;

  /** Throws an IoError `socket` when the kernel gives no timer. */
  constructor(sys: Sys) {
    this.#sys = sys;
    this.#spec = sys.allocate(TIMER_SPEC_BYTES);
    this.#spec.bytes.fill(0, 0, TIMER_SPEC_BYTES);
    this.fd = sys.timerCreate(CLOCK_MONOTONIC, TIMER_NONBLOCK_CLOEXEC);
    if (this.fd < 0) throw systemError("timerfd_create", this.fd);
  }

  /** Rings at `due` at the latest; both in milliseconds of the loop's clock. */
  ringBy(due: number, now: number): void {
    if (due >= this.#due) return;
    this.#due = due;
    // 0 would switch it off.
    const nanoseconds = Math.max(1, Math.ceil((due - now) * 1e6));
    this.#spec.bytes.writeUInt32LE(Math.floor(nanoseconds / 1e9), VALUE_SECONDS_AT);
    this.#spec.bytes.writeUInt32LE(nanoseconds % 1e9, VALUE_NANOSECONDS_AT);
    this.#sys.timerSet(this.fd, this.#spec);
  }

  /** To be told that it was seen to have rung. */
  rang(): void {
    this.#due = Infinity;
  }

  close(): void {
    this.#sys.close(this.fd);
  }
}
