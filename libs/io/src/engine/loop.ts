import { performance } from "node:perf_hooks";
import { isMainThread } from "node:worker_threads";
import type { Clock } from "@ambit/base/clock.ts";
import type { DriverTimer, Memory } from "../driver.ts";
import { systemError } from "../io-error.ts";
import {
  EPOLLET,
  EPOLLIN,
  EPOLL_CLOEXEC,
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLL_CTL_MOD,
  SOCK_NONBLOCK_CLOEXEC,
  epollEventLayout,
} from "../linux.ts";
import { eventLoop, watchReadable } from "../sys.ts";
import type { EventLoop, Sys } from "../sys.ts";
import { Alarm } from "./alarm.ts";
import { TimerHeap } from "./timer-heap.ts";

/** Longest wait in epoll, when nothing at all goes on. */
const IDLE_WAIT_MS = 50;
/** The same in a worker thread, whose JavaScript timers may be late by this much. */
const WORKER_WAIT_MS = 50;
/** The same where the ordinary event loop's descriptor cannot be found, so that nobody can wake us. */
const BLIND_WAIT_MS = 2;
/** While work goes on with sleeps between, the ordinary loop gets a turn this often: our callbacks may have started promises. */
const LINGER_WAIT_MS = 2;
/** Longest stretch of work before the ordinary loop gets a turn. */
const YIELD_MS = 5;
const EVENT_COUNT = 512;
/** The first slots stand for the ordinary event loop and for the alarm that ends a sleep. */
const EVENT_LOOP_SLOT = 0;
const ALARM_SLOT = 1;
/** A sleep this long is ended by epoll's own timeout, a shorter one by the alarm. */
const LONG_WAIT_MS = 20;
/** Timeout of epoll_wait while the alarm is set. */
const UNTIL_ALARM = -1;

/** Something with a descriptor in the loop. */
export interface Watched {
  /** True while it waits in the ready queue; kept by the loop. */
  queued: boolean;
  /** Edge-triggered epoll events. */
  onEvents(events: number): void;
  /** Its turn in the ready queue has come. */
  onTurn(): void;
}

/**
 * One epoll instance and the turns of one thread. A turn is: wait, dispatch events, serve the ready queue once, run
 * due timers, then deferred notices and the end-of-turn flushes. The loop shares its thread with the ordinary event
 * loop by watching that loop's own descriptor, by sleeping no longer than that loop would, and by being called from it.
 */
export class EpollLoop {
  /** Counts turns; budgets refer to it. */
  turn = 0;
  readonly sys: Sys;
  readonly #clock: Clock;
  readonly #epoll: number;
  readonly #events: Memory;
  readonly #words: Int32Array;
  readonly #control: Memory;
  readonly #layout = epollEventLayout(process.arch);
  readonly #slots: (Watched | undefined)[] = [undefined, undefined];
  readonly #generations: number[] = [0, 0];
  readonly #free: number[] = [];
  #retired: number[] = [];
  #ready: Watched[] = [];
  #deferred: (() => void)[] = [];
  #flushes: (() => void)[] = [];
  readonly #timers = new TimerHeap();
  readonly #alarm: Alarm;
  #now: number;
  #running = false;
  #ended = false;
  readonly #eventLoop: EventLoop | undefined;
  /** Readable when we want to be called by the ordinary loop again; -1 in a worker thread. */
  readonly #bell: number;
  #unwatchBell: () => void = () => undefined;
  #eventLoopReady = false;
  #eventLoopEvents = -1;
  #wasQuiet = false;

  /** Throws an IoError `socket` when the kernel gives no epoll instance or no timer. */
  constructor(sys: Sys, clock: Clock) {
    this.sys = sys;
    this.#clock = clock;
    this.#now = clock.monotonic();
    this.#events = sys.allocate(EVENT_COUNT * 16);
    this.#control = sys.allocate(16);
    const { buffer, byteOffset } = this.#events.bytes;
    this.#words = new Int32Array(buffer, byteOffset, EVENT_COUNT * 4);
    this.#epoll = sys.epollCreate(EPOLL_CLOEXEC);
    if (this.#epoll < 0) throw systemError("epoll_create1", this.#epoll);
    this.#alarm = new Alarm(sys);
    this.#watchAlarm();
    // A worker that is terminated must not be inside a native poll callback, so workers come back by immediates.
    this.#bell = isMainThread ? sys.eventCounter(SOCK_NONBLOCK_CLOEXEC) : -1;
    if (this.#bell < 0 && isMainThread) throw systemError("eventfd", this.#bell);
    const loop = eventLoop();
    const watched =
      loop !== undefined && this.#controlEpoll(EPOLL_CTL_ADD, loop.fd, EPOLLIN, EVENT_LOOP_SLOT, 0) === 0;
    this.#eventLoop = watched ? loop : undefined;
  }

  #watchAlarm(): void {
    const result = this.#controlEpoll(EPOLL_CTL_ADD, this.#alarm.fd, EPOLLIN | EPOLLET, ALARM_SLOT, 0);
    if (result < 0) throw systemError("epoll_ctl", result);
  }

  now(): number {
    return this.#now;
  }

  /** Watches `fd` for `interest`; returns the slot that stands for `target`. Throws an IoError `socket`. */
  register(target: Watched, fd: number, interest: number): number {
    const slot = this.#free.pop() ?? this.#slots.length;
    const generation = (this.#generations[slot] ?? 0) + 1;
    this.#slots[slot] = target;
    this.#generations[slot] = generation | 0;
    const result = this.#controlEpoll(EPOLL_CTL_ADD, fd, interest, slot, generation | 0);
    if (result < 0) {
      this.retire(slot);
      throw systemError("epoll_ctl", result);
    }
    return slot;
  }

  /** Watches the descriptor of `slot` for something else. */
  change(slot: number, fd: number, interest: number): void {
    this.#controlEpoll(EPOLL_CTL_MOD, fd, interest, slot, this.#generations[slot] ?? 0);
  }

  /** Hands a slot to another object on the same descriptor. */
  replace(slot: number, target: Watched): void {
    this.#slots[slot] = target;
  }

  /** Forgets a slot. It is used again only after the turn, so that events of this turn cannot reach a successor. */
  retire(slot: number): void {
    this.#slots[slot] = undefined;
    this.#retired.push(slot);
  }

  /** Ends the watch of a descriptor that others may share, where closing ours would leave it registered. */
  unwatch(fd: number): void {
    this.#controlEpoll(EPOLL_CTL_DEL, fd, 0, 0, 0);
  }

  #controlEpoll(operation: number, fd: number, interest: number, slot: number, generation: number): number {
    const { bytes } = this.#control;
    bytes.writeInt32LE(interest | 0, 0);
    bytes.writeInt32LE(slot, this.#layout.dataWord * 4);
    bytes.writeInt32LE(generation, this.#layout.dataWord * 4 + 4);
    return this.sys.epollControl(this.#epoll, operation, fd, this.#control);
  }

  /** Gives `target` a turn in the ready queue. */
  again(target: Watched): void {
    if (target.queued) return;
    target.queued = true;
    this.#ready.push(target);
  }

  /** Runs `notice` in this turn, outside any call of a socket's owner. */
  defer(notice: () => void): void {
    this.#deferred.push(notice);
  }

  endOfTurn(flush: () => void): void {
    this.#flushes.push(flush);
  }

  after(delayMs: number, run: () => void): DriverTimer {
    return this.#timers.add(this.#clock.monotonic() + delayMs, run);
  }

  start(): void {
    if (this.#running || this.#ended) return;
    this.#running = true;
    if (this.#bell >= 0) this.#unwatchBell = watchReadable(this.#bell, this.#step);
    this.#ring();
  }

  /** Ends turning and gives up the epoll instance; there is no second start. */
  stop(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#running = false;
    this.#unwatchBell();
    this.sys.close(this.#epoll);
    this.#alarm.close();
    if (this.#bell >= 0) this.sys.close(this.#bell);
  }

  /** Every object that still has a slot. */
  *watched(): Iterable<Watched> {
    for (const target of this.#slots) if (target !== undefined) yield target;
  }

  // An immediate would do to be called again, but while one is pending the ordinary loop cannot say how long it could
  // sleep, and its timers would be late by our wait.
  #ring(): void {
    if (this.#bell < 0) {
      setImmediate(this.#step);
      return;
    }
    this.#control.bytes.writeBigUInt64LE(1n, 0);
    this.sys.write(this.#bell, this.#control, 0, 8);
  }

  readonly #step = (): void => {
    if (!this.#running) return;
    if (this.#bell >= 0) this.sys.read(this.#bell, this.#control, 0, 8);
    try {
      this.#work();
    } finally {
      if (this.#running) this.#ring();
    }
  };

  // The ordinary loop registers new descriptors only when it polls, so it must have been idle for two rounds before we
  // may sleep on its behalf.
  #work(): void {
    const seen = performance.nodeTiming.uvMetricsInfo.events;
    const bellEvents = this.#bell >= 0 ? 1 : 0;
    const quiet = seen === this.#eventLoopEvents + bellEvents;
    this.#eventLoopEvents = seen;
    const idle = this.#idleWait();
    let wait = quiet && this.#wasQuiet ? idle : 0;
    this.#wasQuiet = quiet;
    const until = this.#clock.monotonic() + YIELD_MS;
    this.#eventLoopReady = false;
    while (this.#running && this.#takeTurn(wait) && !this.#eventLoopReady && this.#now < until) {
      wait = Math.min(idle, LINGER_WAIT_MS);
    }
  }

  #idleWait(): number {
    if (this.#eventLoop === undefined) return BLIND_WAIT_MS;
    if (this.#bell < 0) return WORKER_WAIT_MS;
    const timeout = this.#eventLoop.timeout();
    return timeout < 0 ? IDLE_WAIT_MS : Math.min(IDLE_WAIT_MS, timeout);
  }

  /** One turn; true when there was anything to do. */
  #takeTurn(waitMs: number): boolean {
    const count = this.sys.epollWait(this.#epoll, this.#events, EVENT_COUNT, this.#timeoutFor(waitMs));
    this.#now = this.#clock.monotonic();
    this.turn++;
    let worked = this.#dispatch(count);
    worked = this.#serveReady() || worked;
    worked = this.#runTimers() || worked;
    worked = this.#drain(() => this.#takeDeferred()) || worked;
    worked = this.#drain(() => this.#takeFlushes()) || worked;
    if (this.#retired.length > 0) {
      for (const slot of this.#retired) this.#free.push(slot);
      this.#retired = [];
    }
    return worked;
  }

  /** What to tell epoll_wait so that it sleeps no longer than `waitMs`, nor past the next timer, nor on work. */
  #timeoutFor(waitMs: number): number {
    if (waitMs === 0 || this.#ready.length + this.#deferred.length + this.#flushes.length > 0) return 0;
    const now = this.#clock.monotonic();
    const due = Math.min(now + waitMs, this.#timers.next() ?? Infinity);
    if (due <= now) return 0;
    if (due - now >= LONG_WAIT_MS) return Math.ceil(due - now);
    this.#alarm.ringBy(due, now);
    return UNTIL_ALARM;
  }

  #dispatch(count: number): boolean {
    const { words, dataWord } = this.#layout;
    let worked = false;
    for (let index = 0, word = 0; index < count; index++, word += words) {
      const slot = this.#words[word + dataWord] ?? 0;
      if (slot === EVENT_LOOP_SLOT) {
        this.#eventLoopReady = true;
        continue;
      }
      if (slot === ALARM_SLOT) {
        this.#alarm.rang();
        continue;
      }
      worked = true;
      const target = this.#slots[slot];
      if (target === undefined || this.#generations[slot] !== this.#words[word + dataWord + 1]) continue;
      const events = this.#words[word] ?? 0;
      try {
        target.onEvents(events);
      } catch (error) {
        raiseLater(error);
      }
    }
    return worked;
  }

  #serveReady(): boolean {
    if (this.#ready.length === 0) return false;
    const batch = this.#ready;
    this.#ready = [];
    for (const target of batch) {
      target.queued = false;
      try {
        target.onTurn();
      } catch (error) {
        raiseLater(error);
      }
    }
    return true;
  }

  #runTimers(): boolean {
    let worked = false;
    for (;;) {
      const run = this.#timers.take(this.#now);
      if (run === undefined) return worked;
      guard(run);
      worked = true;
    }
  }

  #takeDeferred(): (() => void)[] {
    const batch = this.#deferred;
    this.#deferred = [];
    return batch;
  }

  #takeFlushes(): (() => void)[] {
    const batch = this.#flushes;
    this.#flushes = [];
    return batch;
  }

  // What a batch adds of its own kind runs in this turn as well, but not without end.
  #drain(take: () => (() => void)[]): boolean {
    let rounds = 0;
    for (let batch = take(); batch.length > 0; batch = take()) {
      for (const run of batch) guard(run);
      if (++rounds === 16) break;
    }
    return rounds > 0;
  }
}

function guard(run: () => void): void {
  try {
    run();
  } catch (error) {
    raiseLater(error);
  }
}

// A handler that raises must not take the other events of its batch with it: they would never be reported again.
// The fault still ends the process, unless somebody listens for uncaught exceptions.
function raiseLater(error: unknown): void {
  setImmediate(() => {
    throw error;
  });
}
