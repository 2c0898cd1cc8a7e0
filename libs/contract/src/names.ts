/** Names that are the same everywhere in one mesh unless settings say otherwise. */
export const DEFAULTS = {
  trustDomain: "cluster.local",
  clusterDomain: "cluster.local",
  systemNamespace: "ambit-system",
  clusterId: "Kubernetes",
  network: "",
  /** Audience of every token that a proxy presents. */
  tokenAudience: "istio-ca",
} as const;
