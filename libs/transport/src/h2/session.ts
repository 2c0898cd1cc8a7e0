import type { Memory } from "@ambit/io/driver.ts";
import { TransportError } from "../transport-error.ts";
import type { Staging } from "../hbone/staging.ts";
import { malformedFields, malformedTrailers } from "./field-check.ts";
import { FloodGuard } from "./flood-guard.ts";
import {
  FLAG,
  FRAME,
  FRAME_HEAD_BYTES,
  PREFACE,
  readUint24,
  readUint32,
  uint32Bytes,
  writeUint32,
} from "./frames.ts";
import { H2_CODE, type H2Code } from "./h2-code.ts";
import { HeaderAssembly, type HeaderBlock } from "./header-assembly.ts";
import { InboundData } from "./inbound-data.ts";
import { LateFrames } from "./late-frames.ts";
import {
  CONNECTION_WINDOW_BYTES,
  MAX_FRAME_BYTES,
  SERVER_MAX_STREAMS,
  type SessionStream,
} from "./session-stream.ts";
import { StreamTable } from "./stream-table.ts";
import { HpackDecoder, type HeaderField } from "./hpack-decoder.ts";
import {
  applySettings,
  DEFAULT_WINDOW_BYTES,
  encodeSettings,
  initialPeerSettings,
  ownSettings,
  MAX_WINDOW_BYTES,
  type PeerSettings,
} from "./settings.ts";

const SERVER_HEADER_LIST_BYTES = 64 * 1024;
const CLIENT_HEADER_LIST_BYTES = 16 * 1024;

/** A frame other than DATA larger than this is refused before it is buffered. */
const MAX_CONTROL_FRAME_BYTES = 128 * 1024;

const EMPTY = new Uint8Array();

/** What a session tells its owner, in the order of the wire. Nothing of it may be kept past the call. */
export interface SessionEvents<Stream extends SessionStream> {
  /** Server: a new stream; with `ended` nothing follows the request. Undefined refuses it. */
  onRequest(streamId: number, fields: readonly HeaderField[], ended: boolean): Stream | undefined;
  /** Client: the answer to a stream of ours. */
  onResponse(stream: Stream, fields: readonly HeaderField[]): void;
  onData(stream: Stream, memory: Memory, offset: number, length: number): void;
  onEnd(stream: Stream): void;
  /** The stream is gone; `code` is the peer's. */
  onReset(stream: Stream, code: number): void;
  /** More may be sent on this stream; on all of them when undefined. */
  onWindow(stream: Stream | undefined): void;
  onGoaway(lastStreamId: number, code: number): void;
  onPong(): void;
}

/**
 * HTTP/2 for CONNECT streams over byte windows: no socket, no clock. Received bytes go in by `receive`, frames to send
 * are appended to the staging, and the owner moves both. Raises TransportError alone, whatever the bytes.
 */
export class H2Session<Stream extends SessionStream> {
  readonly role: "client" | "server";
  readonly streams = new StreamTable<Stream>();
  readonly peer: PeerSettings = initialPeerSettings();
  readonly guard = new FloodGuard();
  /** Bytes the peer lets us send on all streams together. */
  sendWindow = DEFAULT_WINDOW_BYTES;
  readonly #events: SessionEvents<Stream>;
  readonly #staging: Staging;
  readonly #decoder: HpackDecoder;
  readonly #assembly = new HeaderAssembly();
  readonly #inbound: InboundData<Stream>;
  #prefaceLeft: number;
  #settled = false;
  #nextId = 1;
  #highestPeerId = 0;
  readonly #late: LateFrames;
  #goingAway = false;
  #peerGoingAway = false;

  constructor(role: "client" | "server", staging: Staging, events: SessionEvents<Stream>) {
    this.role = role;
    this.#staging = staging;
    this.#events = events;
    this.#prefaceLeft = role === "server" ? PREFACE.length : 0;
    const isServer = role === "server";
    this.#decoder = new HpackDecoder({
      maxListBytes: isServer ? SERVER_HEADER_LIST_BYTES : CLIENT_HEADER_LIST_BYTES,
    });
    this.#late = new LateFrames({
      role,
      guard: this.guard,
      isIdle: (streamId) => this.#isIdle(streamId),
      rst: (streamId, code) => this.#rst(streamId, code),
    });
    this.#inbound = new InboundData({
      streams: this.streams,
      guard: this.guard,
      onData: (stream, memory, offset, length) => events.onData(stream, memory, offset, length),
      onEnd: (stream) => this.#remoteEnd(stream),
      onGone: (streamId) => this.#late.data(streamId),
      windowUpdate: (streamId, increment) => this.#windowUpdate(streamId, increment),
    });
    if (!isServer) staging.raw(PREFACE);
    const maxHeaderListBytes = isServer ? SERVER_HEADER_LIST_BYTES : CLIENT_HEADER_LIST_BYTES;
    staging.frame(FRAME.settings, 0, 0, encodeSettings(ownSettings(role, maxHeaderListBytes)));
    this.#windowUpdate(0, CONNECTION_WINDOW_BYTES - DEFAULT_WINDOW_BYTES);
  }

  /** The peer's first SETTINGS have come. */
  get settled(): boolean {
    return this.#settled;
  }

  /** No further stream may be opened, by either side. */
  get closing(): boolean {
    return this.#goingAway || this.#peerGoingAway || this.#nextId > 0x7ffffff0;
  }

  /** A header block has begun and not ended: the peer may send nothing else. */
  get inHeaderBlock(): boolean {
    return this.#assembly.openStreamId !== 0;
  }

  /** Payload bytes of the DATA frame that is being received, still to come. */
  get dataLeft(): number {
    return this.#inbound.left;
  }

  /** Takes bytes `start` to `end`; returns how many were used. The rest is the beginning of a frame and comes again. */
  receive(memory: Memory, start: number, end: number): number {
    const { bytes } = memory;
    let offset = this.#preface(bytes, start, end);
    while (offset < end) {
      if (this.#inbound.left > 0) {
        offset += this.#inbound.take(memory, offset, end);
        continue;
      }
      if (end - offset < FRAME_HEAD_BYTES) break;
      const length = readUint24(bytes, offset);
      const type = bytes[offset + 3] ?? 0;
      const flags = bytes[offset + 4] ?? 0;
      const streamId = readUint32(bytes, offset + 5) & 0x7fffffff;
      this.#checkHead(type, length, streamId);
      if (type === FRAME.data) {
        const used = this.#inbound.begin(bytes, offset, end, length, flags, streamId);
        if (used === 0) break;
        offset += used;
        continue;
      }
      if (end - offset < FRAME_HEAD_BYTES + length) break;
      this.#control(bytes, offset + FRAME_HEAD_BYTES, type, length, flags, streamId);
      offset += FRAME_HEAD_BYTES + length;
    }
    return offset - start;
  }

  /** Client: the id of the next stream; the owner makes the stream and calls `open`. */
  takeStreamId(): number {
    const id = this.#nextId;
    this.#nextId += 2;
    return id;
  }

  /** Client: sends the request of a new stream. */
  open(stream: Stream, block: Uint8Array): void {
    stream.sendWindow = this.peer.initialWindowBytes;
    this.streams.add(stream);
    this.#headers(stream.id, block, false);
  }

  /** Server: answers a stream; `end` also ends our direction. */
  respond(stream: Stream, block: Uint8Array, end: boolean): void {
    stream.answered = true;
    this.#headers(stream.id, block, end);
    if (end) this.#localEnd(stream);
  }

  /** Server: registers the stream that `onRequest` made; `ended` is what it was told. */
  adopt(stream: Stream, ended: boolean): void {
    // From the start: an answer that ends such a stream leaves nothing to be reset.
    stream.remoteEnded = ended;
    stream.sendWindow = this.peer.initialWindowBytes;
    this.streams.add(stream);
  }

  /** Completes a DATA frame whose payload the owner has put into the staging's data window. */
  sendData(stream: Stream, length: number): void {
    this.#staging.commitData(stream.id, length, 0);
    stream.sendWindow -= length;
    this.sendWindow -= length;
  }

  /** Ends our direction. */
  sendEnd(stream: Stream): void {
    if (stream.localEnded) return;
    this.#staging.frame(FRAME.data, FLAG.endStream, stream.id, EMPTY);
    this.#localEnd(stream);
  }

  /** Resets a stream and forgets it. */
  reset(stream: Stream, code: H2Code): void {
    if (!this.streams.delete(stream.id)) return;
    this.#inbound.giveBack(stream);
    this.#rst(stream.id, code);
  }

  /** `bytes` of a stream have left our hands: the peer may send as many again. */
  consumed(stream: Stream, bytes: number): void {
    this.#inbound.consumed(stream, bytes);
  }

  ping(): void {
    this.#staging.frame(FRAME.ping, 0, 0, new Uint8Array(8));
  }

  /** Says that no further stream is taken; those that run may finish. */
  goAway(code: H2Code): void {
    if (this.#goingAway) return;
    this.#goingAway = true;
    const payload = new Uint8Array(8);
    writeUint32(payload, 0, this.#highestPeerId);
    writeUint32(payload, 4, code);
    this.#staging.frame(FRAME.goaway, 0, 0, payload);
  }

  #preface(bytes: Uint8Array, start: number, end: number): number {
    let offset = start;
    for (; this.#prefaceLeft > 0 && offset < end; offset++, this.#prefaceLeft--) {
      if (bytes[offset] !== PREFACE[PREFACE.length - this.#prefaceLeft]) {
        throw new TransportError(H2_CODE.protocolError, "The peer does not speak HTTP/2");
      }
    }
    return offset;
  }

  #checkHead(type: number, length: number, streamId: number): void {
    if (length > MAX_FRAME_BYTES || (type !== FRAME.data && length > MAX_CONTROL_FRAME_BYTES)) {
      throw new TransportError(H2_CODE.frameSizeError, "A frame is too large");
    }
    if (!this.#settled && type !== FRAME.settings) {
      throw new TransportError(H2_CODE.protocolError, "The first frame is not SETTINGS");
    }
    const open = this.#assembly.openStreamId;
    if (open !== 0 && (type !== FRAME.continuation || streamId !== open)) {
      throw new TransportError(H2_CODE.protocolError, "A header block is interrupted");
    }
  }

  #control(
    bytes: Uint8Array,
    start: number,
    type: number,
    length: number,
    flags: number,
    streamId: number,
  ): void {
    switch (type) {
      case FRAME.headers:
        if (streamId === 0) throw new TransportError(H2_CODE.protocolError, "HEADERS on stream 0");
        this.#block(this.#assembly.headers(bytes, start, length, flags, streamId));
        break;
      case FRAME.continuation:
        this.#block(this.#assembly.continuation(bytes, start, length, flags));
        break;
      case FRAME.rstStream:
        this.#rstFrame(bytes, start, length, streamId);
        break;
      case FRAME.settings:
        this.#settingsFrame(bytes, start, length, flags, streamId);
        break;
      case FRAME.ping:
        this.#pingFrame(bytes, start, length, flags, streamId);
        break;
      case FRAME.goaway:
        this.#goawayFrame(bytes, start, length, streamId);
        break;
      case FRAME.windowUpdate:
        this.#windowFrame(bytes, start, length, streamId);
        break;
      case FRAME.priority:
        if (streamId === 0) throw new TransportError(H2_CODE.protocolError, "PRIORITY on stream 0");
        if (length !== 5) throw new TransportError(H2_CODE.frameSizeError, "PRIORITY of a broken size");
        this.guard.count("priority");
        break;
      case FRAME.pushPromise:
        throw new TransportError(H2_CODE.protocolError, "PUSH_PROMISE is not allowed");
      default:
        this.guard.count("unknown");
        break;
    }
  }

  // Every block is decoded, also of streams that are refused or gone: the table is shared by all.
  #block(block: HeaderBlock | undefined): void {
    if (block === undefined) return;
    const { streamId } = block;
    const fields = this.#decoder.decode(block.bytes, block.start, block.end);
    const stream = this.streams.get(streamId);
    if (stream === undefined) {
      if (this.role === "server" && this.#isIdle(streamId)) this.#request(streamId, fields, block.endStream);
      else this.#late.headers(streamId);
      return;
    }
    if (stream.remoteEnded)
      throw new TransportError(H2_CODE.streamClosed, "HEADERS after the end of the stream");
    const isResponse = this.role === "client" && !stream.answered;
    if (!isResponse && !block.endStream)
      throw new TransportError(H2_CODE.protocolError, "Trailers do not end the stream");
    if ((isResponse ? malformedFields(fields, false) : malformedTrailers(fields)) !== undefined) {
      this.#refuse(stream, H2_CODE.protocolError);
      return;
    }
    if (isResponse) this.#events.onResponse(stream, fields);
    if (block.endStream && this.streams.get(streamId) === stream) this.#remoteEnd(stream);
  }

  #request(streamId: number, fields: readonly HeaderField[], endStream: boolean): void {
    if (streamId % 2 === 0)
      throw new TransportError(H2_CODE.protocolError, "A client's stream with an even id");
    this.#late.noteRequest(streamId, this.#highestPeerId);
    this.#highestPeerId = streamId;
    if (malformedFields(fields, true) !== undefined) {
      this.guard.count("reset");
      this.#rst(streamId, H2_CODE.protocolError);
      return;
    }
    if (this.#goingAway || this.streams.size >= SERVER_MAX_STREAMS) {
      this.guard.count("refused");
      this.#rst(streamId, H2_CODE.refusedStream);
      return;
    }
    const stream = this.#events.onRequest(streamId, fields, endStream);
    if (stream === undefined) return;
    if (endStream && this.streams.get(streamId) === stream) this.#remoteEnd(stream);
  }

  #rstFrame(bytes: Uint8Array, start: number, length: number, streamId: number): void {
    if (streamId === 0 || this.#isIdle(streamId))
      throw new TransportError(H2_CODE.protocolError, "RST_STREAM on an idle stream");
    if (length !== 4) throw new TransportError(H2_CODE.frameSizeError, "RST_STREAM of a broken size");
    const stream = this.streams.get(streamId);
    if (stream === undefined) return;
    if (!stream.answered) this.guard.count("reset");
    this.streams.delete(streamId);
    this.#inbound.giveBack(stream);
    this.#events.onReset(stream, readUint32(bytes, start));
  }

  #settingsFrame(bytes: Uint8Array, start: number, length: number, flags: number, streamId: number): void {
    if (streamId !== 0) throw new TransportError(H2_CODE.protocolError, "SETTINGS on a stream");
    if ((flags & FLAG.ack) !== 0) {
      if (length !== 0)
        throw new TransportError(H2_CODE.frameSizeError, "A SETTINGS acknowledgement with a payload");
      if (!this.#settled) throw new TransportError(H2_CODE.protocolError, "The first frame is not SETTINGS");
      return;
    }
    if (this.#settled) this.guard.count("settings");
    const before = this.peer.initialWindowBytes;
    applySettings(this.peer, bytes, start, length);
    const change = this.peer.initialWindowBytes - before;
    if (change !== 0) this.#shiftWindows(change);
    this.#staging.frame(FRAME.settings, FLAG.ack, 0, EMPTY);
    this.#settled = true;
    if (change > 0) this.#events.onWindow(undefined);
  }

  // Section 6.9.2: windows of open streams follow, below zero if need be.
  #shiftWindows(change: number): void {
    for (const stream of this.streams.values()) {
      stream.sendWindow += change;
      if (stream.sendWindow > MAX_WINDOW_BYTES)
        throw new TransportError(H2_CODE.flowControlError, "A window grows too large");
    }
  }

  #pingFrame(bytes: Uint8Array, start: number, length: number, flags: number, streamId: number): void {
    if (streamId !== 0) throw new TransportError(H2_CODE.protocolError, "PING on a stream");
    if (length !== 8) throw new TransportError(H2_CODE.frameSizeError, "PING of a broken size");
    if ((flags & FLAG.ack) !== 0) {
      this.#events.onPong();
      return;
    }
    this.guard.count("ping");
    this.#staging.frame(FRAME.ping, FLAG.ack, 0, bytes.subarray(start, start + 8));
  }

  #goawayFrame(bytes: Uint8Array, start: number, length: number, streamId: number): void {
    if (streamId !== 0) throw new TransportError(H2_CODE.protocolError, "GOAWAY on a stream");
    if (length < 8) throw new TransportError(H2_CODE.frameSizeError, "GOAWAY of a broken size");
    this.#peerGoingAway = true;
    this.#events.onGoaway(readUint32(bytes, start) & 0x7fffffff, readUint32(bytes, start + 4));
  }

  #windowFrame(bytes: Uint8Array, start: number, length: number, streamId: number): void {
    if (length !== 4) throw new TransportError(H2_CODE.frameSizeError, "WINDOW_UPDATE of a broken size");
    const increment = readUint32(bytes, start) & 0x7fffffff;
    this.guard.count("window-update");
    if (streamId === 0) {
      if (increment === 0) throw new TransportError(H2_CODE.protocolError, "WINDOW_UPDATE of nothing");
      this.sendWindow += increment;
      if (this.sendWindow > MAX_WINDOW_BYTES)
        throw new TransportError(H2_CODE.flowControlError, "The window grows too large");
      this.#events.onWindow(undefined);
      return;
    }
    const stream = this.streams.get(streamId);
    if (stream === undefined) {
      if (this.#isIdle(streamId))
        throw new TransportError(H2_CODE.protocolError, "WINDOW_UPDATE on an idle stream");
      return;
    }
    stream.sendWindow += increment;
    if (increment > 0 && stream.sendWindow <= MAX_WINDOW_BYTES) {
      this.#events.onWindow(stream);
      return;
    }
    this.#refuse(stream, increment === 0 ? H2_CODE.protocolError : H2_CODE.flowControlError);
  }

  // Resets that the peer provokes cost us as much as its own.
  #refuse(stream: Stream, code: H2Code): void {
    this.guard.count("reset");
    this.reset(stream, code);
    this.#events.onReset(stream, code);
  }

  #remoteEnd(stream: Stream): void {
    stream.remoteEnded = true;
    // Before the owner is told: it asks how many streams are left.
    this.#forgetIfDone(stream);
    this.#events.onEnd(stream);
  }

  #localEnd(stream: Stream): void {
    stream.localEnded = true;
    this.#forgetIfDone(stream);
  }

  #forgetIfDone(stream: Stream): void {
    if (stream.localEnded && stream.remoteEnded) this.streams.delete(stream.id);
  }

  #isIdle(streamId: number): boolean {
    const isOurs = (streamId % 2 === 1) === (this.role === "client");
    return isOurs ? streamId >= this.#nextId : streamId > this.#highestPeerId;
  }

  #headers(streamId: number, block: Uint8Array, end: boolean): void {
    this.#staging.frame(FRAME.headers, FLAG.endHeaders | (end ? FLAG.endStream : 0), streamId, block);
  }

  #rst(streamId: number, code: H2Code): void {
    this.#late.noteReset(streamId);
    this.#staging.frame(FRAME.rstStream, 0, streamId, uint32Bytes(code));
  }

  #windowUpdate(streamId: number, increment: number): void {
    this.#staging.frame(FRAME.windowUpdate, 0, streamId, uint32Bytes(increment));
  }
}
