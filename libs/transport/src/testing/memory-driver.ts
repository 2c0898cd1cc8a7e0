import type {
  AcceptedSocket,
  ByteSocket,
  ConnectOptions,
  Driver,
  DriverTimer,
  Listener,
  ListenOptions,
  Memory,
  SocketAddress,
  SocketHandler,
  TlsContext,
  TlsMaterial,
  TlsSocket,
} from "@ambit/io/driver.ts";
import { IoError } from "@ambit/io/io-error.ts";
import { MemorySocket } from "./memory-socket.ts";

export interface MemoryDriverOptions {
  /** Most bytes that one read brings. @default everything */
  readonly maxReadBytes?: number;
}

/** Whoever connects to one of these does so from it. */
const LOOPBACK = new Set(["127.0.0.1", "::1"]);

interface Armed {
  readonly at: number;
  readonly run: () => void;
}

interface OpenListener {
  readonly reusePort: boolean;
  readonly onAccept: (socket: AcceptedSocket) => void;
}

/** The context of somebody who just says who it is. */
class SaidIdentity implements TlsContext {
  readonly uri: string;

  constructor(uri: string) {
    this.uri = uri;
  }

  release(): void {
    // Nothing is held.
  }
}

/**
 * A driver within the process: no kernel, no real time, no cryptography. Nothing happens before `run` or `advance` is
 * called, and everything happens in one order. The chain of a TLS material is taken for its identity's URI; an empty
 * one proves nothing. Listeners that share a port are not given connections in turn: the first gets all.
 */
export class MemoryDriver implements Driver {
  readonly name = "portable";
  /** How much happens before a turn ends. */
  eventsPerTurn = 1;
  readonly #maxReadBytes: number;
  readonly #listeners = new Map<string, OpenListener[]>();
  readonly #tasks: (() => void)[] = [];
  #flushes: (() => void)[] = [];
  readonly #timers = new Set<Armed>();
  #now = 0;
  #nextPort = 40_000;

  constructor(options: MemoryDriverOptions = {}) {
    this.#maxReadBytes = options.maxReadBytes ?? Number.POSITIVE_INFINITY;
  }

  allocate(bytes: number): Memory {
    return { bytes: Buffer.alloc(bytes), address: 0 };
  }

  listen(options: ListenOptions, onAccept: (socket: AcceptedSocket) => void): Listener {
    const local = { ip: options.ip, port: options.port === 0 ? this.#nextPort++ : options.port };
    const key = keyOf(local);
    const listener: OpenListener = { reusePort: options.reusePort ?? false, onAccept };
    const others = this.#listeners.get(key) ?? [];
    if (!others.every(({ reusePort }) => reusePort && listener.reusePort)) {
      const facts = { call: "bind", errno: "EADDRINUSE" };
      throw new IoError("socket", "Somebody listens there already", { facts });
    }
    this.#listeners.set(key, [...others, listener]);
    return { local, fd: -1, close: () => this.#forget(key, listener) };
  }

  connect(options: ConnectOptions, handler: SocketHandler): ByteSocket {
    const ownIp = LOOPBACK.has(options.ip) ? options.ip : "10.0.0.1";
    const local = { ip: options.sourceIp ?? ownIp, port: this.#nextPort++ };
    const remote = { ip: options.ip, port: options.port };
    const room = { later: (run: () => void) => void this.#tasks.push(run), maxReadBytes: this.#maxReadBytes };
    const near = new MemorySocket(room, local, remote);
    near.handler = handler;
    const [listener] = this.#listeners.get(keyOf(remote)) ?? [];
    this.#tasks.push(() => {
      if (near.closed) return;
      if (listener === undefined) {
        near.fail("ECONNREFUSED", "connect");
        return;
      }
      const far = new MemorySocket(room, remote, local);
      near.other = far;
      far.other = near;
      listener.onAccept(far);
      if (near.identity === undefined) near.handler.onConnected(near);
      else this.#shakeHands(near);
    });
    return near;
  }

  tlsContext(material: TlsMaterial): TlsContext {
    return new SaidIdentity(material.certificateChain);
  }

  tlsAccept(socket: ByteSocket, context: TlsContext, handler: SocketHandler): TlsSocket {
    return this.#secure(socket, context, handler);
  }

  tlsConnect(socket: ByteSocket, context: TlsContext, handler: SocketHandler): TlsSocket {
    return this.#secure(socket, context, handler);
  }

  again(socket: ByteSocket): void {
    if (socket instanceof MemorySocket) socket.announce();
  }

  endOfTurn(flush: () => void): void {
    this.#flushes.push(flush);
  }

  after(delayMs: number, run: () => void): DriverTimer {
    const armed = { at: this.#now + delayMs, run };
    this.#timers.add(armed);
    return { cancel: () => void this.#timers.delete(armed) };
  }

  now(): number {
    return this.#now;
  }

  start(): void {
    // It turns when it is told to.
  }

  stop(): void {
    this.#listeners.clear();
    this.#timers.clear();
    this.#tasks.length = 0;
  }

  /** Turns until nothing is left to do. Throws when that does not come to an end. */
  run(): void {
    for (let turns = 0; this.#tasks.length > 0 || this.#flushes.length > 0; turns++) {
      if (turns > 1_000_000) throw new Error("the turns do not end");
      for (const task of this.#tasks.splice(0, this.eventsPerTurn)) task();
      const flushes = this.#flushes;
      this.#flushes = [];
      for (const flush of flushes) flush();
    }
  }

  /** Lets time pass, with every timer at its own time. */
  advance(ms: number): void {
    const end = this.#now + ms;
    this.run();
    for (;;) {
      const due = [...this.#timers]
        .filter(({ at }) => at <= end)
        .toSorted((left, right) => left.at - right.at);
      const [next] = due;
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
      this.run();
    }
    this.#now = end;
  }

  #secure(socket: ByteSocket, context: TlsContext, handler: SocketHandler): TlsSocket {
    if (!(socket instanceof MemorySocket) || !(context instanceof SaidIdentity)) {
      throw new TypeError("neither socket nor context of another driver can be used");
    }
    socket.identity = context.uri;
    socket.handler = handler;
    if (socket.other?.identity !== undefined) this.#shakeHands(socket);
    return socket;
  }

  #forget(key: string, listener: OpenListener): void {
    const left = (this.#listeners.get(key) ?? []).filter((other) => other !== listener);
    if (left.length === 0) this.#listeners.delete(key);
    else this.#listeners.set(key, left);
  }

  // Both ends have said who they are: each is told about the other.
  #shakeHands(socket: MemorySocket): void {
    const { other } = socket;
    if (other?.identity === undefined || socket.peer !== undefined) return;
    for (const [one, two] of [
      [socket, other],
      [other, socket],
    ] as const) {
      const uri = two.identity ?? "";
      one.peer = {
        uriSans: uri === "" ? [] : uri.split(" "),
        serial: "01",
        notAfter: 0,
        der: Buffer.from(uri),
      };
      this.#tasks.push(() => {
        if (!one.closed) one.handler.onConnected(one);
      });
    }
  }
}

function keyOf(address: SocketAddress): string {
  return `${address.ip}:${address.port}`;
}

/** The material of an identity for this driver; a certificate of several names has them with a space between. */
export function said(uri: string): TlsMaterial {
  return { certificateChain: uri, privateKey: "", roots: "" };
}
