import type { Clock, Timer } from "@ambit/base/clock.ts";
import type { Random } from "@ambit/base/random.ts";
import type { SocketAddress } from "@ambit/io/driver.ts";
import { isAnswerTo, withId } from "./dns-wire.ts";

/** A UDP socket as the forwarder needs it. */
export interface DatagramSocket {
  sendTo(bytes: Uint8Array, to: SocketAddress): void;
  close(): void;
}

export interface DnsForwarderDeps {
  readonly clock: Clock;
  readonly random: Random;
  /** Opens a socket in the pod's namespace on a port of the kernel's choice. */
  readonly open: (onDatagram: (bytes: Uint8Array, from: SocketAddress) => void) => Promise<DatagramSocket>;
}

/** One try per upstream; then the next one. */
const TRY_MS = 2_000;
/** Questions that wait at once; one more is answered with nothing. */
const MAX_PENDING = 512;
const MAX_ROUNDS = 2;

interface Pending {
  readonly message: Uint8Array;
  readonly clientId: number;
  readonly done: (answer: Uint8Array | undefined) => void;
  round: number;
  upstream: SocketAddress | undefined;
  timer: Timer | undefined;
}

/**
 * Forwards questions of one pod to the node's resolvers, from the pod's own namespace (ambient.md 10). Ids are replaced
 * by unpredictable ones, and only the upstream that was asked may answer.
 */
export class DnsForwarder {
  readonly #upstreams: readonly SocketAddress[];
  readonly #deps: DnsForwarderDeps;
  readonly #pending = new Map<number, Pending>();
  #socket: DatagramSocket | undefined;
  #opening: Promise<DatagramSocket> | undefined;
  #closed = false;

  constructor(upstreams: readonly SocketAddress[], deps: DnsForwarderDeps) {
    this.#upstreams = upstreams;
    this.#deps = deps;
  }

  /** Calls back once with the upstream's answer, or with undefined when none came. */
  forward(message: Uint8Array, clientId: number, done: (answer: Uint8Array | undefined) => void): void {
    if (this.#closed || this.#upstreams.length === 0 || this.#pending.size >= MAX_PENDING) {
      done(undefined);
      return;
    }
    const id = this.#freeId();
    const pending: Pending = { message, clientId, done, round: 0, upstream: undefined, timer: undefined };
    this.#pending.set(id, pending);
    this.#withSocket().then(
      (socket) => this.#send(id, pending, socket),
      () => this.#finish(id, undefined),
    );
  }

  /** True when no question waits for its answer. */
  get idle(): boolean {
    return this.#pending.size === 0;
  }

  close(): void {
    this.#closed = true;
    for (const id of [...this.#pending.keys()]) this.#finish(id, undefined);
    this.#socket?.close();
    this.#socket = undefined;
  }

  #freeId(): number {
    for (;;) {
      const id = this.#deps.random.bytes(2).reduce((value, byte) => (value << 8) | byte, 0);
      if (!this.#pending.has(id)) return id;
    }
  }

  #withSocket(): Promise<DatagramSocket> {
    this.#opening ??= this.#deps
      .open((bytes, from) => this.#onDatagram(bytes, from))
      .then(
        (socket) => {
          if (this.#closed) socket.close();
          this.#socket = socket;
          return socket;
        },
        (thrown: unknown) => {
          this.#opening = undefined;
          throw thrown;
        },
      );
    return this.#opening;
  }

  #send(id: number, pending: Pending, socket: DatagramSocket): void {
    if (this.#pending.get(id) !== pending) return;
    const upstream = this.#upstreams[pending.round % this.#upstreams.length];
    if (upstream === undefined || pending.round >= this.#upstreams.length * MAX_ROUNDS) {
      this.#finish(id, undefined);
      return;
    }
    pending.round++;
    pending.upstream = upstream;
    socket.sendTo(withId(pending.message, id), upstream);
    pending.timer = this.#deps.clock.after(TRY_MS, () => this.#send(id, pending, socket), true);
  }

  #onDatagram(bytes: Uint8Array, from: SocketAddress): void {
    const id = ((bytes[0] ?? 0) << 8) + (bytes[1] ?? 0);
    const pending = this.#pending.get(id);
    if (pending?.upstream === undefined || !isAnswerTo(bytes, id)) return;
    if (from.ip !== pending.upstream.ip || from.port !== pending.upstream.port) return;
    this.#finish(id, withId(bytes, pending.clientId));
  }

  #finish(id: number, answer: Uint8Array | undefined): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    this.#pending.delete(id);
    pending.timer?.cancel();
    pending.done(answer);
  }
}
