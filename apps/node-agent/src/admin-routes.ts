import type { FastifyInstance } from "fastify";
import type { Forward, PodRow } from "@ambit/contract/admin-api.ts";

/** A node as the admin page shows it. */
export interface NodeRow {
  readonly name: string;
  readonly underlay: string;
  readonly podCidr: string;
  readonly netnsPath: string;
}

export interface AdminSources {
  readonly pods: () => readonly PodRow[];
  readonly nodes: readonly NodeRow[];
  readonly forwards: () => readonly Forward[];
}

/** The node agent's own admin pages: GET /pods, GET /nodes, GET /forwards. */
export function adminRoutes(sources: AdminSources): (server: FastifyInstance) => void {
  return (server) => {
    server.get("/pods", async () => sources.pods().toSorted(byName));
    server.get("/forwards", async () => sources.forwards());
    server.get("/nodes", async () =>
      sources.nodes.map(({ name, underlay, podCidr, netnsPath }) => ({ name, underlay, podCidr, netnsPath })),
    );
  };
}

function byName(left: PodRow, right: PodRow): number {
  return `${left.namespace}/${left.name}` < `${right.namespace}/${right.name}` ? -1 : 1;
}
