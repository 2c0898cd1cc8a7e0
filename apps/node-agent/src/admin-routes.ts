import type { FastifyInstance } from "fastify";
import type { Forward, PodRow } from "@ambit/contract/admin-api.ts";
import type { NodeAddresses } from "./platform/local/address-plan.ts";
import type { LocalPod } from "./platform/local/local-pod.ts";
import { ownerName } from "./platform/local/local-platform.ts";
import { podPhase } from "./platform/local/pod-object.ts";

export interface AdminSources {
  readonly pods: () => readonly LocalPod[];
  readonly nodes: readonly NodeAddresses[];
  readonly forwards: () => readonly Forward[];
}

/** The node agent's own admin pages: GET /pods, GET /nodes, GET /forwards. */
export function adminRoutes(sources: AdminSources): (server: FastifyInstance) => void {
  return (server) => {
    server.get("/pods", async () => sources.pods().map(podRow).toSorted(byName));
    server.get("/forwards", async () => sources.forwards());
    server.get("/nodes", async () =>
      sources.nodes.map(({ name, underlay, podCidr, netnsPath }) => ({ name, underlay, podCidr, netnsPath })),
    );
  };
}

function byName(left: PodRow, right: PodRow): number {
  return `${left.namespace}/${left.name}` < `${right.namespace}/${right.name}` ? -1 : 1;
}

function podRow(pod: LocalPod): PodRow {
  const report = pod.report();
  const reasons = report.containers.flatMap(({ state }) => (state.phase === "waiting" ? [state.reason] : []));
  const phase = podPhase(report);
  return {
    namespace: pod.namespace,
    name: pod.name,
    node: pod.node,
    ip: report.ips[0] ?? "",
    serviceAccount: report.workload.spec.serviceAccountName,
    owner: ownerName(pod),
    phase: pod.leaving
      ? "Terminating"
      : phase === "Pending"
        ? (reasons[0] ?? report.waiting) || phase
        : phase,
    ready: pod.ready,
    restarts: report.containers.reduce((sum, entry) => sum + entry.restarts, 0),
    redirection: report.redirection,
    netnsPath: pod.sandbox?.netnsPath ?? "",
    holderPid: pod.sandbox?.holderPid ?? 0,
  };
}
