import { DEFAULTS } from "@ambit/contract/names.ts";

/** What is the same for a whole mesh. */
export interface MeshOptions {
  /** Policies in it without a selector hold for the whole mesh. */
  readonly rootNamespace: string;
  readonly clusterId: string;
  readonly clusterDomain: string;
  readonly trustDomain: string;
  /** Network of this cluster's workloads. */
  readonly network: string;
  /** Send dry-run policies to the proxies. */
  readonly dryRun: boolean;
}

export const DEFAULT_MESH_OPTIONS: MeshOptions = {
  rootNamespace: DEFAULTS.systemNamespace,
  clusterId: DEFAULTS.clusterId,
  clusterDomain: DEFAULTS.clusterDomain,
  trustDomain: DEFAULTS.trustDomain,
  network: DEFAULTS.network,
  dryRun: false,
};
