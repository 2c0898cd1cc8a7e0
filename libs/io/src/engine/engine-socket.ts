import type {
  AcceptedSocket,
  DriverTimer,
  Memory,
  SocketAddress,
  SocketError,
  SocketHandler,
} from "../driver.ts";
import { errnoName } from "../io-error.ts";
import * as linux from "../linux.ts";
import type { SocketMaker } from "../socket-maker.ts";
import type { Sys } from "../sys.ts";
import type { DescriptorReserve } from "./descriptor-reserve.ts";
import type { EpollLoop, Watched } from "./loop.ts";

/** Bytes one socket may read in one turn before the others get theirs. */
const TURN_BUDGET = 1024 * 1024;
const ARRIVALS = linux.EPOLLIN | linux.EPOLLRDHUP | linux.EPOLLET;
const READ_EVENTS = linux.EPOLLIN | linux.EPOLLRDHUP | linux.EPOLLHUP | linux.EPOLLERR;
const HANGUP_EVENTS = linux.EPOLLRDHUP | linux.EPOLLHUP | linux.EPOLLERR;

/** What the sockets of one driver share. */
export interface EngineRoom {
  readonly sys: Sys;
  readonly loop: EpollLoop;
  readonly maker: SocketMaker;
  readonly reserve: DescriptorReserve;
}

/** What a plain socket gives to the TLS socket that takes its place. */
export interface Surrendered {
  readonly fd: number;
  readonly slot: number;
  readonly connecting: boolean;
  readonly hangup: boolean;
  readonly seesRoom: boolean;
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  /** The limit its connection had; it starts anew. */
  readonly timeoutMs: number;
}

type Phase = "connecting" | "open" | "closed";

/**
 * The part that plain and TLS sockets share: descriptor, slot, connecting, budget, and the one way to fail.
 * The descriptor is ours alone. `#fd` is -1 from the moment it is closed or handed over.
 */
export abstract class EngineSocket implements AcceptedSocket, Watched {
  handler: SocketHandler;
  queued = false;
  originalDestination: SocketAddress | undefined;
  abstract readonly blocked: boolean;
  protected readonly room: EngineRoom;
  protected fd: number;
  protected slot = -1;
  protected phase: Phase;
  /** The peer closed or the connection broke, and we have not read as far as that. */
  protected hangup = false;
  /** The connection was there when it was asked for; its owner is told in the turn. */
  protected stands = false;
  /** A write was refused or cut. */
  protected wantsWrite = false;
  /** It is told when the kernel takes bytes again: not before it has to wait for that, an event less for most. */
  #seesRoom = false;
  #remote: SocketAddress;
  #local: SocketAddress | undefined;
  #turn = -1;
  #budget = TURN_BUDGET;
  #timeout: DriverTimer | undefined;
  #timeoutMs = 0;
  #lowWater = 1;
  #failure: SocketError | undefined;

  constructor(room: EngineRoom, handler: SocketHandler, fd: number, remote: SocketAddress, phase: Phase) {
    this.room = room;
    this.handler = handler;
    this.fd = fd;
    this.#remote = remote;
    this.phase = phase;
  }

  get local(): SocketAddress {
    if (this.#local !== undefined) return this.#local;
    if (this.fd < 0) return { ip: "", port: 0 };
    const local = this.room.maker.localAddress(this.fd);
    if (this.phase === "open") this.#local = local;
    return local;
  }

  get remote(): SocketAddress {
    return this.#remote;
  }

  get closed(): boolean {
    return this.phase === "closed";
  }

  abstract read(into: Memory, offset: number, length: number): number;
  abstract write(from: Memory, offset: number, length: number): number;
  abstract writev(from: Memory, windows: Int32Array, count: number): number;
  abstract shutdownWrite(): void;
  abstract close(): void;
  abstract reset(): void;
  /** The TCP connection stands. */
  protected abstract onEstablished(): void;
  /** The kernel takes bytes again. */
  protected abstract onDrained(): void;
  /** There may be something to read. */
  protected abstract onArrival(): void;
  /** Frees what the socket holds besides its descriptor. */
  protected abstract dispose(): void;

  onTurn(): void {
    if (this.phase === "open") this.onArrival();
  }

  onEvents(events: number): void {
    if (this.phase === "connecting" && !this.settle(events)) return;
    if ((events & HANGUP_EVENTS) !== 0) this.hangup = true;
    if ((events & linux.EPOLLOUT) !== 0 && this.fd >= 0) this.onDrained();
    if ((events & READ_EVENTS) !== 0 && this.phase === "open") this.onArrival();
  }

  /** Watches the descriptor. Throws an IoError `socket`, with the descriptor closed. */
  watch(): void {
    this.#seesRoom = this.phase === "connecting" && !this.stands;
    const interest = this.#seesRoom ? ARRIVALS | linux.EPOLLOUT : ARRIVALS;
    try {
      this.slot = this.room.loop.register(this, this.fd, interest);
    } catch (error) {
      this.release();
      throw error;
    }
  }

  /** The kernel has not taken everything: `onDrained` comes when it takes bytes again. */
  protected awaitRoom(): void {
    if (this.#seesRoom || this.slot < 0) return;
    this.#seesRoom = true;
    this.room.loop.change(this.slot, this.fd, ARRIVALS | linux.EPOLLOUT);
  }

  /** Fails the socket unless `endTimeout` comes within `timeoutMs` from now. */
  limit(timeoutMs: number): void {
    this.#timeout?.cancel();
    this.#timeoutMs = timeoutMs;
    this.#timeout = this.room.loop.after(timeoutMs, () => {
      this.fail("timeout", "ETIMEDOUT", `no connection within ${timeoutMs} ms`);
    });
  }

  protected endTimeout(): void {
    this.#timeout?.cancel();
    this.#timeout = undefined;
  }

  /** Makes of what stands an open socket; `events` may tell that it has ended again. */
  protected settle(events: number): boolean {
    const failed = (events & (linux.EPOLLERR | linux.EPOLLHUP)) !== 0;
    const error = failed ? this.room.maker.takeError(this.fd) : 0;
    if (error !== 0) {
      this.failNow("connect", errnoName(error), "the connection was not made");
      return false;
    }
    if (!this.stands && (events & linux.EPOLLOUT) === 0) return false;
    this.phase = "open";
    this.onEstablished();
    return this.phase === "open";
  }

  /** True when this turn's budget is spent; the socket then gets its next turn by itself. */
  protected outOfBudget(): boolean {
    if (this.#turn !== this.room.loop.turn) {
      this.#turn = this.room.loop.turn;
      this.#budget = TURN_BUDGET;
    }
    if (this.#budget > 0) return false;
    this.room.loop.again(this);
    return true;
  }

  protected spend(bytes: number): void {
    this.#budget -= bytes;
  }

  setReceiveLowWater(bytes: number): void {
    if (this.fd < 0 || bytes === this.#lowWater) return;
    this.#lowWater = bytes;
    this.room.maker.setNumber(this.fd, linux.SOL_SOCKET, linux.SO_RCVLOWAT, bytes);
  }

  /** Closes, and tells the owner in this turn but never inside the call that found out. Returns `result`. */
  protected fail(kind: SocketError["kind"], code: string, detail: string, result = -linux.EPROTO): number {
    if (this.phase === "closed") return result;
    this.phase = "closed";
    this.release();
    this.#failure = { kind, code, detail };
    this.room.loop.defer(() => this.#tellFailure());
    return result;
  }

  /** As `fail`, from inside an event, where the owner may be told at once. */
  protected failNow(kind: SocketError["kind"], code: string, detail: string): void {
    if (this.phase === "closed") return;
    this.phase = "closed";
    this.release();
    this.handler.onError(this, { kind, code, detail });
  }

  protected failSystem(result: number): number {
    return this.fail("io", errnoName(result), "the connection broke", result);
  }

  #tellFailure(): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) this.handler.onError(this, failure);
  }

  /** The owner gave the socket up: a failure that was not told yet is not told any more. */
  protected forgetFailure(): void {
    this.#failure = undefined;
  }

  /** Gives descriptor, slot and everything else back; harmless the second time. */
  protected release(): void {
    this.endTimeout();
    const fd = this.fd;
    if (fd < 0) return;
    this.fd = -1;
    if (this.slot >= 0) this.room.loop.retire(this.slot);
    this.slot = -1;
    this.dispose();
    this.room.sys.close(fd);
  }

  /** Takes the descriptor out of this object, which is closed from then on. */
  protected takeOut(): Surrendered {
    const taken: Surrendered = {
      fd: this.fd,
      slot: this.slot,
      connecting: this.phase === "connecting" && !this.stands,
      hangup: this.hangup,
      seesRoom: this.#seesRoom,
      local: this.phase === "open" ? this.local : { ip: "", port: 0 },
      remote: this.#remote,
      timeoutMs: this.#timeoutMs,
    };
    this.endTimeout();
    this.fd = -1;
    this.slot = -1;
    this.phase = "closed";
    return taken;
  }

  /** The other half of `takeOut`. */
  protected moveIn(taken: Surrendered): void {
    this.slot = taken.slot;
    this.hangup = taken.hangup;
    this.#seesRoom = taken.seesRoom;
    this.room.loop.replace(taken.slot, this);
  }
}
