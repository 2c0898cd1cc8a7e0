import { WOULD_BLOCK } from "../driver.ts";
import type { Memory, SocketAddress, SocketHandler } from "../driver.ts";
import * as linux from "../linux.ts";
import { EngineSocket } from "./engine-socket.ts";
import type { EngineRoom, Surrendered } from "./engine-socket.ts";

/** IOV_MAX of the kernel is 1024; fewer suffice and fit a page beside the header. */
const MAX_WINDOWS = 128;
const VECTORS_AT = 64;
const UNUSED = linux.EBADF;

/** Of accepted sockets until the acceptor sets its own, and of closed ones: they keep nobody from being collected. */
export const NO_HANDLER: SocketHandler = {
  onConnected: () => undefined,
  onReadable: () => undefined,
  onWritable: () => undefined,
  onError: () => undefined,
};

/** A TCP socket read and written by system calls, nothing in between. */
export class PlainSocket extends EngineSocket {
  readonly blocked = false;
  readonly #vectors: Memory;
  #endOnceConnected = false;

  constructor(
    room: EngineRoom,
    vectors: Memory,
    handler: SocketHandler,
    fd: number,
    remote: SocketAddress,
    phase: "connecting" | "open",
  ) {
    super(room, handler, fd, remote, phase);
    this.#vectors = vectors;
  }

  read(into: Memory, offset: number, length: number): number {
    if (this.phase !== "open") return this.phase === "closed" ? -UNUSED : WOULD_BLOCK;
    if (length === 0 || this.outOfBudget()) return WOULD_BLOCK;
    const count = this.room.sys.read(this.fd, into, offset, length);
    if (count > 0) {
      this.spend(count);
      // A short read says the queue is empty, but the end that was announced already will not be announced again.
      if (count < length && this.hangup) this.room.loop.again(this);
      return count;
    }
    if (count === 0) {
      this.hangup = false;
      return 0;
    }
    if (count === WOULD_BLOCK) return WOULD_BLOCK;
    if (count === -linux.EINTR) {
      this.room.loop.again(this);
      return WOULD_BLOCK;
    }
    return this.failSystem(count);
  }

  write(from: Memory, offset: number, length: number): number {
    if (this.phase !== "open") return this.#notOpen();
    if (length === 0) return 0;
    return this.#account(this.room.sys.send(this.fd, from, offset, length), length);
  }

  writev(from: Memory, windows: Int32Array, count: number): number {
    if (this.phase !== "open") return this.#notOpen();
    const parts = Math.min(count, MAX_WINDOWS);
    let total = 0;
    for (let index = 0; index < parts; index++) {
      const offset = windows[index * 2] ?? 0;
      const length = windows[index * 2 + 1] ?? 0;
      this.room.sys.vector(this.#vectors, VECTORS_AT, index, from, offset, length);
      total += length;
    }
    if (total === 0) return 0;
    this.room.sys.messageHeader(this.#vectors, {
      vectors: this.#vectors,
      vectorsAt: VECTORS_AT,
      vectorCount: parts,
      control: this.#vectors,
      controlAt: 0,
      controlLength: 0,
    });
    const sent = this.#account(
      this.room.sys.sendMessage(this.fd, this.#vectors, linux.MSG_NOSIGNAL | linux.MSG_DONTWAIT),
      total,
    );
    // Windows beyond the limit were not offered to the kernel: for the caller that is a partial write.
    if (parts < count && sent === total) this.wantsWrite = true;
    if (parts < count && sent === total) this.room.loop.defer(() => this.onDrained());
    return sent;
  }

  #notOpen(): number {
    if (this.phase === "closed") return -UNUSED;
    this.wantsWrite = true;
    return WOULD_BLOCK;
  }

  #account(sent: number, length: number): number {
    if (sent === length) return sent;
    if (sent >= 0 || sent === WOULD_BLOCK) {
      this.wantsWrite = true;
      this.awaitRoom();
      return sent;
    }
    return this.failSystem(sent);
  }

  shutdownWrite(): void {
    if (this.phase === "connecting") this.#endOnceConnected = true;
    if (this.phase === "open") this.room.sys.shutdown(this.fd, linux.SHUT_WR);
  }

  close(): void {
    this.phase = "closed";
    this.forgetFailure();
    this.release();
    this.handler = NO_HANDLER;
  }

  reset(): void {
    if (this.fd >= 0) this.room.maker.abortOnClose(this.fd);
    this.close();
  }

  /** Hands the descriptor to a TLS socket. */
  surrender(): Surrendered {
    return this.takeOut();
  }

  protected onEstablished(): void {
    this.endTimeout();
    if (this.#endOnceConnected) this.shutdownWrite();
    this.handler.onConnected(this);
  }

  protected onDrained(): void {
    if (!this.wantsWrite || this.phase !== "open") return;
    this.wantsWrite = false;
    this.handler.onWritable(this);
  }

  protected onArrival(): void {
    this.handler.onReadable(this);
  }

  protected dispose(): void {
    // Nothing besides the descriptor.
  }
}
