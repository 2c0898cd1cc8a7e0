import type { Workload } from "@ambit/model/workload.ts";
import type { MeshStore } from "./mesh-store.ts";

/** A pod as the node agent announces it. */
export interface PodIdentity {
  readonly namespace: string;
  readonly name: string;
  readonly serviceAccount: string;
}

/**
 * What discovery says about a pod on this node; undefined until it has said something. Names repeat across clusters and
 * kinds, so the own cluster's pod is preferred, and another service account is never taken for this one.
 */
export function localWorkload(store: MeshStore, pod: PodIdentity, clusterId: string): Workload | undefined {
  const same = store
    .workloadsNamed(pod.namespace, pod.name)
    .filter((workload) => workload.serviceAccount === pod.serviceAccount);
  const own = same.filter((workload) => workload.clusterId === clusterId);
  return own.find((workload) => workload.uid.includes("//Pod/")) ?? own[0] ?? same[0];
}
