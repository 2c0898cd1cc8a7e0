import { mkdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import fastify, { type FastifyInstance } from "fastify";
import { applyLevel, type LogWriter } from "./log-writer.ts";
import type { Metrics } from "./metrics.ts";
import type { Readiness } from "./lifecycle.ts";
import { expandSocketPath } from "./socket-path.ts";

export interface AdminOptions {
  /** Unix socket of the admin server, where `{hostname}` may stand; its folder is made 0700, the socket 0600. */
  readonly socketPath?: string;
  /** Loopback port of the admin server; 0 leaves it out. */
  readonly loopbackPort?: number;
  /** Port of `/metrics` and `/stats/prometheus` on all addresses; 0 leaves it out. */
  readonly metricsPort?: number;
  /** Port of `/healthz/ready` on all addresses; 0 leaves it out. */
  readonly readyPort?: number;
  /** Lets another process of this user listen on the same ports (SO_REUSEPORT), as during a hand-over. @default false */
  readonly sharePorts?: boolean;
}

export interface AdminDeps {
  readonly writer: LogWriter;
  readonly metrics: Metrics;
  readonly readiness: Readiness;
  /** Adds the process's own routes to the admin server. */
  readonly routes?: (server: FastifyInstance) => void;
}

/**
 * What a TCP port that anybody may reach grants: a request must be there in 10 s (looked at every 5 s), nothing may be
 * silent for 30 s, and there are so many connections at once.
 */
const OPEN_PORT = { requestMs: 10_000, checkMs: 5_000, silenceMs: 30_000, connections: 256 } as const;

/** The HTTP side door of a process: admin on loopback and a unix socket, metrics, readiness. */
export class AdminServer {
  readonly #options: AdminOptions;
  readonly #socketPath: string | undefined;
  readonly #deps: AdminDeps;
  readonly #servers: FastifyInstance[] = [];
  readonly #onPorts: FastifyInstance[] = [];

  constructor(options: AdminOptions, deps: AdminDeps) {
    this.#options = options;
    this.#socketPath = options.socketPath === undefined ? undefined : expandSocketPath(options.socketPath);
    this.#deps = deps;
  }

  async start(): Promise<void> {
    const { loopbackPort = 0, metricsPort = 0, readyPort = 0 } = this.#options;
    const socketPath = this.#socketPath;
    if (socketPath !== undefined) {
      mkdirSync(dirname(socketPath), { recursive: true, mode: 0o700 });
      rmSync(socketPath, { force: true });
      const before = process.umask(0o177);
      try {
        await this.#server(this.#adminRoutes).listen({ path: socketPath });
      } finally {
        process.umask(before);
      }
    }
    if (loopbackPort !== 0) await this.#listen(this.#guardedAdminRoutes, loopbackPort, "127.0.0.1");
    if (metricsPort !== 0) await this.#listen(this.#metricsRoutes, metricsPort, "0.0.0.0", OPEN_PORT);
    if (readyPort !== 0) await this.#listen(this.#readyRoutes, readyPort, "0.0.0.0", OPEN_PORT);
  }

  /** Leaves the TCP ports to whoever shares them; the unix socket is served on. */
  async releasePorts(): Promise<void> {
    await Promise.all(this.#onPorts.splice(0).map((server) => server.close()));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.close()));
    if (this.#socketPath !== undefined) rmSync(this.#socketPath, { force: true });
  }

  async #listen(
    routes: (server: FastifyInstance) => void,
    port: number,
    host: string,
    bounds?: typeof OPEN_PORT,
  ): Promise<void> {
    const server = this.#server(routes, bounds);
    this.#onPorts.push(server);
    const sharing = { reusePort: this.#options.sharePorts === true };
    await server.listen({ port, host, ...sharing });
  }

  #server(routes: (server: FastifyInstance) => void, bounds?: typeof OPEN_PORT): FastifyInstance {
    const server = fastify({
      logger: false,
      bodyLimit: 65_536,
      forceCloseConnections: true,
      ...(bounds === undefined
        ? {}
        : {
            requestTimeout: bounds.requestMs,
            connectionTimeout: bounds.silenceMs,
            http: { connectionsCheckingInterval: bounds.checkMs },
          }),
    });
    if (bounds !== undefined) server.server.maxConnections = bounds.connections;
    routes(server);
    this.#servers.push(server);
    return server;
  }

  readonly #metricsRoutes = (server: FastifyInstance): void => {
    const { metrics } = this.#deps;
    for (const path of ["/metrics", "/stats/prometheus"]) {
      server.get(path, (_request, reply) =>
        reply.type(metrics.contentType).send(Readable.from(metrics.pieces())),
      );
    }
  };

  readonly #readyRoutes = (server: FastifyInstance): void => {
    const { readiness } = this.#deps;
    server.get("/healthz/ready", async (_request, reply) => {
      if (readiness.ready) return reply.send("ready\n");
      return reply.code(500).send(`not ready, waiting for: ${readiness.pending().join(", ")}\n`);
    });
  };

  readonly #adminRoutes = (server: FastifyInstance): void => {
    this.#metricsRoutes(server);
    this.#readyRoutes(server);
    const { writer, routes } = this.#deps;
    server.post("/logging", async (request, reply) => {
      const query = request.query as Record<string, string | undefined>;
      if (query["reset"] !== undefined) writer.reset();
      for (const part of (query["level"] ?? "").split(",").filter((text) => text !== "")) {
        if (!applyLevel(writer, part)) return reply.code(400).send(`"${part}" names no level\n`);
      }
      return reply.send(writer.levels());
    });
    routes?.(server);
  };

  // A browser page that rebinds its name to loopback must not reach the admin port.
  readonly #guardedAdminRoutes = (server: FastifyInstance): void => {
    server.addHook("onRequest", async (request, reply) => {
      const host = (request.headers.host ?? "").replace(/:[0-9]+$/, "");
      if (!["localhost", "127.0.0.1", "[::1]"].includes(host))
        await reply.code(403).send("host not allowed\n");
    });
    this.#adminRoutes(server);
  };
}
