import { formatSpiffeId } from "./spiffe-id.ts";
import type { Workload } from "./workload.ts";

const known = new WeakMap<Workload, string>();

/**
 * A workload's SPIFFE URI. Workloads are immutable, so each has its one text, which is asked for several times with every
 * connection, compared and looked up by.
 */
export function workloadIdentity(workload: Workload): string {
  let identity = known.get(workload);
  if (identity === undefined) known.set(workload, (identity = formatSpiffeId(workload)));
  return identity;
}
