import {
  WOULD_BLOCK,
  type AcceptedSocket,
  type Memory,
  type PeerCertificate,
  type SocketAddress,
  type SocketError,
  type SocketHandler,
  type TlsSocket,
} from "@ambit/io/driver.ts";

/** As the kernel's numbers: a descriptor that is closed, a direction that was ended. */
const EBADF = 9;
const EPIPE = 32;

/** Bytes that one direction holds when nobody reads. */
const CAPACITY_BYTES = 256 * 1024;

const NO_HANDLER: SocketHandler = {
  onConnected: () => undefined,
  onReadable: () => undefined,
  onWritable: () => undefined,
  onError: () => undefined,
};

/** What a socket needs of its driver. */
export interface MemoryRoom {
  /** Runs later, one after the other. */
  readonly later: (run: () => void) => void;
  /** Most bytes of one read. */
  readonly maxReadBytes: number;
}

/** One end of a connection between two ends of the same process. Plain, or as TLS with certificates that are only said. */
export class MemorySocket implements AcceptedSocket, TlsSocket {
  handler: SocketHandler = NO_HANDLER;
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  readonly originalDestination = undefined;
  peer: PeerCertificate | undefined;
  /** Who this end says that it is; undefined before TLS was begun. */
  identity: string | undefined;
  other: MemorySocket | undefined;
  readonly #room: MemoryRoom;
  #incoming: Buffer = Buffer.alloc(0);
  #incomingEnded = false;
  #ended = false;
  #closed = false;
  #wantsToWrite = false;

  constructor(room: MemoryRoom, local: SocketAddress, remote: SocketAddress) {
    this.#room = room;
    this.local = local;
    this.remote = remote;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get blocked(): boolean {
    return this.#wantsToWrite;
  }

  /** Bytes that wait to be read at this end. */
  get unread(): number {
    return this.#incoming.length;
  }

  read(into: Memory, offset: number, length: number): number {
    if (this.#closed) return -EBADF;
    const count = Math.min(length, this.#incoming.length, this.#room.maxReadBytes);
    if (count === 0) return this.#incomingEnded ? 0 : WOULD_BLOCK;
    this.#incoming.copy(into.bytes, offset, 0, count);
    this.#incoming = this.#incoming.subarray(count);
    // A short read means that nothing is left, so whoever was given less than there is hears of the rest.
    if (this.#incoming.length > 0 || this.#incomingEnded) this.announce();
    this.other?.drained();
    return count;
  }

  write(from: Memory, offset: number, length: number): number {
    if (this.#closed) return -EBADF;
    if (this.#ended) return -EPIPE;
    const { other } = this;
    if (other === undefined || other.closed) return length;
    const room = CAPACITY_BYTES - other.#incoming.length;
    const isTls = this.identity !== undefined;
    const count = isTls && room < length ? 0 : Math.min(room, length);
    if (count < length) this.#wantsToWrite = true;
    if (count === 0) return WOULD_BLOCK;
    other.#incoming = Buffer.concat([other.#incoming, from.bytes.subarray(offset, offset + count)]);
    other.announce();
    return count;
  }

  writev(from: Memory, windows: Int32Array, count: number): number {
    let total = 0;
    for (let index = 0; index < count; index++) {
      const length = windows[index * 2 + 1] ?? 0;
      const written = this.write(from, windows[index * 2] ?? 0, length);
      if (written < 0) return total === 0 ? written : total;
      total += written;
      if (written < length) break;
    }
    return total;
  }

  shutdownWrite(): void {
    if (this.#ended || this.#closed) return;
    this.#ended = true;
    this.other?.finish();
  }

  close(): void {
    if (this.#closed) return;
    this.shutdownWrite();
    this.#closed = true;
    this.other?.drained();
  }

  reset(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.other?.fail("ECONNRESET");
  }

  setReceiveLowWater(): void {
    // Every byte is announced.
  }

  /** Tells the owner that something can be read. */
  announce(): void {
    this.#room.later(() => {
      if (!this.#closed) this.handler.onReadable(this);
    });
  }

  /** Ends it with an error. */
  fail(code: string, kind: SocketError["kind"] = "io"): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#room.later(() => this.handler.onError(this, { kind, code, detail: "" }));
  }

  /** The other end has ended its direction. */
  finish(): void {
    this.#incomingEnded = true;
    if (this.identity !== undefined && this.peer === undefined)
      this.fail("the handshake was broken off", "tls");
    else this.announce();
  }

  /** The other end has taken bytes. */
  drained(): void {
    if (!this.#wantsToWrite) return;
    this.#wantsToWrite = false;
    this.#room.later(() => {
      if (!this.#closed) this.handler.onWritable(this);
    });
  }
}
