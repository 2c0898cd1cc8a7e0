import * as linux from "../linux.ts";
import type { Sys } from "../sys.ts";

/** Descriptors kept for connections of ours. */
const RESERVE = 64;
/** Of these, given back while nothing is left, for what other threads of the process have to open. */
const FOR_OTHERS = 16;

/**
 * Descriptors that are held so that somebody can have one when the process has no more. Listeners take connections
 * only while the reserve is whole: strangers cannot use up what the tunnels that stand need for their applications.
 */
export class DescriptorReserve {
  readonly #sys: Sys;
  readonly #held: number[] = [];
  readonly #size: number;

  /** Nothing is held before the first `fill`. `size`: @default 64 */
  constructor(sys: Sys, size = RESERVE) {
    this.#sys = sys;
    this.#size = size;
  }

  /** Takes what is missing; false when there is not enough. */
  fill(): boolean {
    while (this.#held.length < this.#size) {
      const fd = this.#another();
      if (fd < 0) return false;
      this.#held.push(fd);
    }
    return true;
  }

  /** Gives one up for whoever opens next; false when there are none. */
  spend(): boolean {
    const fd = this.#held.pop();
    if (fd !== undefined) this.#sys.close(fd);
    return fd !== undefined;
  }

  /** Leaves some to the process's other threads until the next `fill`. */
  stepBack(): void {
    for (let count = 0; count < FOR_OTHERS; count++) this.spend();
  }

  close(): void {
    while (this.spend());
  }

  // Copies of one socket that does nothing cost the kernel an entry in a table.
  #another(): number {
    const [first] = this.#held;
    return first === undefined
      ? this.#sys.socket(linux.AF_INET, linux.SOCK_DGRAM | linux.SOCK_NONBLOCK_CLOEXEC)
      : this.#sys.control(first, linux.F_DUPFD_CLOEXEC, 0);
  }
}
