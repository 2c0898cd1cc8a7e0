import { connect, type NatsConnection } from "@nats-io/transport-node";
import type { Clock } from "@ambit/base/clock.ts";
import { Backoff } from "@ambit/base/backoff.ts";
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
}

/** Tells `NatsBus` how to stop one subscription. */
interface Wanted {
  readonly subject: string;
  readonly onMessage: (message: BusMessage) => void;
  stop: (() => void) | undefined;
}

/** A bus over NATS. It connects in the background and for ever, and takes publications only while it is connected. */
export class NatsBus implements Bus {
  readonly #options: NatsBusOptions;
  readonly #deps: { clock: Clock; random: Random; logger: Logger };
  readonly #backoff: Backoff;
  readonly #wanted = new Set<Wanted>();
  #connection: NatsConnection | undefined;
  #closed = false;

  constructor(options: NatsBusOptions, deps: { clock: Clock; random: Random; logger: Logger }) {
    this.#options = options;
    this.#deps = deps;
    this.#backoff = new Backoff({ initialMs: 100, maxMs: 10_000 }, deps.random);
  }

  get connected(): boolean {
    return this.#connection !== undefined && !this.#connection.isClosed();
  }

  /** Begins to connect; returns at once. */
  start(): void {
    void this.#connect();
  }

  publish(subject: string, data: Uint8Array): void {
    if (this.connected) this.#connection?.publish(subject, data);
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
    this.#closed = true;
    await this.#connection?.close();
  }

  async #connect(): Promise<void> {
    if (this.#closed) return;
    try {
      const { user, password } = readCredentials(this.#options.credentialsPath);
      const connection = await connect({
        servers: this.#options.url,
        user,
        pass: password,
        maxReconnectAttempts: -1,
        reconnectTimeWait: 200,
        reconnectJitter: 300,
        pingInterval: 10_000,
        maxPingOut: 2,
        timeout: 2_000,
      });
      this.#backoff.reset();
      this.#connection = connection;
      if (this.#closed) {
        await connection.close();
        return;
      }
      for (const wanted of this.#wanted) this.#open(connection, wanted);
      void connection.closed().then(() => this.#again("closed"));
    } catch (thrown) {
      this.#again(describeError(thrown));
    }
  }

  #again(reason: string): void {
    this.#connection = undefined;
    if (this.#closed) return;
    this.#deps.logger.debug("bus not connected", { reason });
    this.#deps.clock.after(this.#backoff.next(), () => void this.#connect(), true);
  }

  #open(connection: NatsConnection, wanted: Wanted): void {
    const subscription = connection.subscribe(wanted.subject, {
      callback: (error, message) => {
        if (error !== null)
          this.#deps.logger.warn("subscription failed", {
            subject: wanted.subject,
            error: describeError(error),
          });
        else wanted.onMessage({ subject: message.subject, data: message.data });
      },
    });
    wanted.stop = () => subscription.unsubscribe();
  }
}
