import { readFileSync } from "node:fs";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { Backoff } from "@ambit/base/backoff.ts";
import type { Clock, Timer } from "@ambit/base/clock.ts";
import { describeError } from "@ambit/base/errors.ts";
import type { Logger } from "@ambit/base/logger.ts";
import type { Random } from "@ambit/base/random.ts";
import type { Bus, BusMessage } from "./bus.ts";
import { readCredentials } from "./credentials.ts";

export interface NatsBusOptions {
  /** `nats://host:port`. */
  readonly url: string;
  /** File with user and password, read at every first connect. */
  readonly credentialsPath: string;
  /** Speak TLS and accept servers under these roots only. */
  readonly rootCaPath?: string;
}

interface Wanted {
  readonly subject: string;
  readonly onMessage: (message: BusMessage) => void;
  stop: (() => void) | undefined;
}

const BACKOFF = { initialMs: 100, maxMs: 10_000 } as const;

/** Tries of the library itself before a connection is given up and made anew, with credentials read again. */
const RECONNECT_TRIES = 10;

/** A bus over NATS. It connects in the background and for ever, and takes publications only while it is connected. */
export class NatsBus implements Bus {
  readonly #options: NatsBusOptions;
  readonly #deps: { clock: Clock; random: Random; logger: Logger };
  readonly #backoff: Backoff;
  readonly #wanted = new Set<Wanted>();
  #connection: NatsConnection | undefined;
  #isUp = false;
  #isClosed = false;
  #retry: Timer | undefined;

  constructor(options: NatsBusOptions, deps: { clock: Clock; random: Random; logger: Logger }) {
    this.#options = options;
    this.#deps = deps;
    this.#backoff = new Backoff(BACKOFF, deps.random);
  }

  get connected(): boolean {
    return this.#isUp;
  }

  /** Begins to connect; returns at once. */
  start(): void {
    void this.#connect();
  }

  publish(subject: string, data: Uint8Array): void {
    // The library would keep it for later, without bound; a hint that is late is worth nothing.
    if (this.#isUp) this.#connection?.publish(subject, data);
  }

  subscribe(subject: string, onMessage: (message: BusMessage) => void): () => void {
    const wanted: Wanted = { subject, onMessage, stop: undefined };
    this.#wanted.add(wanted);
    if (this.#connection !== undefined) this.#open(this.#connection, wanted);
    return () => {
      this.#wanted.delete(wanted);
      wanted.stop?.();
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#isUp = false;
    this.#retry?.cancel();
    await this.#connection?.close();
  }

  async #connect(): Promise<void> {
    if (this.#isClosed) return;
    try {
      const connection = await connect(this.#connectOptions());
      if (this.#isClosed) {
        await connection.close();
        return;
      }
      this.#backoff.reset();
      this.#connection = connection;
      this.#isUp = true;
      for (const wanted of this.#wanted) this.#open(connection, wanted);
      void this.#follow(connection);
      void connection
        .closed()
        .then((error) => this.#again(error === undefined ? "closed" : describeError(error)));
    } catch (thrown) {
      this.#again(describeError(thrown));
    }
  }

  #connectOptions(): Parameters<typeof connect>[0] {
    const { url, credentialsPath, rootCaPath } = this.#options;
    const { user, password } = readCredentials(credentialsPath);
    return {
      servers: url,
      user,
      pass: password,
      maxReconnectAttempts: RECONNECT_TRIES,
      reconnectTimeWait: 200,
      reconnectJitter: 300,
      pingInterval: 10_000,
      maxPingOut: 2,
      timeout: 2_000,
      ...(rootCaPath === undefined ? {} : { tls: { ca: readFileSync(rootCaPath, "utf8") } }),
    };
  }

  // The library reconnects by itself; meanwhile there is nobody to publish to.
  async #follow(connection: NatsConnection): Promise<void> {
    for await (const event of connection.status()) {
      if (this.#connection !== connection) return;
      if (event.type === "disconnect") this.#isUp = false;
      else if (event.type === "reconnect") this.#isUp = !this.#isClosed;
    }
  }

  #again(reason: string): void {
    this.#connection = undefined;
    this.#isUp = false;
    if (this.#isClosed) return;
    this.#deps.logger.debug("bus not connected", { reason });
    this.#retry = this.#deps.clock.after(this.#backoff.next(), () => void this.#connect(), true);
  }

  #open(connection: NatsConnection, wanted: Wanted): void {
    const { subject, onMessage } = wanted;
    const subscription = connection.subscribe(subject, {
      callback: (error, message) => {
        if (error === null) onMessage({ subject: message.subject, data: message.data });
        else this.#deps.logger.warn("subscription failed", { subject, error: describeError(error) });
      },
    });
    wanted.stop = () => subscription.unsubscribe();
  }
}
