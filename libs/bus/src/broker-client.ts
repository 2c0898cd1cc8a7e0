import type { Socket } from "node:net";
import type { Clock, Timer } from "@ambit/base/clock.ts";
import type { Logger } from "@ambit/base/logger.ts";
import { BROKER_LIMITS } from "./broker-limits.ts";
import { BrokerParser, BrokerProtocolError, type ClientCommand } from "./broker-parser.ts";
import { mayPublish, maySubscribe, type BusPermissions } from "./permissions.ts";
import { covers, isLiteral, isPattern } from "./subject.ts";

interface Subscription {
  readonly subject: string;
  readonly queue: string;
  /** Messages it has had. */
  had: number;
  /** Messages after which it ends by itself; 0 is without end. */
  max: number;
}

export interface ClientEvents {
  /** The permissions of whoever names itself so, when the secret is right. */
  readonly authenticate: (user: unknown, password: unknown) => BusPermissions | undefined;
  readonly publish: (subject: string, reply: string, payload: Buffer) => void;
  readonly closed: (client: BrokerClient) => void;
}

/** How long a client that is cut off is given to read why. */
const LAST_WORDS_MS = 500;

/** A peer that is gone without a word is noticed by the kernel's probes, begun after this. */
const KEEPALIVE_MS = 30_000;

const UNAUTHORIZED = "Authorization Violation";

const CRLF = Buffer.from("\r\n");

/** One connection to the broker. */
export class BrokerClient {
  readonly #socket: Socket;
  readonly #deps: { readonly clock: Clock; readonly logger: Logger };
  readonly #events: ClientEvents;
  readonly #parser = new BrokerParser(BROKER_LIMITS);
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #authTimer: Timer;
  #permissions: BusPermissions | undefined;
  #verbose = false;
  #isGone = false;
  #writeTimer: Timer | undefined;

  constructor(socket: Socket, info: object, deps: { clock: Clock; logger: Logger }, events: ClientEvents) {
    this.#socket = socket;
    this.#deps = deps;
    this.#events = events;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEPALIVE_MS);
    socket.on("data", (bytes: Buffer) => this.#take(bytes));
    socket.on("error", () => this.end());
    socket.on("close", () => this.end());
    socket.on("drain", () => this.#disarm());
    this.#authTimer = deps.clock.after(
      BROKER_LIMITS.authTimeoutMs,
      () => this.#fail("Authentication Timeout"),
      true,
    );
    this.#write(`INFO ${JSON.stringify(info)}\r\n`);
  }

  /** Its subscriptions that a literal subject matches. */
  matching(subject: string): readonly { sid: string; queue: string }[] {
    const found: { sid: string; queue: string }[] = [];
    for (const [sid, subscription] of this.#subscriptions) {
      if (covers(subscription.subject, subject)) found.push({ sid, queue: subscription.queue });
    }
    return found;
  }

  message(sid: string, subject: string, reply: string, payload: Buffer): void {
    const subscription = this.#subscriptions.get(sid);
    if (subscription === undefined) return;
    subscription.had++;
    if (subscription.had === subscription.max) this.#subscriptions.delete(sid);
    const target = reply === "" ? "" : `${reply} `;
    const head = Buffer.from(`MSG ${subject} ${sid} ${target}${payload.length}\r\n`, "latin1");
    this.#write(Buffer.concat([head, payload, CRLF]));
  }

  /** Ends the connection at once. */
  end(): void {
    this.#leave();
    this.#socket.destroy();
  }

  #leave(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#authTimer.cancel();
    this.#disarm();
    this.#subscriptions.clear();
    this.#events.closed(this);
  }

  #take(bytes: Buffer): void {
    if (this.#isGone) return;
    try {
      for (const command of this.#parser.push(bytes)) {
        this.#run(command);
        if (this.#isGone) return;
      }
    } catch (thrown) {
      if (!(thrown instanceof BrokerProtocolError)) throw thrown;
      // A stranger learns nothing, not even what it did wrong.
      this.#fail(this.#permissions === undefined ? UNAUTHORIZED : thrown.message);
    }
  }

  #run(command: ClientCommand): void {
    if (this.#permissions === undefined) {
      if (command.verb === "CONNECT") this.#connect(command.options);
      else this.#fail(UNAUTHORIZED);
      return;
    }
    switch (command.verb) {
      case "PING":
        this.#write("PONG\r\n");
        break;
      // A second CONNECT changes nothing: whoever wants other rights opens another connection.
      case "CONNECT":
      case "PONG":
        break;
      case "SUB":
        this.#subscribe(this.#permissions, command);
        break;
      case "UNSUB":
        this.#unsubscribe(command.sid, command.max);
        break;
      case "PUB":
        this.#publish(this.#permissions, command);
        break;
    }
  }

  #connect(text: string): void {
    let options: { user?: unknown; pass?: unknown; verbose?: unknown } | null;
    try {
      options = JSON.parse(text) as typeof options;
    } catch {
      throw new BrokerProtocolError("Parser Error");
    }
    this.#permissions = this.#events.authenticate(options?.user, options?.pass);
    if (this.#permissions === undefined) {
      this.#fail(UNAUTHORIZED);
      return;
    }
    this.#authTimer.cancel();
    this.#verbose = options?.verbose === true;
    this.#ok();
  }

  #subscribe(permissions: BusPermissions, command: ClientCommand & { verb: "SUB" }): void {
    const { subject, queue, sid } = command;
    if (!isPattern(subject)) {
      this.#error("Invalid Subject");
      return;
    }
    if (!maySubscribe(permissions, subject)) {
      const group = queue === "" ? "" : ` using queue "${queue}"`;
      this.#error(`Permissions Violation for Subscription to "${subject}"${group}`);
      return;
    }
    if (!this.#subscriptions.has(sid)) {
      if (this.#subscriptions.size >= BROKER_LIMITS.maxSubscriptions) {
        this.#error("maximum subscriptions exceeded");
        return;
      }
      this.#subscriptions.set(sid, { subject, queue, had: 0, max: 0 });
    }
    this.#ok();
  }

  #unsubscribe(sid: string, max: number): void {
    const subscription = this.#subscriptions.get(sid);
    if (subscription !== undefined && max > subscription.had) subscription.max = max;
    else this.#subscriptions.delete(sid);
    this.#ok();
  }

  #publish(permissions: BusPermissions, command: ClientCommand & { verb: "PUB" }): void {
    const { subject, reply, payload } = command;
    if (!isLiteral(subject)) {
      this.#error("Invalid Publish Subject");
      return;
    }
    if (!mayPublish(permissions, subject)) {
      this.#error(`Permissions Violation for Publish to "${subject}"`);
      return;
    }
    this.#ok();
    this.#events.publish(subject, reply, payload);
  }

  #ok(): void {
    if (this.#verbose) this.#write("+OK\r\n");
  }

  #error(text: string): void {
    this.#write(`-ERR '${text}'\r\n`);
  }

  // Says why and ends. What still comes in is read and dropped: unread bytes would reset the connection, and the reason
  // with it.
  #fail(text: string): void {
    this.#deps.logger.warn("client cut off", { reason: text });
    this.#error(text);
    this.#leave();
    this.#socket.end();
    const timer = this.#deps.clock.after(LAST_WORDS_MS, () => this.#socket.destroy(), true);
    this.#socket.once("close", () => timer.cancel());
  }

  #write(bytes: string | Buffer): void {
    if (this.#isGone || this.#socket.write(bytes)) return;
    if (this.#socket.writableLength > BROKER_LIMITS.maxPending) {
      this.#deps.logger.warn("slow client cut off");
      this.end();
      return;
    }
    // Armed once and not again with every message: a client that reads nothing must not live from being written to.
    this.#writeTimer ??= this.#deps.clock.after(BROKER_LIMITS.writeDeadlineMs, () => this.end(), true);
  }

  #disarm(): void {
    this.#writeTimer?.cancel();
    this.#writeTimer = undefined;
  }
}
