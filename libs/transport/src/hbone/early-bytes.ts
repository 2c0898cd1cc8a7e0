import type { Memory } from "@ambit/io/driver.ts";
import { PIECE_BYTES, type MemoryPool } from "./memory-pool.ts";

/** Application bytes that may follow a request before it is answered. */
export const EARLY_BYTES = PIECE_BYTES;

/**
 * What an application has said before its request was answered, in case the request is sent again. It lies in a piece of
 * the pool: a buffer for every connection would be garbage faster than the collector comes by.
 */
export class EarlyBytes {
  readonly #pool: MemoryPool;
  readonly #memory: Memory;
  #length = 0;
  #sent = 0;

  constructor(pool: MemoryPool) {
    this.#pool = pool;
    this.#memory = pool.takePiece();
  }

  /** Bytes that may still be added. */
  get room(): number {
    return EARLY_BYTES - this.#length;
  }

  /** Bytes that the present stream has not sent yet. */
  get unsent(): number {
    return this.#length - this.#sent;
  }

  /** `count` bytes at `offset` of `from` are about to be sent: at most `room`. */
  add(from: Memory, offset: number, count: number): void {
    from.bytes.copy(this.#memory.bytes, this.#length, offset, offset + count);
    this.#length += count;
    this.#sent += count;
  }

  /** Another stream is to send all of them. */
  rewind(): void {
    this.#sent = 0;
  }

  /** Puts the next `count` bytes, at most `unsent`, at `offset` of `into`. */
  take(into: Memory, offset: number, count: number): void {
    this.#memory.bytes.copy(into.bytes, offset, this.#sent, this.#sent + count);
    this.#sent += count;
  }

  /** Gives the memory back; the object is not used any more. Without it the collector has it. */
  release(): void {
    this.#pool.give(this.#memory);
  }
}
