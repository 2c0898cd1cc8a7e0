import type { Clock } from "@ambit/base/clock.ts";
import { describeError } from "@ambit/base/errors.ts";
import type { Logger } from "@ambit/base/logger.ts";
import { AgentError } from "./agent-error.ts";
import { ZdsConnection, type PacketSocket, type ZdsPod } from "./zds-connection.ts";

/** Connections taken within one second; what comes more often is a proxy in trouble (ambient.md 1.4). */
const CONNECTIONS_PER_SECOND = 5;

export interface ZdsServerDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Every pod of the node that is to be captured, for the snapshot of a new connection. */
  readonly pods: () => readonly ZdsPod[];
}

/**
 * The node agent's side of the namespace protocol for one node: tells its proxy which pods to serve. During an
 * upgrade several proxies are connected; the newest one gets new pods, all of them are told of removals.
 */
export class ZdsServer {
  readonly #deps: ZdsServerDeps;
  readonly #connections: ZdsConnection[] = [];
  readonly #waiting = new Set<() => void>();
  readonly #accepted: number[] = [];

  constructor(deps: ZdsServerDeps) {
    this.#deps = deps;
  }

  /** True while a proxy is connected and has said hello. */
  get connected(): boolean {
    return this.#newest !== undefined;
  }

  /** Takes a new connection, or undefined when there were too many of late (the socket is closed then). */
  accept(socket: PacketSocket): ZdsConnection | undefined {
    const { clock, logger } = this.#deps;
    const now = clock.monotonic();
    while (this.#accepted[0] !== undefined && now - this.#accepted[0] >= 1000) this.#accepted.shift();
    if (this.#accepted.length >= CONNECTIONS_PER_SECOND) {
      logger.warn("a proxy connects too often");
      socket.close();
      return undefined;
    }
    this.#accepted.push(now);
    return new ZdsConnection(
      socket,
      {
        onHello: (connection) => void this.#greet(connection),
        onClosed: (connection, reason) => {
          const at = this.#connections.indexOf(connection);
          const wasNewest = at >= 0 && at === this.#connections.length - 1;
          if (at >= 0) this.#connections.splice(at, 1);
          logger.info("proxy disconnected", { reason });
          if (wasNewest) this.#repeat();
        },
      },
      clock,
    );
  }

  /**
   * Resolves when the newest proxy serves the pod. Rejects with an AgentError: `no-proxy` when none is connected,
   * `zds` when it refuses or the connection ends meanwhile.
   */
  add(pod: ZdsPod): Promise<void> {
    const newest = this.#newest;
    if (newest === undefined)
      return Promise.reject(new AgentError("no-proxy", "No proxy is connected for the node"));
    return newest.add(pod);
  }

  /** Resolves when every proxy has let go of the pod or is gone. */
  async remove(uid: string): Promise<void> {
    const results = await Promise.allSettled(this.#connections.map((connection) => connection.remove(uid)));
    for (const result of results) {
      if (result.status === "rejected")
        this.#deps.logger.warn("a proxy did not let go of a pod", {
          uid,
          error: describeError(result.reason),
        });
    }
  }

  /** Calls `run` once, when the next proxy has said hello. Returns how to stop waiting. */
  onceConnected(run: () => void): () => void {
    this.#waiting.add(run);
    return () => this.#waiting.delete(run);
  }

  close(): void {
    for (const connection of [...this.#connections]) connection.close("the node agent ends");
  }

  // Pods that came meanwhile were given to the newest only; what a proxy has already it leaves as it is.
  #repeat(): void {
    for (const pod of this.#newest === undefined ? [] : this.#deps.pods()) {
      this.#newest?.add(pod).catch((thrown: unknown) => {
        this.#deps.logger.warn("a proxy did not take a pod", { uid: pod.uid, error: describeError(thrown) });
      });
    }
  }

  get #newest(): ZdsConnection | undefined {
    return this.#connections.at(-1);
  }

  async #greet(connection: ZdsConnection): Promise<void> {
    const { logger, pods } = this.#deps;
    this.#connections.push(connection);
    const present = pods();
    // All of it is queued before anything else can be, so the snapshot is one piece.
    const sent = [...present.map((pod) => connection.add(pod)), connection.snapshotSent()];
    const [...results] = await Promise.allSettled(sent);
    const refused = results.filter((result) => result.status === "rejected").length;
    logger.info("proxy connected", { pods: present.length, refused });
    for (const run of [...this.#waiting]) run();
    this.#waiting.clear();
  }
}
