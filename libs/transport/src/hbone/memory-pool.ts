import type { Driver, Memory } from "@ambit/io/driver.ts";

/** Bytes of one staging segment: what one TLS write takes. */
export const SEGMENT_BYTES = 256 * 1024;

/** Bytes that one read of a tunnel may bring, with room for the rest of a frame in front. */
export const ARENA_BYTES = 384 * 1024;

/** Segments kept for the next user; more are left to the collector. */
const KEPT_SEGMENTS = 64;

/** What all tunnels of one driver share: a receive arena, and staging segments that sessions at rest do not own. */
export class MemoryPool {
  readonly arena: Memory;
  readonly #driver: Pick<Driver, "allocate">;
  readonly #segments: Memory[] = [];

  constructor(driver: Pick<Driver, "allocate">) {
    this.#driver = driver;
    this.arena = driver.allocate(ARENA_BYTES);
  }

  take(): Memory {
    return this.#segments.pop() ?? this.#driver.allocate(SEGMENT_BYTES);
  }

  give(segment: Memory): void {
    if (this.#segments.length < KEPT_SEGMENTS) this.#segments.push(segment);
  }
}
