import type { Driver, Memory } from "@ambit/io/driver.ts";

/** Bytes of one staging segment: what one TLS write takes. */
export const SEGMENT_BYTES = 256 * 1024;

/** Bytes that one read of a tunnel may bring, with room for the rest of a frame in front. */
export const ARENA_BYTES = 384 * 1024;

/** Bytes of one piece: what a client says first, or small frames that wait for a slow application. */
export const PIECE_BYTES = 16 * 1024;

/** Segments kept for the next user; more are left to the collector. */
const KEPT_SEGMENTS = 64;

/** The same of pieces. */
const KEPT_PIECES = 128;

/**
 * What all tunnels of one driver share: a receive arena, and memory that sessions and streams at rest do not own. It is
 * kept because making one costs more than a small connection's whole work with it.
 */
export class MemoryPool {
  readonly arena: Memory;
  readonly #driver: Pick<Driver, "allocate">;
  readonly #segments: Memory[] = [];
  readonly #pieces: Memory[] = [];

  constructor(driver: Pick<Driver, "allocate">) {
    this.#driver = driver;
    this.arena = driver.allocate(ARENA_BYTES);
  }

  take(): Memory {
    return this.#segments.pop() ?? this.#driver.allocate(SEGMENT_BYTES);
  }

  takePiece(): Memory {
    return this.#pieces.pop() ?? this.#driver.allocate(PIECE_BYTES);
  }

  /** Takes a segment or a piece back. */
  give(memory: Memory): void {
    const [kept, most] =
      memory.bytes.length === PIECE_BYTES ? [this.#pieces, KEPT_PIECES] : [this.#segments, KEPT_SEGMENTS];
    if (kept.length < most) kept.push(memory);
  }
}
