import { WOULD_BLOCK } from "../driver.ts";
import type { Memory, PeerCertificate, SocketHandler, TlsSocket } from "../driver.ts";
import * as linux from "../linux.ts";
import type { PeerCertificateReader } from "../peer-certificate.ts";
import { SSL_ERROR_WANT_READ, SSL_ERROR_ZERO_RETURN } from "../sys-tls.ts";
import type { Session, TlsSys } from "../sys-tls.ts";
import { EngineSocket } from "./engine-socket.ts";
import type { EngineRoom, Surrendered } from "./engine-socket.ts";
import { INPUT_BYTES, MAX_WRITE } from "./tls-buffers.ts";
import type { TlsBuffers } from "./tls-buffers.ts";

/** One TLS record at most, so that a small read of the owner still takes whole records from the kernel. */
const MIN_INPUT = 17 * 1024;
/**
 * Ciphertext that may come without a byte for the owner: the largest record in flight, and new keys or tickets now and
 * then. Who sends more is flooding; OpenSSL itself takes new keys without end (CVE-2026-32283).
 */
const MAX_FRUITLESS = 64 * 1024;
/** What one record with data may have around it: its own overhead, padding, new keys. */
const RECORD_CREDIT = 1024;
/** How long sealed bytes may take to leave after `close`. */
const LINGER_MS = 10_000;

/** What the TLS sockets of one driver share. */
export interface TlsRoom extends EngineRoom {
  readonly tls: TlsSys;
  readonly buffers: TlsBuffers;
  readonly peers: PeerCertificateReader;
  readonly handshakeTimeoutMs: number;
}

/** A piece of a buffer: bytes `start` to `end`. */
interface Piece {
  readonly memory: Memory;
  start: number;
  end: number;
}

/**
 * TLS 1.3 over a descriptor taken from a plain socket. Ciphertext passes through the driver's shared buffers; between
 * calls the session holds memory only while sealed bytes wait for the kernel (`#out`) or while the owner has asked for
 * less than had arrived (`#rest`).
 */
export class EngineTlsSocket extends EngineSocket implements TlsSocket {
  peer: PeerCertificate | undefined;
  protected override readonly room: TlsRoom;
  readonly #session: Session;
  readonly #alpn: string;
  #secured = false;
  #out: Piece | undefined;
  /** Ciphertext that was read from the kernel and not yet opened. */
  #rest: Piece | undefined;
  /** Bytes of ciphertext that no plaintext has come of yet. */
  #fruitless = 0;
  /** OpenSSL holds plaintext of a record that was larger than the owner's window. */
  #opened = false;
  /** The output BIO points at the empty control buffer. */
  #atControl = false;
  #peerEnded = false;
  #ended = false;
  /** Closed by the owner, with sealed bytes still leaving. */
  #lingering = false;

  constructor(room: TlsRoom, handler: SocketHandler, taken: Surrendered, session: Session, alpn: string) {
    super(room, handler, taken.fd, taken.remote, taken.connecting ? "connecting" : "open");
    this.room = room;
    this.#session = session;
    this.#alpn = alpn;
    this.moveIn(taken);
    this.limit(taken.connecting ? taken.timeoutMs : room.handshakeTimeoutMs);
    // Events from before the change of hands are gone; look for ourselves.
    if (!taken.connecting) room.loop.again(this);
  }

  get blocked(): boolean {
    return this.#out !== undefined;
  }

  protected onEstablished(): void {
    this.limit(this.room.handshakeTimeoutMs);
    this.#handshake();
  }

  protected onArrival(): void {
    if (this.#lingering) return;
    if (this.#secured) this.handler.onReadable(this);
    else this.#handshake();
  }

  protected onDrained(): void {
    if (this.#out !== undefined && !this.#push()) return;
    if (this.#lingering) return this.release();
    if (!this.wantsWrite || this.phase !== "open" || !this.#secured || this.#out !== undefined) return;
    this.wantsWrite = false;
    this.handler.onWritable(this);
  }

  override onEvents(events: number): void {
    super.onEvents(events);
    if (this.#lingering && (events & (linux.EPOLLERR | linux.EPOLLHUP)) !== 0) this.release();
  }

  // --- handshake

  #handshake(): void {
    const { tls, buffers } = this.room;
    while (this.phase === "open" && !this.#secured) {
      const count = this.room.sys.read(this.fd, buffers.input, 0, INPUT_BYTES);
      if (count <= 0 && count !== WOULD_BLOCK) return this.#handshakeEnded(count);
      buffers.pointInput(this.#session.input, buffers.input, 0, Math.max(0, count));
      if (!this.#aimOutput()) return this.failNow("tls", "EPROTO", "the peer does not read our handshake");
      tls.clearErrors();
      const result = tls.handshake(this.#session);
      const failed = result !== 1 && tls.errorKind(this.#session, result) !== SSL_ERROR_WANT_READ;
      const reason = failed ? tls.failureReason(this.#session) : "";
      if (!this.#collectOutput()) return;
      if (failed) return this.failNow("tls", "EPROTO", reason);
      if (result === 1) return this.#secure(count);
      if (count === WOULD_BLOCK || (count < INPUT_BYTES && !this.hangup)) return;
    }
  }

  #handshakeEnded(count: number): void {
    if (count === 0) return this.failNow("tls", "EPROTO", "the peer closed during the handshake");
    this.failSystem(count);
  }

  // The handshake may have been followed by data in the same read.
  #secure(count: number): void {
    const { tls, buffers } = this.room;
    if (count > 0) this.#keepRest(buffers.input, count);
    if (tls.selectedProtocol(this.#session) !== this.#alpn) {
      return this.failNow("tls", "EPROTO", "no application protocol was agreed on");
    }
    const length = tls.peerCertificate(this.#session, buffers.certificate);
    if (length === 0) return this.failNow("tls", "EPROTO", "the peer showed no usable certificate");
    try {
      this.peer = this.room.peers.read(buffers.certificate.bytes.subarray(0, length));
    } catch {
      return this.failNow("tls", "EPROTO", "the peer's certificate cannot be read");
    }
    this.#secured = true;
    this.endTimeout();
    if (this.#ended) this.#sendEnd();
    if (this.phase !== "open") return;
    this.handler.onConnected(this);
    if (this.closed) return;
    this.room.loop.again(this);
    if (this.#out === undefined) this.onDrained();
  }

  // --- reading

  read(into: Memory, offset: number, length: number): number {
    if (this.phase !== "open") return this.phase === "closed" ? -linux.EBADF : WOULD_BLOCK;
    if (!this.#secured || length === 0 || this.outOfBudget()) return WOULD_BLOCK;
    let done = 0;
    if (this.#opened || this.#rest !== undefined) done = this.#openRest(into, offset, length);
    while (done >= 0 && done < length && !this.#peerEnded) {
      const asked = Math.min(INPUT_BYTES, Math.max(MIN_INPUT, length - done));
      const count = this.room.sys.read(this.fd, this.room.buffers.input, 0, asked);
      if (count <= 0) return this.#readEnded(count, done);
      this.#fruitless += count;
      const opened = this.#open(into, offset + done, length - done, this.room.buffers.input, 0, count);
      if (opened < 0) return opened;
      done += opened;
      if (count < asked) break;
    }
    if (done < 0) return done;
    this.spend(done);
    // What is left has been announced already: the end of the stream, or a broken connection.
    if (done < length && done > 0 && (this.#peerEnded || this.hangup)) this.room.loop.again(this);
    if (done > 0) return done;
    if (this.#peerEnded) return 0;
    if (this.hangup) this.room.loop.again(this);
    return WOULD_BLOCK;
  }

  #readEnded(count: number, done: number): number {
    if (done > 0) {
      if (count !== WOULD_BLOCK) this.room.loop.again(this);
      this.spend(done);
      return done;
    }
    if (count === WOULD_BLOCK || count === -linux.EINTR) return WOULD_BLOCK;
    if (count === 0) return this.fail("tls", "ETRUNCATED", "the peer closed without close_notify");
    return this.failSystem(count);
  }

  #openRest(into: Memory, offset: number, length: number): number {
    const rest = this.#rest;
    if (rest === undefined) return this.#open(into, offset, length, this.room.buffers.input, 0, 0);
    this.#rest = undefined;
    const opened = this.#open(into, offset, length, rest.memory, rest.start, rest.end - rest.start);
    this.room.buffers.putBack(rest.memory);
    return opened;
  }

  /** Opens `count` bytes of ciphertext into the owner's window; keeps what does not fit. -errno on failure. */
  #open(into: Memory, offset: number, length: number, from: Memory, start: number, count: number): number {
    const { tls, buffers } = this.room;
    buffers.pointInput(this.#session.input, from, start, count);
    if (!this.#atControl) buffers.pointControl(this.#session.output);
    this.#atControl = true;
    tls.clearErrors();
    let done = 0;
    let unread = count;
    this.#opened = false;
    while (done < length) {
      const result = tls.read(this.#session, into, offset + done, length - done);
      if (result <= 0) return this.#openEnded(result, done);
      done += result;
      this.#fruitless = Math.max(0, this.#fruitless - result - RECORD_CREDIT);
      unread = tls.unread(this.#session.input);
      if (unread === 0 && done < length) return done;
    }
    this.#opened = tls.pending(this.#session) > 0;
    if (unread > 0) this.#keepRest(from, start + count);
    return done;
  }

  #openEnded(result: number, done: number): number {
    const { tls, buffers } = this.room;
    const kind = tls.errorKind(this.#session, result);
    if (kind === SSL_ERROR_WANT_READ) {
      if (this.#fruitless > MAX_FRUITLESS)
        return this.fail("tls", "EPROTO", "the peer sends records without data");
      return this.#answer() ? done : -linux.EPROTO;
    }
    if (kind === SSL_ERROR_ZERO_RETURN) {
      this.#peerEnded = true;
      return done;
    }
    const reason = tls.failureReason(this.#session);
    const alert = tls.filled(buffers.controlWindow);
    if (alert > 0 && this.#out === undefined) this.room.sys.send(this.fd, buffers.control, 0, alert);
    return this.fail("tls", "EPROTO", reason);
  }

  /** Sends what OpenSSL answered by itself while it read, which it hardly ever does. */
  #answer(): boolean {
    const { tls, buffers } = this.room;
    const length = tls.filled(buffers.controlWindow);
    if (length === 0) return true;
    const out = (this.#out ??= { memory: buffers.take(), start: 0, end: 0 });
    this.#atControl = false;
    if (out.end + length > out.memory.bytes.length) {
      this.fail("tls", "EPROTO", "the peer demands answers and does not read them");
      return false;
    }
    buffers.control.bytes.copy(out.memory.bytes, out.end, 0, length);
    out.end += length;
    buffers.pointControl(this.#session.output);
    this.#atControl = true;
    this.#push();
    return this.phase === "open";
  }

  /** Keeps the unread tail of the input, which ends at `end` of `from`, in a buffer of our own. */
  #keepRest(from: Memory, end: number): void {
    const unread = this.room.tls.unread(this.#session.input);
    if (unread === 0) return;
    const memory = this.room.buffers.take();
    from.bytes.copy(memory.bytes, 0, end - unread, end);
    this.#rest = { memory, start: 0, end: unread };
  }

  // --- writing

  write(from: Memory, offset: number, length: number): number {
    if (this.phase === "closed" || this.#ended) return this.phase === "closed" ? -linux.EBADF : -linux.EPIPE;
    if (this.#out !== undefined || !this.#secured) {
      this.wantsWrite = true;
      return WOULD_BLOCK;
    }
    const count = Math.min(length, MAX_WRITE);
    if (count === 0) return 0;
    const { tls } = this.room;
    this.#aimOutput();
    tls.clearErrors();
    const result = tls.write(this.#session, from, offset, count);
    if (result !== count) return this.fail("tls", "EPROTO", tls.failureReason(this.#session));
    if (!this.#collectOutput()) return -linux.EPIPE;
    // The owner learns when a kept write has left, whether or not it tries another one meanwhile.
    if (this.#out !== undefined) this.wantsWrite = true;
    return count;
  }

  writev(from: Memory, windows: Int32Array, count: number): number {
    if (count === 1) return this.write(from, windows[0] ?? 0, windows[1] ?? 0);
    if (this.phase === "open" && (this.#out !== undefined || !this.#secured)) return this.write(from, 0, 1);
    const { gather } = this.room.buffers;
    let total = 0;
    for (let index = 0; index < count && total < MAX_WRITE; index++) {
      const offset = windows[index * 2] ?? 0;
      const length = Math.min(windows[index * 2 + 1] ?? 0, MAX_WRITE - total);
      from.bytes.copy(gather.bytes, total, offset, offset + length);
      total += length;
    }
    return this.write(gather, 0, total);
  }

  /** Points the output BIO at our output buffer, behind what waits there. */
  #aimOutput(): boolean {
    const out = (this.#out ??= { memory: this.room.buffers.take(), start: 0, end: 0 });
    this.#atControl = false;
    return this.room.buffers.pointOutput(this.#session.output, out.memory, out.end);
  }

  /** Takes over what was written to the output BIO and sends it; false when the connection broke. */
  #collectOutput(): boolean {
    if (this.#out === undefined) return true;
    this.#out.end = this.room.tls.filled(this.room.buffers.outputWindow);
    this.#push();
    return this.phase === "open" || this.#lingering;
  }

  /** Sends waiting bytes; true when none are left. */
  #push(): boolean {
    const out = this.#out;
    if (out === undefined) return true;
    const length = out.end - out.start;
    if (length > 0) {
      const sent = this.room.sys.send(this.fd, out.memory, out.start, length);
      if (sent < 0 && sent !== WOULD_BLOCK) {
        if (this.#lingering) this.release();
        else this.failSystem(sent);
        return false;
      }
      if (sent < length) {
        out.start += Math.max(0, sent);
        this.awaitRoom();
        return false;
      }
    }
    this.#out = undefined;
    this.room.buffers.putBack(out.memory);
    if (this.#ended && this.fd >= 0) this.room.sys.shutdown(this.fd, linux.SHUT_WR);
    return true;
  }

  // --- ending

  shutdownWrite(): void {
    if (this.#ended || this.phase === "closed") return;
    this.#ended = true;
    if (this.#secured) this.#sendEnd();
  }

  #sendEnd(): void {
    if (!this.#aimOutput()) return;
    this.room.tls.clearErrors();
    this.room.tls.shutdown(this.#session);
    this.#collectOutput();
  }

  close(): void {
    this.forgetFailure();
    if (this.phase === "closed") return;
    if (this.#secured) this.shutdownWrite();
    this.forgetFailure();
    if (this.fd >= 0 && this.#out !== undefined && this.#secured) {
      this.#lingering = true;
      this.room.loop.after(LINGER_MS, () => this.release());
    } else this.release();
    this.phase = "closed";
  }

  /** Ends even a socket that is still getting rid of its last bytes. */
  abandon(): void {
    this.close();
    this.release();
  }

  reset(): void {
    this.forgetFailure();
    if (this.fd >= 0) this.room.maker.abortOnClose(this.fd);
    this.phase = "closed";
    this.release();
  }

  protected dispose(): void {
    if (this.#out !== undefined) this.room.buffers.putBack(this.#out.memory);
    if (this.#rest !== undefined) this.room.buffers.putBack(this.#rest.memory);
    this.#out = undefined;
    this.#rest = undefined;
    this.room.tls.freeSession(this.#session);
  }
}
