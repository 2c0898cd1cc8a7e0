import type { Memory } from "@ambit/io/driver.ts";
import { FRAME_HEAD_BYTES, writeFrameHead } from "../h2/frames.ts";
import { H2_CODE } from "../h2/h2-code.ts";
import { TransportError } from "../transport-error.ts";
import { SEGMENT_BYTES, type MemoryPool } from "./memory-pool.ts";

/** Room that DATA leaves for control frames in a segment. */
const CONTROL_RESERVE = 16 * 1024;

/** Segments a connection may fill with control frames while the peer does not read. */
const MAX_SEGMENTS = 4;

/**
 * Plaintext of one connection that waits to be sealed. Application bytes are read straight into it behind a hole for
 * the frame's head; control frames of the same turn lie in the same segment, so that one write carries them all.
 */
export class Staging {
  readonly #pool: MemoryPool;
  readonly #segments: { memory: Memory; used: number }[] = [];
  #appended = 0;

  constructor(pool: MemoryPool) {
    this.#pool = pool;
  }

  get empty(): boolean {
    return this.#segments.length === 0;
  }

  /** Bytes ever appended: tells whether something was since it was last asked. */
  get appended(): number {
    return this.#appended;
  }

  /** Bytes of DATA payload that fit in now. */
  get dataRoom(): number {
    if (this.#segments.length > 1) return 0;
    const used = this.#segments[0]?.used ?? 0;
    return SEGMENT_BYTES - CONTROL_RESERVE - used - FRAME_HEAD_BYTES;
  }

  /** Where the payload of the next DATA frame begins. */
  dataWindow(): { readonly memory: Memory; readonly offset: number } {
    const segment = this.#last(0);
    return { memory: segment.memory, offset: segment.used + FRAME_HEAD_BYTES };
  }

  /** Completes the DATA frame whose `length` payload bytes are in place. */
  commitData(streamId: number, length: number, flags: number): void {
    const segment = this.#last(0);
    writeFrameHead(segment.memory.bytes, segment.used, length, 0, flags, streamId);
    this.#grow(segment, FRAME_HEAD_BYTES + length);
  }

  /** Appends a frame. Throws a TransportError when the peer lets more pile up than a connection may hold. */
  frame(type: number, flags: number, streamId: number, payload: Uint8Array): void {
    const segment = this.#last(FRAME_HEAD_BYTES + payload.length);
    writeFrameHead(segment.memory.bytes, segment.used, payload.length, type, flags, streamId);
    segment.memory.bytes.set(payload, segment.used + FRAME_HEAD_BYTES);
    this.#grow(segment, FRAME_HEAD_BYTES + payload.length);
  }

  /** Appends bytes as they are. */
  raw(bytes: Uint8Array): void {
    const segment = this.#last(bytes.length);
    segment.memory.bytes.set(bytes, segment.used);
    this.#grow(segment, bytes.length);
  }

  /** The oldest segment, to be written whole. */
  peek(): { readonly memory: Memory; readonly used: number } | undefined {
    return this.#segments[0];
  }

  /** Lets go of the oldest segment after it was written. */
  shift(): void {
    const segment = this.#segments.shift();
    if (segment !== undefined) this.#pool.give(segment.memory);
  }

  clear(): void {
    while (!this.empty) this.shift();
  }

  #grow(segment: { used: number }, bytes: number): void {
    segment.used += bytes;
    this.#appended += bytes;
  }

  #last(bytes: number): { memory: Memory; used: number } {
    const last = this.#segments.at(-1);
    if (last !== undefined && last.used + bytes <= SEGMENT_BYTES) return last;
    if (this.#segments.length >= MAX_SEGMENTS) {
      throw new TransportError(H2_CODE.enhanceYourCalm, "The peer does not read what it causes");
    }
    const fresh = { memory: this.#pool.take(), used: 0 };
    this.#segments.push(fresh);
    return fresh;
  }
}
