import type { Memory } from "@ambit/io/driver.ts";
import { TransportError } from "../transport-error.ts";
import type { FloodGuard } from "./flood-guard.ts";
import { FLAG, FRAME_HEAD_BYTES } from "./frames.ts";
import { H2_CODE } from "./h2-code.ts";
import { CONNECTION_WINDOW_BYTES, STREAM_WINDOW_BYTES, type SessionStream } from "./session-stream.ts";
import type { StreamTable } from "./stream-table.ts";

interface InboundDeps<Stream extends SessionStream> {
  readonly streams: Pick<StreamTable<Stream>, "get">;
  readonly guard: FloodGuard;
  /** DATA of a stream that is not there; throws when it never was. What it brings is counted and dropped. */
  readonly onGone: (streamId: number) => void;
  readonly onData: (stream: Stream, memory: Memory, offset: number, length: number) => void;
  readonly onEnd: (stream: Stream) => void;
  readonly windowUpdate: (streamId: number, increment: number) => void;
}

/**
 * The receiving half of flow control (RFC 9113, sections 5.2 and 6.1): DATA frames in pieces as they arrive, both
 * windows counted, given back as bytes are consumed, a quarter of a window at a time.
 */
export class InboundData<Stream extends SessionStream> {
  readonly #deps: InboundDeps<Stream>;
  #receiveUsed = 0;
  #receiveFreed = 0;
  #left = 0;
  #padLeft = 0;
  #flags = 0;
  #stream: Stream | undefined;

  constructor(deps: InboundDeps<Stream>) {
    this.#deps = deps;
  }

  /** Payload bytes of the present frame still to come. */
  get left(): number {
    return this.#left;
  }

  /** Takes the head of a DATA frame; returns the bytes used (head and pad length), 0 when the pad length is missing. */
  begin(
    bytes: Uint8Array,
    offset: number,
    end: number,
    length: number,
    flags: number,
    streamId: number,
  ): number {
    if (streamId === 0) throw new TransportError(H2_CODE.protocolError, "DATA on stream 0");
    let head = FRAME_HEAD_BYTES;
    let padding = 0;
    if ((flags & FLAG.padded) !== 0) {
      if (length === 0) throw new TransportError(H2_CODE.frameSizeError, "Padded DATA without a pad length");
      if (end - offset < FRAME_HEAD_BYTES + 1) return 0;
      padding = bytes[offset + FRAME_HEAD_BYTES] ?? 0;
      head++;
      if (padding >= length) throw new TransportError(H2_CODE.protocolError, "DATA is all padding");
    }
    const stream = this.#dataTarget(streamId, length);
    if (length === 0 && (flags & FLAG.endStream) === 0) this.#deps.guard.count("empty-data");
    this.#countReceived(stream, length);
    // Padding and the pad length never reach anybody: they are given back at once.
    const overhead = head - FRAME_HEAD_BYTES;
    if (overhead > 0) this.#drop(stream, overhead);
    this.#left = length - overhead;
    this.#padLeft = padding;
    this.#flags = flags;
    this.#stream = stream;
    if (this.#left === 0) this.#endData();
    return head;
  }

  #dataTarget(streamId: number, length: number): Stream | undefined {
    const stream = this.#deps.streams.get(streamId);
    if (stream === undefined) {
      this.#deps.onGone(streamId);
      return undefined;
    }
    if (stream.remoteEnded)
      throw new TransportError(H2_CODE.streamClosed, "DATA after the end of the stream");
    if (stream.receiveUsed + length > STREAM_WINDOW_BYTES) {
      throw new TransportError(H2_CODE.flowControlError, "The stream's window is exceeded");
    }
    return stream;
  }

  #countReceived(stream: Stream | undefined, length: number): void {
    this.#receiveUsed += length;
    if (this.#receiveUsed > CONNECTION_WINDOW_BYTES) {
      throw new TransportError(H2_CODE.flowControlError, "The connection's window is exceeded");
    }
    if (stream !== undefined) stream.receiveUsed += length;
  }

  #drop(stream: Stream | undefined, bytes: number): void {
    if (stream === undefined) this.#freeConnection(bytes);
    else this.consumed(stream, bytes);
  }

  /** Takes payload of the frame that was begun; returns the bytes used. */
  take(memory: Memory, offset: number, end: number): number {
    const take = Math.min(end - offset, this.#left);
    const payload = Math.min(take, this.#left - this.#padLeft);
    const stream = this.#stream;
    // The stream may have been reset while its frame was under way.
    const live = stream !== undefined && this.#deps.streams.get(stream.id) === stream;
    if (payload > 0 && live) this.#deps.onData(stream, memory, offset, payload);
    const dropped = live ? take - Math.max(0, payload) : take;
    if (dropped > 0) this.#drop(live ? stream : undefined, dropped);
    this.#left -= take;
    if (this.#left === 0) this.#endData();
    return take;
  }

  #endData(): void {
    const stream = this.#stream;
    this.#stream = undefined;
    this.#padLeft = 0;
    if (
      (this.#flags & FLAG.endStream) !== 0 &&
      stream !== undefined &&
      this.#deps.streams.get(stream.id) === stream
    ) {
      this.#deps.onEnd(stream);
    }
  }

  /** `bytes` of a stream have left our hands: the peer may send as many again. */
  consumed(stream: Stream, bytes: number): void {
    stream.receiveUsed -= bytes;
    stream.receiveFreed += bytes;
    this.#freeConnection(bytes);
    if (stream.receiveFreed < STREAM_WINDOW_BYTES / 4 || stream.remoteEnded) return;
    this.#deps.windowUpdate(stream.id, stream.receiveFreed);
    stream.receiveFreed = 0;
  }

  /** What a stream held of the connection's window goes back when it ends early. */
  giveBack(stream: Stream): void {
    if (stream.receiveUsed > 0) this.#freeConnection(stream.receiveUsed);
    stream.receiveUsed = 0;
  }

  #freeConnection(bytes: number): void {
    this.#receiveUsed -= bytes;
    this.#receiveFreed += bytes;
    if (this.#receiveFreed < CONNECTION_WINDOW_BYTES / 4) return;
    this.#deps.windowUpdate(0, this.#receiveFreed);
    this.#receiveFreed = 0;
  }
}
