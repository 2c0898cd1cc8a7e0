/** Labels and annotations the mesh reads or writes; Istio's and Kubernetes' names. */
export const LABELS = {
  dataplaneMode: "istio.io/dataplane-mode",
  useWaypoint: "istio.io/use-waypoint",
  useWaypointNamespace: "istio.io/use-waypoint-namespace",
  waypointFor: "istio.io/waypoint-for",
  tunnel: "networking.istio.io/tunnel",
  network: "topology.istio.io/network",
  canonicalName: "service.istio.io/canonical-name",
  canonicalRevision: "service.istio.io/canonical-revision",
  appName: "app.kubernetes.io/name",
  appVersion: "app.kubernetes.io/version",
  app: "app",
  version: "version",
  gatewayName: "gateway.networking.k8s.io/gateway-name",
  region: "topology.kubernetes.io/region",
  zone: "topology.kubernetes.io/zone",
  subzone: "topology.istio.io/subzone",
} as const;

export const ANNOTATIONS = {
  /** Written by the node agent: `enabled` or `pending`. */
  redirection: "ambient.istio.io/redirection",
  bypassInboundCapture: "ambient.istio.io/bypass-inbound-capture",
  dnsCapture: "ambient.istio.io/dns-capture",
  dryRun: "istio.io/dry-run",
  trafficDistribution: "networking.istio.io/traffic-distribution",
  sidecarStatus: "sidecar.istio.io/status",
  /** Written by the node agent: what a container sent before it was captured (reason, TCP connections, bytes). */
  earlySend: "ambit.dev/early-send",
  rerouteInterfaces: "istio.io/reroute-virtual-interfaces",
} as const;
