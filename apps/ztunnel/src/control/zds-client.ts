import { Backoff } from "@ambit/base/backoff.ts";
import type { Clock, Timer } from "@ambit/base/clock.ts";
import { describeError } from "@ambit/base/errors.ts";
import type { Logger } from "@ambit/base/logger.ts";
import type { Random } from "@ambit/base/random.ts";
import type { SeqpacketHandler } from "@ambit/io/seqpacket.ts";
import { decodeRequest, encodeAck, encodeHello, type ZdsRequest } from "./zds-codec.ts";
import type { WorkloadManager } from "./workload-manager.ts";

/** A connection to the node agent, as libs/io makes it. */
export interface ZdsConnection {
  send(bytes: Uint8Array): boolean;
  close(): void;
}

export interface ZdsClientDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly manager: WorkloadManager;
  /** Throws when nobody listens. */
  readonly connect: (handler: SeqpacketHandler) => ZdsConnection;
  /** Closes a descriptor that nobody takes. */
  readonly closeFd: (fd: number) => void;
  /** The node agent broke the protocol; the process must not go on with half a picture (ambient.md 1.4). */
  readonly onProtocolError: (error: string) => void;
}

/**
 * Speaks ZDS with the node agent: hello first, then one request and one answer at a time. Requests are applied in
 * order by the workload manager; a lost connection is made again with back-off, and its snapshot starts over.
 */
export class ZdsClient {
  readonly #deps: ZdsClientDeps;
  readonly #backoff: Backoff;
  #connection: ZdsConnection | undefined;
  #timer: Timer | undefined;
  #stopped = false;

  constructor(deps: ZdsClientDeps) {
    this.#deps = deps;
    this.#backoff = new Backoff({ initialMs: 10, maxMs: 15_000 }, deps.random);
  }

  start(): void {
    this.#connect();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#connection?.close();
    this.#connection = undefined;
  }

  #connect(): void {
    if (this.#stopped) return;
    const { logger, manager } = this.#deps;
    const turns = new Turns();
    let snapshotDone = false;
    try {
      const connection = this.#deps.connect({
        onMessage: (_connection, bytes, descriptors) => {
          const request = decodeRequest(bytes);
          const fault =
            typeof request === "string" ? request : faultOf(request, descriptors.length, snapshotDone);
          if (typeof request === "string" || fault !== undefined) {
            for (const fd of descriptors) this.#deps.closeFd(fd);
            this.#protocolError(fault ?? "the packet cannot be read");
            return;
          }
          if (request.kind === "snapshot-sent") snapshotDone = true;
          turns.add(() => this.#serve(connection, request, descriptors[0]));
        },
        onEnd: (_connection, error) =>
          this.#onEnd(connection, describeError(error ?? "closed by the node agent")),
      });
      this.#connection = connection;
      manager.beginSnapshot();
      connection.send(encodeHello());
    } catch (thrown) {
      this.#retry(describeError(thrown));
      return;
    }
    this.#backoff.reset();
    logger.info("connected to the node agent");
  }

  async #serve(connection: ZdsConnection, request: ZdsRequest, fd: number | undefined): Promise<void> {
    const { manager } = this.#deps;
    let error = "";
    if (request.kind === "add" && fd !== undefined) {
      error = (await manager.add(request.uid, request.identity, fd)) ?? "";
    } else if (request.kind === "keep") manager.keep(request.uid);
    else if (request.kind === "del") manager.remove(request.uid);
    else if (request.kind === "snapshot-sent") manager.endSnapshot();
    if (this.#connection !== connection) return;
    try {
      connection.send(encodeAck(error));
    } catch (thrown) {
      this.#onEnd(connection, describeError(thrown));
    }
  }

  #protocolError(error: string): void {
    this.#connection?.close();
    this.#connection = undefined;
    this.#deps.onProtocolError(error);
  }

  #onEnd(connection: ZdsConnection, reason: string): void {
    if (this.#connection !== connection) return;
    connection.close();
    this.#connection = undefined;
    this.#deps.manager.disconnected();
    this.#retry(reason);
  }

  #retry(reason: string): void {
    if (this.#stopped) return;
    const delayMs = this.#backoff.next();
    const fields = { reason, retryMs: Math.round(delayMs) };
    if (this.#backoff.attempt <= 1) this.#deps.logger.info("no connection to the node agent", fields);
    else this.#deps.logger.debug("no connection to the node agent", fields);
    this.#timer = this.#deps.clock.after(delayMs, () => this.#connect());
  }
}

/** Runs jobs one after the other; each is over before the next begins. */
class Turns {
  #last: Promise<void> = Promise.resolve();

  add(job: () => Promise<void>): void {
    this.#last = this.#last.then(job);
  }
}

/** The rules of the protocol that do not depend on what the manager knows. */
function faultOf(request: ZdsRequest, descriptors: number, snapshotDone: boolean): string | undefined {
  if (request.kind === "add") {
    return descriptors === 1 ? undefined : `Add with ${descriptors} descriptors instead of one`;
  }
  if (descriptors > 0) return `${request.kind} with ${descriptors} descriptors`;
  if (snapshotDone && request.kind === "keep") return "Keep after the snapshot";
  if (snapshotDone && request.kind === "snapshot-sent") return "a second SnapshotSent";
  return undefined;
}
