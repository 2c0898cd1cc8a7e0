import type { PodRow } from "@ambit/contract/admin-api.ts";
import type { LocalPod } from "./local-pod.ts";
import { podPhase } from "./pod-object.ts";
import { workloadKey } from "./workload.ts";

/** A pod's line on the admin page. */
export function podRow(pod: LocalPod): PodRow {
  const report = pod.report();
  const reasons = report.containers.flatMap(({ state }) => (state.phase === "waiting" ? [state.reason] : []));
  const phase = podPhase(report);
  return {
    namespace: pod.namespace,
    name: pod.name,
    node: pod.node,
    ip: report.ips[0] ?? "",
    serviceAccount: report.workload.spec.serviceAccountName,
    owner: workloadName(pod),
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

/** The workload's name as people know it. */
function workloadName(pod: LocalPod): string {
  return workloadKey(pod.identity.workload).split("/").at(-1) ?? pod.name;
}
