import { createHash, timingSafeEqual } from "node:crypto";
import { createServer, type Server } from "node:net";
import type { Clock } from "@ambit/base/clock.ts";
import type { Logger } from "@ambit/base/logger.ts";
import type { Random } from "@ambit/base/random.ts";
import { BrokerClient } from "./broker-client.ts";
import { BROKER_LIMITS } from "./broker-limits.ts";
import { BusError } from "./bus-error.ts";
import type { BusPermissions, BusUser } from "./permissions.ts";

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
    const info = {
      server_id: deps.random.uuid(),
      server_name: "ambit-embedded",
      version: "2.10.0",
      proto: 1,
      headers: true,
      auth_required: true,
      max_payload: BROKER_LIMITS.maxPayload,
    };
    this.#server = createServer((socket) => {
      const client = new BrokerClient(socket, info, deps, {
        authenticate: (user, password) => this.#authenticate(user, password),
        publish: (subject, reply, payload) => this.#deliver(subject, reply, payload),
        closed: (gone) => void this.#clients.delete(gone),
      });
      this.#clients.add(client);
    });
    this.#server.maxConnections = BROKER_LIMITS.maxConnections;
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
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      for (const client of this.#clients) client.end();
    });
  }

  #authenticate(name: unknown, password: unknown): BusPermissions | undefined {
    const user = this.#users.find((candidate) => candidate.name === name);
    const isRight = sameSecret(typeof password === "string" ? password : "", user?.password ?? "");
    return isRight ? user?.permissions : undefined;
  }

  // Every subscriber gets the message, of each queue group one member.
  #deliver(subject: string, reply: string, payload: Buffer): void {
    const queues = new Map<string, { client: BrokerClient; sid: string }[]>();
    for (const client of this.#clients) {
      for (const { sid, queue } of client.matching(subject)) {
        if (queue === "") client.message(sid, subject, reply, payload);
        else queues.set(queue, [...(queues.get(queue) ?? []), { client, sid }]);
      }
    }
    for (const members of queues.values()) {
      const chosen = members[this.#deps.random.below(members.length)];
      chosen?.client.message(chosen.sid, subject, reply, payload);
    }
  }
}

function sameSecret(left: string, right: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}
