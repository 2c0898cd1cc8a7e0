/** Every port of the mesh; the same numbers as Istio's where Istio has one. */
export const PORTS = {
  /** In a pod: redirected outbound TCP. */
  ztunnelOutbound: 15001,
  /** In a pod: redirected inbound plaintext. */
  ztunnelInboundPlaintext: 15006,
  /** In a pod: HBONE, mutual TLS and HTTP/2 CONNECT. */
  hbone: 15008,
  /** In a pod, loopback: DNS proxy, TCP and UDP. */
  ztunnelDns: 15053,
  /** In the proxy's namespace, loopback. */
  admin: 15000,
  metrics: 15020,
  readiness: 15021,
  /** discovery: delta xDS over TLS. */
  xds: 15012,
  /** ca, when it is apart from discovery: certificate service over TLS. */
  ca: 15013,
  controlPlaneMetrics: 15014,
  webhooks: 15017,
  console: 15900,
  nats: 4222,
} as const;
