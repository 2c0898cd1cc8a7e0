import { chmodSync, closeSync, lstatSync, unlinkSync } from "node:fs";
import type { Memory } from "./driver.ts";
import { IoError, systemError } from "./io-error.ts";
import * as linux from "./linux.ts";
import { MSGHDR, createSys, watchReadable } from "./sys.ts";
import type { Sys } from "./sys.ts";

/** The longest packet of the namespace protocol (ZDS); a longer one is a fault of the peer. */
export const MAX_PACKET = 1024;
/** Descriptors one packet may carry. */
const MAX_DESCRIPTORS = 8;
/** sizeof(sun_path) without the closing zero. */
const MAX_PATH = 107;
const BACKLOG = 64;
/** Packets taken from one connection before others get their turn. */
const BATCH = 64;

const VECTORS_AT = 64;
const CONTROL_AT = 128;
/** sizeof(struct cmsghdr) */
const CONTROL_HEADER = 16;
const CONTROL_BYTES = CONTROL_HEADER + MAX_DESCRIPTORS * 4;

/** What the owner of a connection is told. */
export interface SeqpacketHandler {
  /** One packet. The descriptors belong to the owner, who closes them; `bytes` is a copy. */
  onMessage(connection: SeqpacketConnection, bytes: Uint8Array, descriptors: readonly number[]): void;
  /** The peer is gone, or broke the rules (then with an error); closed already. Not called after our `close`. */
  onEnd(connection: SeqpacketConnection, error: IoError | undefined): void;
}

/** Memory for one message; a message is complete within one call, so one of these serves a whole thread. */
class MessageBuffers {
  readonly header: Memory;
  readonly data: Memory;

  constructor(sys: Sys) {
    this.header = sys.allocate(4096);
    this.data = sys.allocate(4096);
  }

  /** Describes `length` data bytes and `control` bytes of ancillary data. */
  prepare(sys: Sys, length: number, control: number): void {
    sys.vector(this.header, VECTORS_AT, 0, this.data, 0, length);
    sys.messageHeader(this.header, {
      vectors: this.header,
      vectorsAt: VECTORS_AT,
      vectorCount: 1,
      control: this.header,
      controlAt: CONTROL_AT,
      controlLength: control,
    });
  }
}

let sharedBuffers: MessageBuffers | undefined;

/**
 * One end of a connected AF_UNIX SOCK_SEQPACKET socket, driven by the ordinary event loop: packets arrive as calls of
 * the handler, nothing blocks, no helper thread is needed.
 */
export class SeqpacketConnection {
  handler: SeqpacketHandler;
  readonly #sys: Sys;
  readonly #buffers: MessageBuffers;
  readonly #unwatch: () => void;
  #fd: number;

  /** Owns `fd`, a connected non-blocking socket. */
  constructor(sys: Sys, fd: number, handler: SeqpacketHandler) {
    this.#sys = sys;
    this.#buffers = sharedBuffers ??= new MessageBuffers(sys);
    this.#fd = fd;
    this.handler = handler;
    this.#unwatch = watchReadable(fd, () => this.#receive());
  }

  get closed(): boolean {
    return this.#fd < 0;
  }

  /**
   * Sends one packet with copies of `descriptors`; ours stay open. False when the peer does not read and its queue is
   * full. Throws an IoError `packet` for an empty or too long one, `socket` when the connection is broken.
   */
  send(bytes: Uint8Array, descriptors: readonly number[] = []): boolean {
    if (bytes.length === 0 || bytes.length > MAX_PACKET || descriptors.length > MAX_DESCRIPTORS) {
      throw new IoError("packet", "The packet is empty or too long", {
        facts: { length: bytes.length, descriptors: descriptors.length, limit: MAX_PACKET },
      });
    }
    const { header, data } = this.#buffers;
    data.bytes.set(bytes, 0);
    this.#buffers.prepare(this.#sys, bytes.length, writeDescriptors(header.bytes, descriptors));
    const sent = this.#sys.sendMessage(this.#fd, header, linux.MSG_NOSIGNAL | linux.MSG_DONTWAIT);
    if (sent === -linux.EAGAIN) return false;
    if (sent < 0) throw systemError("sendmsg", sent);
    return true;
  }

  close(): void {
    const fd = this.#fd;
    if (fd < 0) return;
    this.#fd = -1;
    this.#unwatch();
    this.#sys.close(fd);
  }

  #receive(): void {
    for (let count = 0; count < BATCH && this.#fd >= 0; count++) {
      const { header, data } = this.#buffers;
      this.#buffers.prepare(this.#sys, MAX_PACKET, CONTROL_BYTES);
      const length = this.#sys.receiveMessage(this.#fd, header, linux.MSG_DONTWAIT | linux.MSG_CMSG_CLOEXEC);
      if (length === -linux.EAGAIN || length === -linux.EINTR) return;
      if (length <= 0) return this.#end(length === 0 ? undefined : systemError("recvmsg", length));
      const descriptors = readDescriptors(header.bytes);
      if ((header.bytes.readUInt32LE(MSGHDR.flags) & (linux.MSG_TRUNC | linux.MSG_CTRUNC)) !== 0) {
        for (const fd of descriptors) closeSync(fd);
        return this.#end(
          new IoError("packet", "The peer sent a packet that is too long", { facts: { limit: MAX_PACKET } }),
        );
      }
      this.handler.onMessage(this, Uint8Array.from(data.bytes.subarray(0, length)), descriptors);
    }
  }

  #end(error: IoError | undefined): void {
    this.close();
    this.handler.onEnd(this, error);
  }
}

function writeDescriptors(into: Buffer, descriptors: readonly number[]): number {
  if (descriptors.length === 0) return 0;
  const length = CONTROL_HEADER + descriptors.length * 4;
  into.fill(0, CONTROL_AT, CONTROL_AT + CONTROL_BYTES);
  into.writeUInt32LE(length, CONTROL_AT);
  into.writeInt32LE(linux.SOL_SOCKET, CONTROL_AT + 8);
  into.writeInt32LE(linux.SCM_RIGHTS, CONTROL_AT + 12);
  for (const [index, fd] of descriptors.entries())
    into.writeInt32LE(fd, CONTROL_AT + CONTROL_HEADER + index * 4);
  return length;
}

function readDescriptors(from: Buffer): number[] {
  const found: number[] = [];
  const end = CONTROL_AT + Math.min(CONTROL_BYTES, from.readUInt32LE(MSGHDR.controlLength));
  for (let at = CONTROL_AT; at + CONTROL_HEADER <= end;) {
    const length = from.readUInt32LE(at);
    if (length < CONTROL_HEADER || at + length > end) break;
    const isRights =
      from.readInt32LE(at + 8) === linux.SOL_SOCKET && from.readInt32LE(at + 12) === linux.SCM_RIGHTS;
    for (let slot = at + CONTROL_HEADER; isRights && slot + 4 <= at + length; slot += 4)
      found.push(from.readInt32LE(slot));
    at += (length + 7) & ~7;
  }
  return found;
}

/** Connects to a server's path. Throws an IoError `socket` (facts.errno tells: ENOENT, ECONNREFUSED) or `address`. */
export function connectSeqpacket(path: string, handler: SeqpacketHandler): SeqpacketConnection {
  const sys = createSys();
  const fd = openUnix(sys);
  const { address, length } = unixAddress(sys, path, fd);
  const result = sys.connect(fd, address, length);
  if (result < 0) {
    sys.close(fd);
    throw systemError("connect", result, { path });
  }
  return new SeqpacketConnection(sys, fd, handler);
}

/** A listening AF_UNIX SOCK_SEQPACKET socket at a path. */
export class SeqpacketServer {
  readonly path: string;
  readonly #sys: Sys;
  readonly #onConnection: (connection: SeqpacketConnection) => SeqpacketHandler;
  readonly #address: Memory;
  readonly #unwatch: () => void;
  #fd: number;

  /**
   * Replaces a socket left at `path` by an earlier run. The file gets `mode` before anybody can connect.
   * `onConnection` returns the handler of the new connection. Throws an IoError `socket` or `address`.
   */
  constructor(
    path: string,
    onConnection: (connection: SeqpacketConnection) => SeqpacketHandler,
    mode = 0o600,
  ) {
    this.path = path;
    this.#sys = createSys();
    this.#onConnection = onConnection;
    this.#fd = openUnix(this.#sys);
    const { address, length } = unixAddress(this.#sys, path, this.#fd);
    this.#address = address;
    removeSocket(path);
    try {
      this.#demand("bind", this.#sys.bind(this.#fd, address, length));
      chmodSync(path, mode);
      this.#demand("listen", this.#sys.listen(this.#fd, BACKLOG));
    } catch (error) {
      this.#sys.close(this.#fd);
      throw error;
    }
    this.#unwatch = watchReadable(this.#fd, () => this.#accept());
  }

  /** Stops listening and removes the path; connections that stand go on. */
  close(): void {
    const fd = this.#fd;
    if (fd < 0) return;
    this.#fd = -1;
    this.#unwatch();
    this.#sys.close(fd);
    removeSocket(this.path);
  }

  #accept(): void {
    for (let count = 0; count < BACKLOG && this.#fd >= 0; count++) {
      const fd = this.#sys.accept(this.#fd, this.#address, linux.SOCK_NONBLOCK_CLOEXEC);
      if (fd < 0) return;
      const connection = new SeqpacketConnection(this.#sys, fd, NO_HANDLER);
      connection.handler = this.#onConnection(connection);
    }
  }

  #demand(call: string, result: number): void {
    if (result < 0) throw systemError(call, result, { path: this.path });
  }
}

const NO_HANDLER: SeqpacketHandler = { onMessage: () => undefined, onEnd: () => undefined };

function openUnix(sys: Sys): number {
  const fd = sys.socket(linux.AF_UNIX, linux.SOCK_SEQPACKET | linux.SOCK_NONBLOCK_CLOEXEC);
  if (fd < 0) throw systemError("socket", fd);
  return fd;
}

function unixAddress(sys: Sys, path: string, fd: number): { address: Memory; length: number } {
  const text = Buffer.from(path);
  if (text.length === 0 || text.length > MAX_PATH || text.includes(0)) {
    sys.close(fd);
    throw new IoError("address", "The path does not fit a socket address", {
      facts: { path, limit: MAX_PATH },
    });
  }
  const address = sys.allocate(4096);
  address.bytes.fill(0, 0, 128);
  address.bytes.writeUInt16LE(linux.AF_UNIX, 0);
  address.bytes.set(text, 2);
  return { address, length: 2 + text.length + 1 };
}

function removeSocket(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found?.isSocket() === true) unlinkSync(path);
}
