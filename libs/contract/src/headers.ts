/** Header and metadata names that cross a process boundary; lower case, as HTTP/2 has them. */
export const HEADERS = {
  /** gRPC metadata to discovery and ca: `Bearer <token>`. */
  authorization: "authorization",
  /** gRPC metadata to discovery and ca: the caller's cluster. */
  clusterId: "clusterid",
  /** HBONE: who the source is, as `key=value` pairs; telemetry only, never identity. */
  baggage: "baggage",
  /** HBONE: address of the source and name of the destination (RFC 7239). */
  forwarded: "forwarded",
  /** HBONE: trace id of one connection (W3C Trace Context). */
  traceparent: "traceparent",
  /** HBONE, inner request of a double tunnel: the source's network. */
  forwardedNetwork: "x-forwarded-network",
  /** HBONE, from layer-7 proxies: whether layer 7 was done already. */
  istioSource: "x-istio-source",
} as const;
