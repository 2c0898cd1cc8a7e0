import type { GatewayAddress, NetworkAddress, PortMapping } from "./workload.ts";

export type RoutingScope = "REGION" | "ZONE" | "SUBZONE" | "NODE" | "CLUSTER" | "NETWORK";

export type LoadBalancingMode = "UNSPECIFIED" | "STRICT" | "FAILOVER" | "PASSTHROUGH";

export interface LoadBalancing {
  readonly routingPreference: readonly RoutingScope[];
  readonly mode: LoadBalancingMode;
  readonly healthPolicy: "ONLY_HEALTHY" | "ALLOW_ALL";
}

/** A virtual address; `length` is set for a CIDR. */
export interface ServiceAddress extends NetworkAddress {
  readonly length: number | undefined;
}

export interface WeightedWaypoint {
  readonly destination: GatewayAddress;
  readonly weight: number;
}

/** A name with virtual addresses in front of workloads. Immutable. */
export interface Service {
  readonly name: string;
  readonly namespace: string;
  /** Fully qualified; the key of a service is `namespace/hostname`. */
  readonly hostname: string;
  readonly addresses: readonly ServiceAddress[];
  readonly ports: readonly PortMapping[];
  readonly subjectAltNames: readonly string[];
  readonly waypoint: GatewayAddress | undefined;
  readonly weightedWaypoints: readonly WeightedWaypoint[];
  readonly loadBalancing: LoadBalancing | undefined;
  readonly ipFamilies: "AUTOMATIC" | "IPV4_ONLY" | "IPV6_ONLY" | "DUAL";
  readonly canonical: boolean;
  readonly ingressUseWaypoint: boolean;
  readonly visibility: "PUBLIC" | "NAMESPACE";
}

/** The key of a service in every index: `namespace/hostname`. */
export function serviceKey(service: { readonly namespace: string; readonly hostname: string }): string {
  return `${service.namespace}/${service.hostname}`;
}
