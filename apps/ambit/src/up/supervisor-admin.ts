import type { FastifyInstance, FastifyReply } from "fastify";
import type { Counter } from "prom-client";
import { AmbitError } from "@ambit/base/errors.ts";
import type { UpgradeReport } from "@ambit/contract/admin-api.ts";
import { Metrics } from "@ambit/runtime/metrics.ts";
import type { NodeProxies } from "./node-proxies.ts";

/** What the supervisor counts; it outlives the proxies it exchanges. */
export class SupervisorMetrics extends Metrics {
  readonly #upgrades: Counter;
  readonly #cut: Counter;

  constructor(version: string) {
    super({ component: "supervisor", version });
    this.#upgrades = this.counter("ambit_ztunnel_upgrades_total", "Exchanges of a node's proxy", [
      "node",
      "result",
    ]);
    this.#cut = this.counter(
      "ambit_ztunnel_upgrade_connections_cut_total",
      "Connections closed at the drain deadline of an exchanged proxy",
      ["node"],
    );
  }

  /** Counts a finished exchange. */
  finished(report: UpgradeReport): void {
    this.#upgrades.labels(report.node, report.phase).inc();
    this.#cut.labels(report.node).inc(report.cut ?? 0);
  }
}

/** The supervisor's own pages on its admin socket. */
export function upgradeRoutes(
  proxies: Pick<NodeProxies, "upgrade" | "report">,
): (server: FastifyInstance) => void {
  return (server) => {
    server.post("/upgrade", async (request, reply) => {
      const { node } = (request.body ?? {}) as { node?: unknown };
      if (typeof node !== "string") return reply.code(400).send("the body needs a node\n");
      return answer(reply, () => proxies.upgrade(node));
    });
    server.get("/upgrade", async (request, reply) => {
      const { node = "" } = request.query as { node?: string };
      const report = proxies.report(node);
      return report === undefined
        ? reply.code(404).send(`the proxy of "${node}" was never exchanged\n`)
        : reply.send(report);
    });
  };
}

function answer(reply: FastifyReply, run: () => UpgradeReport): FastifyReply {
  try {
    return reply.send(run());
  } catch (thrown) {
    if (!(thrown instanceof AmbitError)) throw thrown;
    return reply.code(409).send(`${thrown.message}\n`);
  }
}
