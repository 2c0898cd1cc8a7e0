import { AmbitError } from "@ambit/base/errors.ts";
import type { PodRow } from "@ambit/contract/admin-api.ts";

/**
 * The pod that `reference` means: `[namespace/]pod`, `[namespace/]workload`, `deploy/workload` or `workload.namespace`.
 * Of a workload's pods a ready one is taken. Throws an AmbitError listing what there is.
 */
export function findPod(pods: readonly PodRow[], reference: string): PodRow {
  const text = reference.replace(/^(deploy|deployment|statefulset|sts|pod|workload)\//, "");
  const matches = pods.filter((pod) =>
    [
      pod.name,
      pod.owner,
      `${pod.namespace}/${pod.name}`,
      `${pod.namespace}/${pod.owner}`,
      `${pod.name}.${pod.namespace}`,
      `${pod.owner}.${pod.namespace}`,
      pod.ip,
    ].includes(text),
  );
  const found = matches.find((pod) => pod.ready) ?? matches[0];
  if (found !== undefined) return found;
  const known = [...new Set(pods.map((pod) => `${pod.namespace}/${pod.owner}`))].toSorted();
  throw new AmbitError("no-workload", `No workload "${reference}"; there is: ${known.join(", ")}`);
}
