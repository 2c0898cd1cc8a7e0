import { closeSync } from "node:fs";
import type { Clock, Timer } from "@ambit/base/clock.ts";
import { describeError } from "@ambit/base/errors.ts";
import { istio } from "@ambit/contract/gen/ambit.js";
import { AgentError } from "./agent-error.ts";

const { WorkloadRequest, WorkloadResponse, Version, ZdsHello } = istio.workload.zds;

/** The longest a proxy may take for one answer (ambient.md 1.4). */
const ANSWER_MS = 5_000;

/** The end of a packet socket that the protocol needs; `@ambit/io`'s connection has it. */
export interface PacketSocket {
  /** False when the peer does not read and its queue is full. */
  send(bytes: Uint8Array, descriptors?: readonly number[]): boolean;
  close(): void;
}

/** A captured pod as the proxy is told about it. */
export interface ZdsPod {
  /** The Kubernetes pod UID. */
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  /** Descriptor of the network namespace; undefined when it is not known (the proxy then keeps what it has). */
  readonly netnsFd: number | undefined;
}

interface Pending {
  readonly bytes: Uint8Array;
  readonly descriptors: readonly number[];
  resolve(): void;
  reject(error: AgentError): void;
}

export interface ZdsConnectionEvents {
  /** The proxy said hello: the snapshot goes out now. */
  onHello(connection: ZdsConnection): void;
  /** The connection is closed; every request still open was rejected. */
  onClosed(connection: ZdsConnection, reason: string): void;
}

/** One proxy: after its hello one request at a time, each answered before the next is sent. */
export class ZdsConnection {
  readonly #socket: PacketSocket;
  readonly #events: ZdsConnectionEvents;
  readonly #clock: Clock;
  readonly #queue: Pending[] = [];
  #current: Pending | undefined;
  #greeted = false;
  #closed = false;
  #deadline: Timer;

  constructor(socket: PacketSocket, events: ZdsConnectionEvents, clock: Clock) {
    this.#socket = socket;
    this.#events = events;
    this.#clock = clock;
    this.#deadline = clock.after(ANSWER_MS, () => this.close("no hello in time"));
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Resolves when the proxy serves the pod. Rejects with an AgentError `zds` when it refuses or the connection ends. */
  add(pod: ZdsPod): Promise<void> {
    const { uid, name, namespace, serviceAccount, netnsFd } = pod;
    if (netnsFd === undefined) return this.#request(WorkloadRequest.encode({ keep: { uid } }).finish());
    const workloadInfo = { name, namespace, serviceAccount };
    return this.#request(WorkloadRequest.encode({ add: { uid, workloadInfo } }).finish(), [netnsFd]);
  }

  /** Resolves when the proxy has let go of the pod. */
  remove(uid: string): Promise<void> {
    return this.#request(WorkloadRequest.encode({ del: { uid } }).finish());
  }

  /** Resolves when the proxy knows that it has been told of every pod. */
  snapshotSent(): Promise<void> {
    return this.#request(WorkloadRequest.encode({ snapshotSent: {} }).finish());
  }

  /** Takes one packet in. */
  receive(bytes: Uint8Array, descriptors: readonly number[]): void {
    for (const fd of descriptors) closeSync(fd);
    if (this.#closed) return;
    if (descriptors.length > 0) return this.close("the proxy sent descriptors");
    try {
      if (this.#greeted) this.#answer(bytes);
      else this.#hello(bytes);
    } catch (thrown) {
      this.close(`a packet cannot be understood: ${describeError(thrown)}`);
    }
  }

  close(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#deadline.cancel();
    this.#socket.close();
    const open = this.#current === undefined ? this.#queue : [this.#current, ...this.#queue];
    for (const pending of open.splice(0))
      pending.reject(new AgentError("zds", `The proxy is gone: ${reason}`));
    this.#current = undefined;
    this.#queue.length = 0;
    this.#events.onClosed(this, reason);
  }

  #hello(bytes: Uint8Array): void {
    const { version } = ZdsHello.decode(bytes);
    if (version !== Version.V1) return this.close(`the proxy speaks version ${version}`);
    this.#greeted = true;
    this.#deadline.cancel();
    this.#events.onHello(this);
  }

  #answer(bytes: Uint8Array): void {
    const current = this.#current;
    if (current === undefined) return this.close("the proxy answered without being asked");
    const { ack } = WorkloadResponse.decode(bytes);
    if (ack === undefined || ack === null) return this.close("the proxy's answer is empty");
    this.#deadline.cancel();
    this.#current = undefined;
    const error = ack.error ?? "";
    if (error === "") current.resolve();
    else current.reject(new AgentError("zds", `The proxy refused the pod: ${error.slice(0, 300)}`));
    this.#next();
  }

  #request(bytes: Uint8Array, descriptors: readonly number[] = []): Promise<void> {
    if (this.#closed) return Promise.reject(new AgentError("zds", "The proxy is gone"));
    return new Promise((resolve, reject) => {
      this.#queue.push({ bytes, descriptors, resolve, reject });
      this.#next();
    });
  }

  #next(): void {
    if (this.#current !== undefined || this.#closed) return;
    this.#current = this.#queue.shift();
    if (this.#current === undefined) return;
    this.#deadline = this.#clock.after(ANSWER_MS, () => this.close("no answer in time"));
    try {
      // In lockstep the queue holds at most one packet of ours, so a full one means a peer that is broken.
      if (!this.#socket.send(this.#current.bytes, this.#current.descriptors))
        this.close("the proxy does not read");
    } catch (thrown) {
      this.close(describeError(thrown));
    }
  }
}
