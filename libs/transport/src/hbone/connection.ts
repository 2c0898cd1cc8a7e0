import type {
  ByteSocket,
  Driver,
  DriverTimer,
  SocketError,
  SocketHandler,
  TlsSocket,
} from "@ambit/io/driver.ts";
import { WOULD_BLOCK } from "@ambit/io/driver.ts";
import { H2_CODE, type H2Code } from "../h2/h2-code.ts";
import type { HeaderField } from "../h2/hpack-decoder.ts";
import { H2Session } from "../h2/session.ts";
import type { RelayEnd } from "../relay.ts";
import { TransportError } from "../transport-error.ts";
import { Staging } from "./staging.ts";
import { TunnelStream } from "./stream.ts";
import { ARENA_BYTES } from "./memory-pool.ts";
import type { MemoryPool } from "./memory-pool.ts";
import type { TunnelRoom } from "./tunnel-room.ts";

/** Reads of one tunnel in a row before others have their turn. */
const READS_PER_TURN = 4;

/** While more of a DATA frame than this is missing, the kernel gathers it before it wakes us. */
const LOW_WATER_BYTES = 128 * 1024;

/** How long an answer that nobody waits for lies until something else takes it along. */
const REST_MS = 1;

const PING_EVERY_MS = 10_000;
const PING_TIMEOUT_MS = 20_000;
const PREFACE_TIMEOUT_MS = 10_000;
/** From a frame's first byte to its last, and from a header block's first frame to its last; DATA may take its time. */
const FRAME_TIMEOUT_MS = 10_000;
/** A server lets a connection without streams go after this; clients of the mesh do so after half of it. */
const IDLE_TIMEOUT_MS = 600_000;

/** What the owner of a connection is told. */
export interface ConnectionEvents {
  /** TLS is up; nothing is exchanged yet. A text refuses the peer and ends the connection. */
  onSecured(connection: TunnelConnection): string | undefined;
  /** Server: a CONNECT request. */
  onRequest(connection: TunnelConnection, stream: TunnelStream, fields: readonly HeaderField[]): void;
  /** Client: an answer. */
  onResponse(connection: TunnelConnection, stream: TunnelStream, fields: readonly HeaderField[]): void;
  /** The peer takes no new streams, or we have learnt its settings, or a stream has ended. */
  onChange(connection: TunnelConnection): void;
  /** Last: the connection is gone. `streams` lists those that were open. */
  onClosed(connection: TunnelConnection, reason: RelayEnd): void;
}

/** One TLS connection carrying an HTTP/2 session: moves bytes between socket, session and streams. */
export class TunnelConnection implements SocketHandler {
  readonly driver: Driver;
  readonly session: H2Session<TunnelStream>;
  readonly staging: Staging;
  readonly #room: TunnelRoom;
  readonly #events: ConnectionEvents;
  #socket: TlsSocket | undefined;
  #secured = false;
  #rest: Buffer | undefined;
  #waiters: TunnelStream[] = [];
  #isDirty = false;
  #resting = false;
  #closed = false;
  #lowWater = 1;
  #timer: DriverTimer | undefined;
  #lastHeard = 0;
  /** Since when a frame or header block is incomplete; 0 when none is. */
  #partialSince = 0;
  #lastUsed = 0;
  #heldBytes = 0;
  #inRead = false;
  #draining = false;
  /** False while a peer that was told to go has not answered yet. */
  #heard = true;

  constructor(role: "client" | "server", room: TunnelRoom, events: ConnectionEvents) {
    this.driver = room.driver;
    this.#room = room;
    this.#events = events;
    this.staging = new Staging(room.memory);
    this.session = new H2Session<TunnelStream>(role, this.staging, {
      onRequest: (streamId, fields, ended) => this.#onRequest(streamId, fields, ended),
      onResponse: (stream, fields) => {
        room.delivery.flush();
        events.onResponse(this, stream, fields);
      },
      onData: (stream, memory, offset, length) => room.delivery.add(stream, memory, offset, length),
      onEnd: (stream) => {
        room.delivery.flush();
        stream.onRemoteEnd();
      },
      onReset: (stream, code) => {
        room.delivery.flush();
        if (code === H2_CODE.refusedStream && stream.onUnprocessed()) return;
        stream.onGone(
          { kind: "error", code: "reset", detail: `reset by the peer (${code})` },
          isQuietReset(code),
        );
      },
      onWindow: (stream) => this.#onWindow(stream),
      onGoaway: (lastId, code) => this.#onGoaway(lastId, code),
      onPong: () => {
        this.#heard = true;
      },
    });
  }

  get closed(): boolean {
    return this.#closed;
  }

  get secured(): boolean {
    return this.#secured;
  }

  /** The TLS socket; defined from `begin` on. */
  get socket(): TlsSocket {
    if (this.#socket === undefined)
      throw new TransportError(H2_CODE.internalError, "The connection was not begun");
    return this.#socket;
  }

  /** Starts with the socket whose handler this connection is. */
  begin(socket: TlsSocket): void {
    this.#socket = socket;
    // Those whose own applications wait behind a client's tunnel are bounded there and not shed here.
    if (this.session.role === "server") this.#room.overload.join(this);
    this.#lastHeard = this.driver.now();
  }

  // ---- sending ----

  /** Bytes of DATA that may be staged now; makes room first when that is possible. */
  dataRoom(): number {
    if (this.#closed || this.socket.blocked) return 0;
    if (this.staging.dataRoom < 4096) this.#flush();
    return this.#closed || this.socket.blocked ? 0 : this.staging.dataRoom;
  }

  /** Calls the stream's `pump` again when the tunnel takes bytes again. */
  wait(stream: TunnelStream): void {
    if (stream.queued) return;
    stream.queued = true;
    this.#waiters.push(stream);
  }

  /** The memory that the tunnels of a thread share. */
  get pool(): MemoryPool {
    return this.#room.memory;
  }

  /** Bytes of all streams that wait for slow applications. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** No stream is open. */
  get idle(): boolean {
    return this.session.streams.size === 0;
  }

  /** `bytes` more wait for a slow application, or less when negative. */
  hold(bytes: number): void {
    this.#heldBytes += bytes;
    const { overload } = this.#room;
    overload.add(bytes);
    if (bytes > 0 && overload.mustDrop) this.driver.endOfTurn(() => overload.drop());
  }

  /** Ends the connection because the proxy has too much to hold. */
  shed(detail: string): void {
    this.close({ kind: "error", code: "overload", detail }, H2_CODE.enhanceYourCalm);
  }

  /** `bytes` of a stream have left our hands; the peer is told where that is worth a frame. */
  consumed(stream: TunnelStream, bytes: number): void {
    const before = this.staging.appended;
    this.session.consumed(stream, bytes);
    if (this.staging.appended !== before) this.dirty();
  }

  /** Something was staged: it leaves at the end of the turn. */
  dirty(): void {
    if (this.#isDirty || this.#closed || !this.#secured) return;
    this.#isDirty = true;
    this.driver.endOfTurn(() => {
      this.#isDirty = false;
      this.#flush();
    });
  }

  /** Something was staged that nobody waits for: it leaves with what follows, and soon in any case. */
  rest(): void {
    if (this.#isDirty || this.#resting || this.#closed) return;
    this.#resting = true;
    this.driver.after(REST_MS, () => {
      if (this.#resting) this.#flush();
    });
  }

  /** Something staged rests. */
  get resting(): boolean {
    return this.#resting;
  }

  /** No new streams; the connection ends when the present ones have. A handshake that runs comes to its end before. */
  drain(): void {
    if (this.#closed) return;
    this.#draining = true;
    if (!this.#secured) return;
    this.session.goAway(H2_CODE.noError);
    // What the peer sent before it heard of this arrives before its answer: then it knows what was not looked at.
    if (this.session.role === "server") {
      this.#heard = false;
      this.session.ping();
    }
    this.dirty();
    this.#closeIfIdle();
  }

  /** Ends the connection and all its streams. */
  close(reason: RelayEnd, code: H2Code = H2_CODE.noError): void {
    if (this.#closed) return;
    if (this.#secured && !this.socket.closed) {
      this.session.goAway(code);
      this.#flush();
    }
    this.#end(reason);
  }

  /** Counts a request that was refused because it was wrong in itself; too many end the connection. */
  countRefused(): void {
    try {
      this.session.guard.count("refused-request");
    } catch (thrown) {
      if (!(thrown instanceof TransportError)) throw thrown;
      this.close({ kind: "error", code: "h2-failed", detail: thrown.message }, thrown.h2Code);
    }
  }

  /** A stream's relay has ended. */
  streamEnded(stream: TunnelStream): void {
    stream.queued = false;
    if (this.#closed) return;
    this.#events.onChange(this);
    this.#closeIfIdle();
  }

  // ---- from the socket ----

  onConnected(): void {
    this.#secured = true;
    const refusal = this.#events.onSecured(this);
    if (refusal !== undefined) {
      this.#end({ kind: "error", code: "identity-mismatch", detail: refusal });
      return;
    }
    this.#lastHeard = this.driver.now();
    this.#lastUsed = this.#lastHeard;
    this.#timer = this.driver.after(PREFACE_TIMEOUT_MS, () => this.#tick());
    this.dirty();
    if (this.#draining) this.drain();
  }

  onReadable(): void {
    if (this.#closed || !this.#secured) return;
    this.#inRead = true;
    try {
      this.#read();
    } catch (thrown) {
      const error = thrown instanceof TransportError ? thrown : undefined;
      if (error === undefined) throw thrown;
      this.#room.delivery.flush();
      this.close({ kind: "error", code: "h2-failed", detail: error.message }, error.h2Code);
    } finally {
      this.#inRead = false;
    }
    this.#closeIfIdle();
  }

  onWritable(): void {
    if (this.#closed) return;
    this.#flush();
    if (!this.socket.blocked) this.#wakeWaiters();
  }

  onError(_socket: ByteSocket, error: SocketError): void {
    const detail = error.detail === "" ? error.code : `${error.code}: ${error.detail}`;
    const code = error.kind === "tls" ? "tls-failed" : this.#secured ? "reset" : "connect-failed";
    this.#end({ kind: "error", code, detail });
  }

  #read(): void {
    const { arena } = this.#room.memory;
    for (let round = 0; round < READS_PER_TURN; round++) {
      const rest = this.#takeRest(arena.bytes);
      const want = ARENA_BYTES - rest;
      const count = this.socket.read(arena, rest, want);
      if (count <= 0) {
        if (rest > 0) this.#rest = Buffer.from(arena.bytes.subarray(0, rest));
        if (count === WOULD_BLOCK) return;
        if (!this.#closed) this.#end(lost(count));
        return;
      }
      this.#lastHeard = this.driver.now();
      const before = this.staging.appended;
      const used = this.session.receive(arena, 0, rest + count);
      this.#room.delivery.flush();
      if (this.#closed) return;
      if (used < rest + count) this.#rest = Buffer.from(arena.bytes.subarray(used, rest + count));
      this.#notePartial(used);
      this.#setLowWater();
      if (this.staging.appended !== before) this.dirty();
      if (count < want) return;
    }
    this.driver.again(this.socket);
  }

  #notePartial(used: number): void {
    const { inHeaderBlock } = this.session;
    if (this.#rest === undefined && !inHeaderBlock) this.#partialSince = 0;
    else if (this.#partialSince === 0 || (used > 0 && !inHeaderBlock)) this.#partialSince = this.#lastHeard;
  }

  #takeRest(arena: Buffer): number {
    const rest = this.#rest;
    if (rest === undefined) return 0;
    this.#rest = undefined;
    return rest.copy(arena, 0);
  }

  #setLowWater(): void {
    const wanted = this.session.dataLeft >= LOW_WATER_BYTES ? LOW_WATER_BYTES : 1;
    if (wanted === this.#lowWater) return;
    this.#lowWater = wanted;
    this.socket.setReceiveLowWater(wanted);
  }

  #flush(): void {
    if (!this.#secured || this.#closed) return;
    this.#resting = false;
    for (let segment = this.staging.peek(); segment !== undefined; segment = this.staging.peek()) {
      if (segment.used > 0) {
        const result = this.socket.write(segment.memory, 0, segment.used);
        if (result === WOULD_BLOCK) return;
        if (result !== segment.used) {
          this.#end(lost(result));
          return;
        }
      }
      this.staging.shift();
      if (this.socket.blocked) return;
    }
    if (!this.#inRead) this.#wakeWaiters();
  }

  #onWindow(stream: TunnelStream | undefined): void {
    // While reading, the bytes of others lie in the arena: pumping does not touch it, so it may run at once.
    if (stream !== undefined) stream.pump();
    else {
      for (const each of this.session.streams.values()) each.pump();
      this.#events.onChange(this);
    }
  }

  #wakeWaiters(): void {
    if (this.#waiters.length === 0) return;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const stream of waiters) {
      stream.queued = false;
      stream.pump();
    }
  }

  #onRequest(streamId: number, fields: readonly HeaderField[], ended: boolean): TunnelStream | undefined {
    this.#room.delivery.flush();
    const stream = new TunnelStream(streamId, this);
    this.session.adopt(stream, ended);
    this.#events.onRequest(this, stream, fields);
    return this.session.streams.get(streamId);
  }

  #onGoaway(lastStreamId: number, code: number): void {
    this.#room.delivery.flush();
    for (const stream of this.session.streams.values()) {
      if (this.session.role !== "client" || stream.id <= lastStreamId) continue;
      this.session.streams.delete(stream.id);
      if (stream.onUnprocessed()) continue;
      stream.onGone({ kind: "error", code: "reset", detail: `the peer goes away (${code})` }, false);
    }
    this.#events.onChange(this);
  }

  // One timer serves the preface timeout, the keepalive and the flood counters.
  #tick(): void {
    if (this.#closed) return;
    if (!this.session.settled) {
      this.close(
        { kind: "error", code: "h2-failed", detail: "no HTTP/2 preface within 10 s" },
        H2_CODE.settingsTimeout,
      );
      return;
    }
    const now = this.driver.now();
    if (this.#partialSince !== 0 && now - this.#partialSince >= FRAME_TIMEOUT_MS) {
      const detail = "a frame or header block was not completed within 10 s";
      this.close({ kind: "error", code: "h2-failed", detail }, H2_CODE.enhanceYourCalm);
      return;
    }
    if (this.session.streams.size > 0) this.#lastUsed = now;
    else if (this.session.role === "server" && now - this.#lastUsed >= IDLE_TIMEOUT_MS) {
      this.close({ kind: "complete" });
      return;
    }
    if (now - this.#lastHeard > PING_TIMEOUT_MS + PING_EVERY_MS) {
      this.close({ kind: "error", code: "reset", detail: "the peer does not answer" });
      return;
    }
    this.session.guard.period();
    this.session.ping();
    this.dirty();
    this.#timer = this.driver.after(PING_EVERY_MS, () => this.#tick());
  }

  #closeIfIdle(): void {
    if (!this.#closed && this.#heard && this.session.closing && this.session.streams.size === 0) {
      this.#flush();
      if (!this.#closed && this.staging.empty && !this.socket.blocked) this.#end({ kind: "complete" });
    }
  }

  #end(reason: RelayEnd): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#room.overload.leave(this);
    this.#timer?.cancel();
    const streams = this.session.streams.values();
    this.session.streams.clear();
    this.staging.clear();
    this.#waiters = [];
    if (!this.socket.closed) this.socket.close();
    for (const stream of streams) {
      stream.onGone(
        reason.kind === "complete" ? { kind: "error", code: "reset", detail: "the tunnel ended" } : reason,
        false,
      );
    }
    this.#events.onClosed(this, reason);
  }
}

function isQuietReset(code: number): boolean {
  return code === H2_CODE.noError || code === H2_CODE.cancel;
}

function lost(result: number): RelayEnd {
  const detail = result === 0 ? "the peer closed the tunnel" : `the tunnel's connection failed (${-result})`;
  return { kind: "error", code: "reset", detail };
}
