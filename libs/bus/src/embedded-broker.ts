import { timingSafeEqual, createHash } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import type { Clock, Timer } from "@ambit/base/clock.ts";
import type { Logger } from "@ambit/base/logger.ts";
import type { Random } from "@ambit/base/random.ts";
import { BrokerParser, BrokerProtocolError, type ClientCommand } from "./broker-parser.ts";
import { BusError } from "./bus-error.ts";
import {
  isLiteral,
  isPattern,
  mayPublish,
  maySubscribe,
  subjectMatches,
  type BusPermissions,
  type BusUser,
} from "./permissions.ts";

/** Limits of a broker; the same are written into a real server's configuration. */
export const BROKER_LIMITS = {
  maxPayload: 65_536,
  maxControlLine: 1_024,
  maxSubscriptions: 64,
  maxPending: 4 * 1024 * 1024,
  writeDeadlineMs: 2_000,
  authTimeoutMs: 1_000,
} as const;

export interface BrokerUser extends BusUser {
  readonly password: string;
}

export interface BrokerDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** A broker of the core NATS protocol inside one process: what the mesh needs of it, and nothing else. */
export class EmbeddedBroker {
  readonly #users: readonly BrokerUser[];
  readonly #deps: BrokerDeps;
  readonly #server: Server;
  readonly #clients = new Set<BrokerClient>();

  constructor(users: readonly BrokerUser[], deps: BrokerDeps) {
    this.#users = users;
    this.#deps = deps;
    this.#server = createServer((socket) => {
      const client = new BrokerClient(socket, this.#users, deps, {
        publish: (subject, reply, payload) => this.#deliver(subject, reply, payload),
        closed: (gone) => void this.#clients.delete(gone),
      });
      this.#clients.add(client);
    });
  }

  /** Resolves with the port. Throws a BusError `listen`. */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", (cause) =>
        reject(new BusError("listen", `Cannot listen on ${host}:${port}`, { cause })),
      );
      this.#server.listen(port, host, () => {
        const address = this.#server.address();
        resolve(typeof address === "object" && address !== null ? address.port : port);
      });
    });
  }

  close(): Promise<void> {
    for (const client of this.#clients) client.end();
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  #deliver(subject: string, reply: string, payload: Buffer): void {
    const queues = new Map<string, { client: BrokerClient; sid: string }[]>();
    for (const client of this.#clients) {
      for (const match of client.matching(subject)) {
        if (match.queue === "") client.message(match.sid, subject, reply, payload);
        else queues.set(match.queue, [...(queues.get(match.queue) ?? []), { client, sid: match.sid }]);
      }
    }
    for (const members of queues.values()) {
      const chosen = members[this.#deps.random.below(members.length)];
      chosen?.client.message(chosen.sid, subject, reply, payload);
    }
  }
}

interface Subscription {
  readonly subject: string;
  readonly queue: string;
  /** Messages left before it ends by itself; 0 is without end. */
  left: number;
}

interface ClientEvents {
  readonly publish: (subject: string, reply: string, payload: Buffer) => void;
  readonly closed: (client: BrokerClient) => void;
}

/** One connection to the broker. */
class BrokerClient {
  readonly #socket: Socket;
  readonly #users: readonly BrokerUser[];
  readonly #deps: BrokerDeps;
  readonly #events: ClientEvents;
  readonly #parser = new BrokerParser(BROKER_LIMITS);
  readonly #subscriptions = new Map<string, Subscription>();
  #permissions: BusPermissions | undefined;
  #verbose = false;
  #authTimer: Timer | undefined;
  #writeTimer: Timer | undefined;

  constructor(socket: Socket, users: readonly BrokerUser[], deps: BrokerDeps, events: ClientEvents) {
    this.#socket = socket;
    this.#users = users;
    this.#deps = deps;
    this.#events = events;
    socket.setNoDelay(true);
    socket.on("data", (bytes: Buffer) => this.#take(bytes));
    socket.on("error", () => this.end());
    socket.on("close", () => this.end());
    socket.on("drain", () => this.#writeTimer?.cancel());
    this.#authTimer = deps.clock.after(
      BROKER_LIMITS.authTimeoutMs,
      () => this.#fail("Authentication Timeout"),
      true,
    );
    const info = {
      server_id: deps.random.uuid(),
      server_name: "ambit-embedded",
      version: "2.10.0",
      proto: 1,
      headers: true,
      auth_required: true,
      max_payload: BROKER_LIMITS.maxPayload,
    };
    this.#write(`INFO ${JSON.stringify(info)}\r\n`);
  }

  matching(subject: string): readonly { sid: string; queue: string }[] {
    const found: { sid: string; queue: string }[] = [];
    for (const [sid, subscription] of this.#subscriptions) {
      if (subjectMatches(subscription.subject, subject)) found.push({ sid, queue: subscription.queue });
    }
    return found;
  }

  message(sid: string, subject: string, reply: string, payload: Buffer): void {
    const subscription = this.#subscriptions.get(sid);
    if (subscription === undefined) return;
    const target = reply === "" ? "" : `${reply} `;
    this.#write(
      Buffer.concat([
        Buffer.from(`MSG ${subject} ${sid} ${target}${payload.length}\r\n`),
        payload,
        Buffer.from("\r\n"),
      ]),
    );
    if (subscription.left > 0 && --subscription.left === 0) this.#subscriptions.delete(sid);
  }

  end(): void {
    this.#authTimer?.cancel();
    this.#writeTimer?.cancel();
    this.#subscriptions.clear();
    this.#socket.destroy();
    this.#events.closed(this);
  }

  #take(bytes: Buffer): void {
    try {
      for (const command of this.#parser.push(bytes)) {
        this.#run(command);
        if (this.#socket.destroyed) return;
      }
    } catch (thrown) {
      if (!(thrown instanceof BrokerProtocolError)) throw thrown;
      this.#fail(thrown.message);
    }
  }

  #run(command: ClientCommand): void {
    if (this.#permissions === undefined && command.verb !== "CONNECT") {
      // PING before CONNECT is how clients sound a server out; everything else needs a name first.
      if (command.verb === "PING") this.#write("PONG\r\n");
      else if (command.verb !== "PONG") this.#fail("Authorization Violation");
      return;
    }
    switch (command.verb) {
      case "CONNECT":
        this.#connect(command.options);
        break;
      case "PING":
        this.#write("PONG\r\n");
        break;
      case "PONG":
        break;
      case "SUB":
        this.#subscribe(command.subject, command.queue, command.sid);
        break;
      case "UNSUB":
        this.#unsubscribe(command.sid, command.max);
        break;
      case "PUB":
        this.#publish(command.subject, command.reply, command.payload);
        break;
    }
  }

  #connect(text: string): void {
    let options: { user?: unknown; pass?: unknown; verbose?: unknown };
    try {
      options = JSON.parse(text) as typeof options;
    } catch {
      throw new BrokerProtocolError("Parser Error");
    }
    const user = this.#users.find((candidate) => candidate.name === options.user);
    const given = typeof options.pass === "string" ? options.pass : "";
    if (user === undefined || !sameSecret(given, user.password)) {
      this.#fail("Authorization Violation");
      return;
    }
    this.#authTimer?.cancel();
    this.#permissions = user.permissions;
    this.#verbose = options.verbose === true;
    this.#ok();
  }

  #subscribe(subject: string, queue: string, sid: string): void {
    if (!isPattern(subject)) {
      this.#error("Invalid Subject");
      return;
    }
    if (this.#permissions === undefined || !maySubscribe(this.#permissions, subject)) {
      this.#error(`Permissions Violation for Subscription to "${subject}"`);
      return;
    }
    if (this.#subscriptions.size >= BROKER_LIMITS.maxSubscriptions) {
      this.#fail("Maximum Subscriptions Exceeded");
      return;
    }
    this.#subscriptions.set(sid, { subject, queue, left: 0 });
    this.#ok();
  }

  #unsubscribe(sid: string, max: number): void {
    const subscription = this.#subscriptions.get(sid);
    if (subscription !== undefined && max > 0) subscription.left = max;
    else this.#subscriptions.delete(sid);
    this.#ok();
  }

  #publish(subject: string, reply: string, payload: Buffer): void {
    if (!isLiteral(subject)) {
      this.#error("Invalid Publish Subject");
      return;
    }
    if (this.#permissions === undefined || !mayPublish(this.#permissions, subject)) {
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

  #fail(text: string): void {
    this.#deps.logger.warn("client cut off", { reason: text });
    this.#error(text);
    this.#socket.end();
    this.end();
  }

  #write(bytes: string | Buffer): void {
    if (this.#socket.destroyed) return;
    if (this.#socket.write(bytes)) return;
    if (this.#socket.writableLength > BROKER_LIMITS.maxPending) {
      this.#deps.logger.warn("slow client cut off");
      this.end();
      return;
    }
    this.#writeTimer?.cancel();
    this.#writeTimer = this.#deps.clock.after(BROKER_LIMITS.writeDeadlineMs, () => this.end(), true);
  }
}

function sameSecret(left: string, right: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}
