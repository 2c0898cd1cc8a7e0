import type { ByteSocket, Memory, SocketError, SocketHandler } from "@ambit/io/driver.ts";
import { WOULD_BLOCK } from "@ambit/io/driver.ts";
import { closeInOrder } from "../close-in-order.ts";
import { H2_CODE, type H2Code } from "../h2/h2-code.ts";
import type { SessionStream } from "../h2/session-stream.ts";
import type { Relay, RelayEnd, RelayEvents } from "../relay.ts";
import type { TunnelConnection } from "./connection.ts";
import { EARLY_BYTES, EarlyBytes } from "./early-bytes.ts";
import { PIECE_BYTES, SEGMENT_BYTES } from "./memory-pool.ts";

/** Application bytes taken in one go before others have their turn. */
const READ_BUDGET_BYTES = 1024 * 1024;

/** A read smaller than this is not worth a frame while more room is coming. */
const MIN_READ_ROOM = 4096;

/** Bytes that wait for a slow application: what was received and could not be written. */
interface Waiting {
  readonly memory: Memory;
  /** The memory goes back to the pool. */
  readonly pooled: boolean;
  from: number;
  to: number;
}

/** Pieces from this size on wait in segments of the pool: a sender a little faster than its reader makes no garbage. */
const SEGMENT_FROM_BYTES = 32 * 1024;

/** A peer that has sent this much before our answer may be at its own limit, and waits for it. */
const PATIENT_BYTES = EARLY_BYTES / 2;

/**
 * One CONNECT stream glued to one application socket: two independent directions, each with its own end. The stream's
 * window bounds what can wait for a slow application; a blocked tunnel stops reading it.
 */
export class TunnelStream implements SessionStream, SocketHandler, Relay {
  readonly id: number;
  sendWindow = 0;
  receiveUsed = 0;
  receiveFreed = 0;
  remoteEnded = false;
  localEnded = false;
  answered = false;
  /** True while the stream waits for the tunnel to take bytes again. */
  queued = false;
  readonly #connection: TunnelConnection;
  #socket: ByteSocket | undefined;
  #events: RelayEvents | undefined;
  #readable = false;
  #waiting: Waiting[] = [];
  /** Bytes in `#waiting`. */
  #held = 0;
  #writeShut = false;
  #ended = false;
  #retry: ((early: EarlyBytes | undefined) => void) | undefined;
  /** Client: what goes along before the answer. */
  #early: EarlyBytes | undefined;
  #fromApp = 0;
  #toApp = 0;

  constructor(id: number, connection: TunnelConnection) {
    this.id = id;
    this.#connection = connection;
  }

  get bytesFromDownstream(): number {
    return this.#connection.session.role === "client" ? this.#fromApp : this.#toApp;
  }

  get bytesToDownstream(): number {
    return this.#connection.session.role === "client" ? this.#toApp : this.#fromApp;
  }

  /** True once the relay has ended. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Who is told how it goes; set before the application's socket where that comes later. */
  listen(events: RelayEvents): void {
    this.#events = events;
  }

  /** Client: who takes the application's socket and its early bytes back when the peer did not look at the request. */
  retryBy(retry: (early: EarlyBytes | undefined) => void): void {
    this.#retry = retry;
  }

  /**
   * The peer says that it has not processed the request, so it may be sent again (RFC 9113, section 8.7), with what the
   * application has said already. False when nobody sends it again.
   */
  onUnprocessed(): boolean {
    const retry = this.#retry;
    if (this.#ended || this.answered || retry === undefined) return false;
    this.#ended = true;
    this.#socket = undefined;
    this.#connection.streamEnded(this);
    const early = this.#early;
    this.#early = undefined;
    retry(early);
    return true;
  }

  /**
   * Client: the request was sent. What the application has said already follows at once, as RFC 9113, section 8.5 lets
   * it: the answer would cost a round trip. `early` is what an earlier stream had sent of it.
   */
  requested(socket: ByteSocket, early: EarlyBytes | undefined): void {
    early?.rewind();
    this.#early = early;
    this.attach(socket);
    this.pump();
  }

  /** Glues the application's socket on. Bytes flow once the stream is answered; the first of a client's before. */
  attach(socket: ByteSocket): void {
    this.#socket = socket;
    socket.handler = this;
    // It may have been announced to an owner before us: the first pump looks.
    this.#readable = true;
  }

  /** Server: the peer has sent bytes along with its request, and has more to say only when those are answered. */
  get isPatient(): boolean {
    return this.#held > 0 && this.#held < PATIENT_BYTES;
  }

  /** Server: nobody will take what came with the request. */
  discard(): void {
    if (this.#held > 0) this.#connection.consumed(this, this.#held);
    this.#dropSocket(true);
  }

  /** The stream is answered: bytes may flow. */
  established(headers: ReadonlyArray<readonly [string, string]>): void {
    this.answered = true;
    this.#events?.onEstablished(headers);
    this.pump();
    this.#flushWaiting();
  }

  /**
   * Ends both directions at once with an error. The peer is told with `h2Code` when the stream still lives; by
   * default that what was connected is broken (RFC 9113, section 8.5): nobody may take a part of a message for the whole.
   */
  fail(end: RelayEnd, h2Code: H2Code = H2_CODE.connectError): void {
    if (this.#ended) return;
    this.#connection.session.reset(this, h2Code);
    this.#connection.dirty();
    this.#dropSocket(true);
    this.#finish(end);
  }

  cut(detail: string): void {
    this.fail({ kind: "error", code: "cut", detail });
  }

  /** Closes in order: FIN towards the application, an end towards the peer. */
  close(detail: string): void {
    if (this.#ended) return;
    if (!this.answered) {
      this.cut(detail);
      return;
    }
    if (!this.localEnded) this.#connection.session.sendEnd(this);
    this.#connection.session.reset(this, H2_CODE.noError);
    this.#connection.dirty();
    this.#closeSocket();
    this.#dropSocket(false);
    this.#finish({ kind: "error", code: "cut", detail });
  }

  // ---- from the tunnel ----

  /** Bytes from the peer; what the application does not take at once waits. */
  deliver(memory: Memory, windows: Int32Array, count: number, total: number): void {
    if (this.#ended) return;
    let written = 0;
    const socket = this.#socket;
    if (socket !== undefined && this.#waiting.length === 0 && !socket.closed) {
      const result =
        count === 1
          ? socket.write(memory, windows[0] ?? 0, windows[1] ?? 0)
          : socket.writev(memory, windows, count);
      if (result > 0) written = result;
      if (this.#ended) return;
      this.#toApp += written;
      if (written > 0) this.#connection.consumed(this, written);
    }
    if (written < total) this.#keep(memory, windows, count, written);
    if (this.#connection.resting && this.#toApp >= PATIENT_BYTES) this.#connection.dirty();
  }

  /** The peer has ended its direction. */
  onRemoteEnd(): void {
    if (!this.#ended) this.#flushWaiting();
  }

  /** The peer has reset the stream, or the connection is gone. */
  onGone(end: RelayEnd, wasCancelled: boolean): void {
    if (this.#ended) return;
    // A reset that says "no error" or "cancel" is an end like any other (ambient.md 4.9).
    if (wasCancelled) this.#closeSocket();
    this.#dropSocket(!wasCancelled);
    if (this.answered) this.#finish(wasCancelled ? { kind: "complete" } : end);
    // Nothing was carried: whoever asked must be told why.
    else
      this.#finish(end.kind === "error" && end.code === "reset" ? { ...end, code: "refused-by-peer" } : end);
  }

  /** Reads the application's bytes into the tunnel as far as windows and room allow. */
  pump(): void {
    const socket = this.#socket;
    const connection = this.#connection;
    if (socket === undefined || this.localEnded || this.#ended || !this.#sendEarlyAgain()) return;
    let budget = this.answered ? READ_BUDGET_BYTES : (this.#early?.room ?? EARLY_BYTES);
    while (this.#readable) {
      if (budget <= 0) {
        if (this.answered) connection.driver.again(socket);
        return;
      }
      const room = this.#sendRoom();
      if (room === 0) return;
      const want = this.answered ? room : Math.min(room, budget);
      const { memory, offset } = connection.staging.dataWindow();
      const count = socket.read(memory, offset, want);
      if (count > 0) {
        if (!this.answered) (this.#early ??= new EarlyBytes(connection.pool)).add(memory, offset, count);
        this.#send(count);
        budget -= count;
        if (count < want) this.#readable = false;
      } else if (!this.#readNothing(count)) return;
    }
  }

  /** Bytes of DATA that may be sent now; 0 when `pump` is called again once there are any. */
  #sendRoom(): number {
    const connection = this.#connection;
    const { session } = connection;
    const window = Math.min(this.sendWindow, session.sendWindow);
    if (window <= 0) {
      if (session.sendWindow <= 0) connection.wait(this);
      return 0;
    }
    const room = connection.dataRoom();
    if (room < MIN_READ_ROOM) {
      connection.wait(this);
      return 0;
    }
    return Math.min(room, window, session.peer.maxFrameBytes);
  }

  /** The application's next `count` bytes lie in the staging's data window. */
  #send(count: number): void {
    this.#connection.session.sendData(this, count);
    this.#connection.dirty();
    this.#fromApp += count;
  }

  /** Sends what an earlier stream had sent of the application's bytes; false while some are left. */
  #sendEarlyAgain(): boolean {
    const early = this.#early;
    if (early === undefined) return true;
    while (early.unsent > 0) {
      const count = Math.min(this.#sendRoom(), early.unsent);
      if (count === 0) return false;
      const { memory, offset } = this.#connection.staging.dataWindow();
      early.take(memory, offset, count);
      this.#send(count);
    }
    if (this.answered) this.#forgetEarly();
    return true;
  }

  #forgetEarly(): void {
    this.#early?.release();
    this.#early = undefined;
  }

  // False when nothing more can be read: the end, or an error.
  #readNothing(result: number): boolean {
    if (result === WOULD_BLOCK) {
      this.#readable = false;
      return true;
    }
    if (result !== 0) {
      this.fail({ kind: "error", code: "reset", detail: `the application's connection failed (${-result})` });
      return false;
    }
    // Whoever ends before the answer is looked at again after it.
    if (!this.answered) return false;
    this.#connection.session.sendEnd(this);
    this.#connection.dirty();
    this.#completeIfDone();
    return false;
  }

  // ---- from the application's socket ----

  onConnected(): void {
    // Sockets are connected before they are attached.
  }

  onReadable(): void {
    this.#readable = true;
    this.pump();
  }

  onWritable(): void {
    this.#flushWaiting();
  }

  onError(_socket: ByteSocket, error: SocketError): void {
    this.fail({ kind: "error", code: "reset", detail: error.detail === "" ? error.code : error.detail });
  }

  #keep(memory: Memory, windows: Int32Array, count: number, written: number): void {
    let skip = written;
    for (let index = 0; index < count; index++) {
      const offset = (windows[index * 2] ?? 0) + Math.min(skip, windows[index * 2 + 1] ?? 0);
      const length = (windows[index * 2 + 1] ?? 0) - Math.min(skip, windows[index * 2 + 1] ?? 0);
      skip = Math.max(0, skip - (windows[index * 2 + 1] ?? 0));
      if (length === 0) continue;
      this.#keepPiece(memory, offset, length);
      this.#held += length;
      this.#connection.hold(length);
    }
  }

  #keepPiece(memory: Memory, offset: number, length: number): void {
    const last = this.#waiting.at(-1);
    if (last !== undefined && last.memory.bytes.length - last.to >= length) {
      memory.bytes.copy(last.memory.bytes, last.to, offset, offset + length);
      last.to += length;
      return;
    }
    const copy = this.#memoryFor(length);
    memory.bytes.copy(copy.memory.bytes, 0, offset, offset + length);
    this.#waiting.push({ ...copy, from: 0, to: length });
  }

  #memoryFor(length: number): Pick<Waiting, "memory" | "pooled"> {
    const { driver, pool } = this.#connection;
    // Small ones share a piece: a byte that waits costs a byte, in however small frames it came.
    if (length <= PIECE_BYTES) return { memory: pool.takePiece(), pooled: true };
    if (length >= SEGMENT_FROM_BYTES && length <= SEGMENT_BYTES) return { memory: pool.take(), pooled: true };
    return { memory: driver.allocate(length), pooled: false };
  }

  #giveBack(piece: Waiting): void {
    if (piece.pooled) this.#connection.pool.give(piece.memory);
  }

  #release(bytes: number): void {
    this.#held -= bytes;
    this.#connection.hold(-bytes);
  }

  #flushWaiting(): void {
    const socket = this.#socket;
    if (socket === undefined || this.#ended) return;
    let first = this.#waiting[0];
    while (first !== undefined) {
      const count = socket.write(first.memory, first.from, first.to - first.from);
      if (this.#ended) return;
      if (count <= 0) return;
      first.from += count;
      this.#release(count);
      this.#toApp += count;
      this.#connection.consumed(this, count);
      if (first.from < first.to) return;
      this.#waiting.shift();
      this.#giveBack(first);
      first = this.#waiting[0];
    }
    if (!this.remoteEnded || this.#writeShut) return;
    this.#writeShut = true;
    if (!this.localEnded) socket.shutdownWrite();
    this.#completeIfDone();
  }

  #completeIfDone(): void {
    if (!this.localEnded || !this.#writeShut) return;
    this.#dropSocket(false);
    this.#finish({ kind: "complete" });
  }

  // The tunnel's own arena may hold frames just now.
  #closeSocket(): void {
    const socket = this.#socket;
    if (socket === undefined || socket.closed) return;
    const { pool } = this.#connection;
    const scratch = pool.take();
    closeInOrder(socket, scratch);
    pool.give(scratch);
  }

  #dropSocket(abrupt: boolean): void {
    const socket = this.#socket;
    for (const piece of this.#waiting) this.#giveBack(piece);
    this.#waiting = [];
    if (this.#held > 0) this.#release(this.#held);
    if (socket === undefined || socket.closed) return;
    if (abrupt) socket.reset();
    else socket.close();
  }

  #finish(end: RelayEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    const events = this.#events;
    // Nothing young hangs on an ended stream: one that was promoted would keep it from being collected.
    this.#socket = undefined;
    this.#events = undefined;
    this.#retry = undefined;
    this.#forgetEarly();
    this.#connection.streamEnded(this);
    events?.onEnd(end);
  }
}
