import { createServer, connect, type Server, type Socket } from "node:net";
import { describeError } from "@ambit/base/errors.ts";
import type { AdminClient } from "../client/admin-client.ts";
import type { Forward } from "@ambit/contract/admin-api.ts";

export interface ForwardState extends Forward {
  /** Empty while it listens. */
  readonly problem: string;
}

/**
 * Keeps one loopback listener per published port. The sandbox has its own network; unix sockets cross its border,
 * so every connection is handed to the node agent through one.
 */
export class HostForwards {
  readonly #agent: AdminClient;
  readonly #open = new Map<number, { forward: Forward; server: Server; problem: string }>();

  constructor(agent: AdminClient) {
    this.#agent = agent;
  }

  /** Makes the listeners equal to what the node agent publishes now. */
  async refresh(): Promise<void> {
    const wanted = await this.#agent.getJson<readonly Forward[]>("/forwards");
    for (const [port, entry] of this.#open) {
      // A port that was taken may be free by now.
      if (entry.problem !== "") this.#open.delete(port);
      if (
        wanted.some((forward) => forward.hostPort === port && forward.socketPath === entry.forward.socketPath)
      )
        continue;
      entry.server.close();
      this.#open.delete(port);
    }
    await Promise.all(
      wanted.filter((forward) => !this.#open.has(forward.hostPort)).map((forward) => this.#listen(forward)),
    );
  }

  list(): readonly ForwardState[] {
    return [...this.#open.values()].map(({ forward, problem }) => ({ ...forward, problem }));
  }

  close(): void {
    for (const { server } of this.#open.values()) server.close();
    this.#open.clear();
  }

  #listen(forward: Forward): Promise<void> {
    const server = createServer({ allowHalfOpen: true }, (socket) => carry(socket, forward.socketPath));
    const entry = { forward, server, problem: "" };
    this.#open.set(forward.hostPort, entry);
    return new Promise((resolve) => {
      server.once("error", (error) => {
        entry.problem = describeError(error);
        resolve();
      });
      server.listen(forward.hostPort, "127.0.0.1", resolve);
    });
  }
}

function carry(client: Socket, socketPath: string): void {
  const inside = connect({ path: socketPath, allowHalfOpen: true });
  const end = (): void => {
    client.destroy();
    inside.destroy();
  };
  client.on("error", end);
  inside.on("error", end);
  client.pipe(inside);
  inside.pipe(client);
}
