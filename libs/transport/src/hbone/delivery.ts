import type { Memory } from "@ambit/io/driver.ts";
import type { TunnelStream } from "./stream.ts";

/** Pieces gathered for one write. */
const MAX_PIECES = 64;

/**
 * Gathers the DATA pieces of one receive batch: consecutive pieces of one stream leave in one write, straight from the
 * receive arena. One instance serves all connections of a thread, because it is empty between batches.
 */
export class Delivery {
  readonly #windows = new Int32Array(MAX_PIECES * 2);
  #count = 0;
  #total = 0;
  #stream: TunnelStream | undefined;
  #memory: Memory | undefined;

  add(stream: TunnelStream, memory: Memory, offset: number, length: number): void {
    if (this.#stream !== stream || this.#count >= MAX_PIECES) this.flush();
    this.#stream = stream;
    this.#memory = memory;
    this.#windows[this.#count * 2] = offset;
    this.#windows[this.#count * 2 + 1] = length;
    this.#count++;
    this.#total += length;
  }

  /** Must be called before the arena is reused, and before anything that ends a stream is acted on. */
  flush(): void {
    const stream = this.#stream;
    const memory = this.#memory;
    const count = this.#count;
    const total = this.#total;
    this.#stream = undefined;
    this.#count = 0;
    this.#total = 0;
    if (stream !== undefined && memory !== undefined) stream.deliver(memory, this.#windows, count, total);
  }
}
