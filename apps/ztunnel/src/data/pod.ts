import type { Workload } from "@ambit/model/workload.ts";
import type { PodIdentity } from "@ambit/store/local-workload.ts";

/** A pod of this node as the data thread carries it. */
export interface Pod {
  /** Kubernetes' pod UID. */
  readonly uid: string;
  readonly identity: PodIdentity;
  readonly namespaceFd: number;
  /** What discovery says about it now; undefined until it has said something. Kept by LocalWorkloads. */
  workload: Workload | undefined;
  /** Whether foreign source addresses can be used in its namespace. */
  transparent: boolean;
  /** Whether sockets of its namespace send by timer unless they ask for another congestion control. */
  paced: boolean;
}
