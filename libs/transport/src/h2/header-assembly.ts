import { TransportError } from "../transport-error.ts";
import { FLAG } from "./frames.ts";
import { H2_CODE } from "./h2-code.ts";

/** Bytes of one header block over all its frames. */
const MAX_BLOCK_BYTES = 64 * 1024;

/** CONTINUATION frames of one block; more are a flood even when they are empty. */
const MAX_CONTINUATIONS = 16;

/** A complete header block, still encoded. */
export interface HeaderBlock {
  readonly streamId: number;
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly endStream: boolean;
}

/** Joins HEADERS and CONTINUATION frames (RFC 9113, sections 6.2 and 6.10); a block in one frame is not copied. */
export class HeaderAssembly {
  #parts: Uint8Array[] = [];
  #bytes = 0;
  #streamId = 0;
  #endStream = false;

  /** The stream whose block is incomplete, or 0: nothing else may come in between. */
  get openStreamId(): number {
    return this.#streamId;
  }

  /** Takes a HEADERS payload; gives the block when it is complete. */
  headers(
    bytes: Uint8Array,
    start: number,
    length: number,
    flags: number,
    streamId: number,
  ): HeaderBlock | undefined {
    let from = start;
    let end = start + length;
    if ((flags & FLAG.padded) !== 0) {
      if (length < 1) throw new TransportError(H2_CODE.frameSizeError, "Padded HEADERS without a pad length");
      end -= bytes[from++] ?? 0;
    }
    if ((flags & FLAG.priority) !== 0) from += 5;
    if (from > end) throw new TransportError(H2_CODE.protocolError, "HEADERS are all padding");
    const endStream = (flags & FLAG.endStream) !== 0;
    if ((flags & FLAG.endHeaders) !== 0) return { streamId, bytes, start: from, end, endStream };
    this.#streamId = streamId;
    this.#endStream = endStream;
    this.#keep(bytes, from, end);
    return undefined;
  }

  /** Takes a CONTINUATION payload; gives the block when it is complete. */
  continuation(bytes: Uint8Array, start: number, length: number, flags: number): HeaderBlock | undefined {
    if (this.#streamId === 0) throw new TransportError(H2_CODE.protocolError, "CONTINUATION without HEADERS");
    this.#keep(bytes, start, start + length);
    if ((flags & FLAG.endHeaders) === 0) return undefined;
    const joined = Buffer.concat(this.#parts);
    const block = {
      streamId: this.#streamId,
      bytes: joined,
      start: 0,
      end: joined.length,
      endStream: this.#endStream,
    };
    this.#parts = [];
    this.#bytes = 0;
    this.#streamId = 0;
    return block;
  }

  #keep(bytes: Uint8Array, start: number, end: number): void {
    this.#bytes += end - start;
    if (this.#bytes > MAX_BLOCK_BYTES || this.#parts.length > MAX_CONTINUATIONS) {
      throw new TransportError(H2_CODE.enhanceYourCalm, "A header block is too large");
    }
    this.#parts.push(Uint8Array.from(bytes.subarray(start, end)));
  }
}
