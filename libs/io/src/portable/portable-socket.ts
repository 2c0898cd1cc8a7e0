import type { Socket } from "node:net";
import { formatIp, parseIp } from "@ambit/base/ip.ts";
import type { Clock, Timer } from "@ambit/base/clock.ts";
import { WOULD_BLOCK } from "../driver.ts";
import type { AcceptedSocket, Memory, SocketAddress, SocketError, SocketHandler } from "../driver.ts";
import { EBADF, EPIPE } from "../linux.ts";
import type { TurnTaker, Turns } from "./turns.ts";

/** Bytes that may lie in our queue before Node is told to stop reading. */
const QUEUE_HIGH = 256 * 1024;
/** Most bytes taken by one write, as with the engine. */
const MAX_WRITE = 256 * 1024;
/** How long queued bytes may take to leave after `close`. */
const LINGER_MS = 10_000;

/** What the sockets of one portable driver share. */
export interface PortableRoom {
  readonly turns: Turns;
  readonly clock: Clock;
  readonly sockets: Set<PortableSocket>;
  readonly handshakeTimeoutMs: number;
}

/** Canonical address of one end; an empty one while Node knows none. */
export function addressOf(ip: string | undefined, port: number | undefined): SocketAddress {
  const bytes = ip === undefined ? undefined : parseIp(ip);
  return bytes === undefined ? { ip: "", port: 0 } : { ip: formatIp(bytes), port: port ?? 0 };
}

/** The descriptor under a stream, or -1; Node has no public name for it. */
export function descriptorOf(stream: Socket): number {
  return (stream as { _handle?: { fd?: number } | null })._handle?.fd ?? -1;
}

/** Node's error as ours; `kind` when the error does not tell itself that it is about TLS. */
export function socketErrorOf(error: Error & { code?: string }, kind: SocketError["kind"]): SocketError {
  const code = error.code ?? "EIO";
  const isTls = !/^E[A-Z0-9]+$/.test(code);
  return { kind: isTls ? "tls" : kind, code: isTls ? "EPROTO" : code, detail: error.message };
}

/** A net.Socket behind the pull interface: what arrives is queued within bounds, what is written is copied. */
export class PortableSocket implements AcceptedSocket, TurnTaker {
  handler: SocketHandler;
  queued = false;
  originalDestination: SocketAddress | undefined;
  protected readonly room: PortableRoom;
  protected stream: Socket | undefined;
  protected phase: "connecting" | "open" | "closed";
  protected wantsWrite = false;
  protected ended = false;
  #needsDrain = false;
  #chunks: Buffer[] = [];
  #chunkOffset = 0;
  #queuedBytes = 0;
  #peerEnded = false;
  #local: SocketAddress = { ip: "", port: 0 };
  #remote: SocketAddress;
  #timeout: Timer | undefined;

  constructor(
    room: PortableRoom,
    handler: SocketHandler,
    remote: SocketAddress,
    phase: "connecting" | "open",
  ) {
    this.room = room;
    this.handler = handler;
    this.#remote = remote;
    this.phase = phase;
    room.sockets.add(this);
  }

  get local(): SocketAddress {
    const { localAddress, localPort } = this.stream ?? {};
    if (localAddress !== undefined) this.#local = addressOf(localAddress, localPort);
    return this.#local;
  }

  get remote(): SocketAddress {
    return this.#remote;
  }

  get closed(): boolean {
    return this.phase === "closed";
  }

  get blocked(): boolean {
    return false;
  }

  /** Starts listening to `stream`; data flows from the next tick on. */
  attach(stream: Socket): void {
    this.stream = stream;
    void this.local;
    stream.on("data", (chunk: Buffer) => this.#onData(chunk));
    stream.on("end", () => this.#onEnd());
    stream.on("drain", () => this.onDrain());
    stream.on("error", (error) =>
      this.failed(socketErrorOf(error, this.phase === "connecting" ? "connect" : "io")),
    );
    if (this.phase === "connecting") stream.once("connect", () => this.onEstablished());
    stream.resume();
  }

  /** Fails the socket unless `endTimeout` comes in time. */
  limit(timeoutMs: number): void {
    this.#timeout?.cancel();
    this.#timeout = this.room.clock.after(timeoutMs, () => {
      this.failed({ kind: "timeout", code: "ETIMEDOUT", detail: `no connection within ${timeoutMs} ms` });
    });
  }

  protected endTimeout(): void {
    this.#timeout?.cancel();
    this.#timeout = undefined;
  }

  protected onEstablished(): void {
    if (this.phase !== "connecting") return;
    this.phase = "open";
    this.endTimeout();
    void this.local;
    if (this.ended) this.stream?.end();
    this.handler.onConnected(this);
  }

  #onData(chunk: Buffer): void {
    if (this.phase === "closed") return;
    this.#chunks.push(chunk);
    this.#queuedBytes += chunk.length;
    if (this.#queuedBytes >= QUEUE_HIGH) this.stream?.pause();
    this.onTurn();
  }

  #onEnd(): void {
    this.#peerEnded = true;
    this.onTurn();
  }

  protected onDrain(): void {
    this.#needsDrain = false;
    if (!this.wantsWrite || this.phase !== "open") return;
    this.wantsWrite = false;
    this.handler.onWritable(this);
  }

  onTurn(): void {
    if (this.phase === "open") this.handler.onReadable(this);
  }

  read(into: Memory, offset: number, length: number): number {
    if (this.phase !== "open") return this.phase === "closed" ? -EBADF : WOULD_BLOCK;
    if (length === 0) return WOULD_BLOCK;
    let done = 0;
    for (let first = this.#chunks[0]; first !== undefined && done < length; first = this.#chunks[0]) {
      const count = Math.min(length - done, first.length - this.#chunkOffset);
      first.copy(into.bytes, offset + done, this.#chunkOffset, this.#chunkOffset + count);
      done += count;
      this.#chunkOffset += count;
      if (this.#chunkOffset < first.length) break;
      this.#chunks.shift();
      this.#chunkOffset = 0;
    }
    this.#queuedBytes -= done;
    if (this.#queuedBytes < QUEUE_HIGH && this.stream?.isPaused() === true) this.stream.resume();
    if (done > 0 && done < length && this.#peerEnded) this.room.turns.again(this);
    if (done > 0) return done;
    return this.#peerEnded ? 0 : WOULD_BLOCK;
  }

  write(from: Memory, offset: number, length: number): number {
    const count = Math.min(length, MAX_WRITE);
    return this.#send(count, () => Buffer.from(from.bytes.subarray(offset, offset + count)));
  }

  writev(from: Memory, windows: Int32Array, count: number): number {
    const parts: Buffer[] = [];
    let total = 0;
    for (let index = 0; index < count && total < MAX_WRITE; index++) {
      const offset = windows[index * 2] ?? 0;
      const length = Math.min(windows[index * 2 + 1] ?? 0, MAX_WRITE - total);
      parts.push(from.bytes.subarray(offset, offset + length));
      total += length;
    }
    return this.#send(total, () => Buffer.concat(parts, total));
  }

  #send(count: number, copy: () => Buffer): number {
    if (this.phase === "closed") return -EBADF;
    if (this.ended) return -EPIPE;
    if (this.phase === "connecting" || this.#needsDrain) {
      this.wantsWrite = true;
      return WOULD_BLOCK;
    }
    if (count === 0) return 0;
    if (this.stream?.write(copy()) === false) this.#needsDrain = true;
    if (this.#needsDrain) this.onBlocked();
    return count;
  }

  /** Node holds more than it likes to. */
  protected onBlocked(): void {
    // A plain socket's owner is told when a write was refused.
  }

  protected get needsDrain(): boolean {
    return this.#needsDrain;
  }

  shutdownWrite(): void {
    if (this.ended || this.phase === "closed") return;
    this.ended = true;
    if (this.phase === "open") this.stream?.end();
  }

  close(): void {
    if (this.phase === "closed") return;
    const wasOpen = this.phase === "open";
    this.#leave();
    const { stream } = this;
    if (!wasOpen || stream === undefined) {
      stream?.destroy();
      return;
    }
    stream.destroySoon();
    const linger = this.room.clock.after(LINGER_MS, () => stream.destroy(), true);
    stream.once("close", () => linger.cancel());
  }

  reset(): void {
    if (this.phase === "closed") return;
    this.#leave();
    this.resetStream();
  }

  protected resetStream(): void {
    this.stream?.resetAndDestroy();
  }

  setReceiveLowWater(): void {
    // A hint that Node cannot take.
  }

  protected failed(error: SocketError): void {
    if (this.phase === "closed") return;
    this.#leave();
    this.stream?.destroy();
    this.handler.onError(this, error);
  }

  /** As `failed`, outside the call that found out. */
  protected failLater(error: SocketError): void {
    this.room.turns.defer(() => this.failed(error));
  }

  #leave(): void {
    this.phase = "closed";
    this.endTimeout();
    this.room.sockets.delete(this);
    this.#chunks = [];
    this.#queuedBytes = 0;
  }

  /** Gives the stream away, with what was read from it put back. */
  surrender(): { stream: Socket | undefined; connecting: boolean } {
    const { stream } = this;
    const connecting = this.phase === "connecting";
    if (stream !== undefined) {
      stream.pause();
      for (const event of ["data", "end", "drain", "error", "connect"]) stream.removeAllListeners(event);
      const [first, ...rest] = this.#chunks;
      const unread = first === undefined ? [] : [first.subarray(this.#chunkOffset), ...rest];
      for (const chunk of unread.reverse()) stream.unshift(chunk);
    }
    this.#leave();
    this.stream = undefined;
    return { stream, connecting };
  }
}
