/** How a workload is reached. */
export type TunnelProtocol = "NONE" | "HBONE";

export type WorkloadStatus = "HEALTHY" | "UNHEALTHY";

export type WorkloadType = "deployment" | "cronjob" | "pod" | "job";

export interface Locality {
  readonly region: string;
  readonly zone: string;
  readonly subzone: string;
}

/** An address within a network; `network` may be empty, `ip` is canonical text. */
export interface NetworkAddress {
  readonly network: string;
  readonly ip: string;
}

/** A proxy in front of a workload or service: a service by hostname, or an address. */
export type GatewayAddress =
  | {
      readonly kind: "hostname";
      readonly namespace: string;
      readonly hostname: string;
      readonly hbonePort: number;
    }
  | { readonly kind: "address"; readonly address: NetworkAddress; readonly hbonePort: number };

export type AppProtocol = "UNKNOWN" | "HTTP11" | "HTTP2" | "GRPC" | "TCP" | "TLS";

export interface PortMapping {
  readonly servicePort: number;
  /** 0 when it is a named port or differs per workload. */
  readonly targetPort: number;
  readonly appProtocol: AppProtocol;
}

export interface ApplicationTunnel {
  readonly protocol: "NONE" | "PROXY";
  /** 0 means the port that was asked for. */
  readonly port: number;
}

/** One pod, VM or external endpoint, as the proxies see it. Immutable. */
export interface Workload {
  /** Globally unique, opaque. */
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
  /** Canonical text of each address; may be empty. */
  readonly addresses: readonly string[];
  /** Resolved by DNS only when `addresses` is empty. */
  readonly hostname: string;
  readonly network: string;
  readonly tunnelProtocol: TunnelProtocol;
  /** Never empty: the default is filled in at the door. */
  readonly trustDomain: string;
  /** Never empty: the default is filled in at the door. */
  readonly serviceAccount: string;
  readonly waypoint: GatewayAddress | undefined;
  readonly networkGateway: GatewayAddress | undefined;
  readonly node: string;
  readonly canonicalName: string;
  readonly canonicalRevision: string;
  readonly workloadType: WorkloadType;
  readonly workloadName: string;
  readonly nativeTunnel: boolean;
  readonly applicationTunnel: ApplicationTunnel | undefined;
  /** `namespace/hostname` of each service to its ports on this workload. */
  readonly services: ReadonlyMap<string, readonly PortMapping[]>;
  /** `namespace/name` of selector policies. */
  readonly authorizationPolicies: readonly string[];
  readonly status: WorkloadStatus;
  readonly clusterId: string;
  readonly locality: Locality;
  readonly hostNetwork: boolean;
  /** Load balancing weight; 0 is never picked. */
  readonly capacity: number;
}
