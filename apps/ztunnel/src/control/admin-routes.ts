import { timingSafeEqual } from "node:crypto";
import type { FastifyInstance } from "fastify";
import type { DrainReport } from "@ambit/contract/admin-api.ts";

export interface AdminRoutesDeps {
  readonly dump: () => Promise<unknown>;
  readonly connections: () => Promise<unknown>;
  /** Resolves when the process has drained; how to see what a hand-over had to cut. */
  readonly drained: () => Promise<DrainReport>;
  /** Drains and ends the process. */
  readonly quit: () => void;
  /** Demanded as `authorization: Bearer ...` by quitquitquit when set. */
  readonly quitToken: string | undefined;
}

const INDEX = `ambit ztunnel
GET  /config_dump    what the proxy knows and does
GET  /connections    open connections by pod
GET  /drained        answers when the proxy has drained: connections cut, duration
GET  /metrics        metrics
GET  /healthz/ready  readiness
POST /logging        ?level=LEVEL, ?level=SCOPE=LEVEL, ?reset
POST /quitquitquit   drain and exit
`;

/** The proxy's own pages on the admin server (ambient.md 9.3). */
export function adminRoutes(deps: AdminRoutesDeps): (server: FastifyInstance) => void {
  return (server) => {
    server.get("/", async (_request, reply) => reply.type("text/plain").send(INDEX));
    server.get("/config_dump", async (_request, reply) =>
      reply.type("application/json").send(JSON.stringify(await deps.dump(), undefined, 2)),
    );
    server.get("/drained", async () => deps.drained());
    server.get("/connections", async () => deps.connections());
    server.post("/quitquitquit", async (request, reply) => {
      if (
        deps.quitToken !== undefined &&
        !sameText(request.headers.authorization ?? "", `Bearer ${deps.quitToken}`)
      )
        return reply.code(401).send("token missing or wrong\n");
      deps.quit();
      return reply.send("shutting down\n");
    });
  };
}

function sameText(left: string, right: string): boolean {
  const a = Buffer.from(left);
  const b = Buffer.from(right);
  return a.length === b.length && timingSafeEqual(a, b);
}
