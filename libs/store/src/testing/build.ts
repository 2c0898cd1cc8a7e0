import type { Service } from "@ambit/model/service.ts";
import type { GatewayAddress, PortMapping, Workload } from "@ambit/model/workload.ts";

/** A healthy pod `shop/<name>` in the mesh, with what the test cares about replaced. */
export function workload(name: string, fields: Partial<Workload> = {}): Workload {
  const namespace = fields.namespace ?? "shop";
  return {
    uid: `Kubernetes//Pod/${namespace}/${name}`,
    name,
    namespace,
    addresses: [],
    hostname: "",
    network: "",
    tunnelProtocol: "HBONE",
    trustDomain: "cluster.local",
    serviceAccount: name,
    waypoint: undefined,
    networkGateway: undefined,
    node: "node-a",
    canonicalName: name,
    canonicalRevision: "latest",
    workloadType: "pod",
    workloadName: name,
    nativeTunnel: false,
    applicationTunnel: undefined,
    services: new Map(),
    authorizationPolicies: [],
    status: "HEALTHY",
    clusterId: "Kubernetes",
    locality: { region: "", zone: "", subzone: "" },
    hostNetwork: false,
    capacity: 1,
    ...fields,
  };
}

/** A service `shop/<name>.shop.svc.cluster.local` with port 80 to 8080. */
export function service(name: string, fields: Partial<Service> = {}): Service {
  const namespace = fields.namespace ?? "shop";
  return {
    name,
    namespace,
    hostname: `${name}.${namespace}.svc.cluster.local`,
    addresses: [],
    ports: [port(80, 8080)],
    subjectAltNames: [],
    waypoint: undefined,
    weightedWaypoints: [],
    loadBalancing: undefined,
    ipFamilies: "AUTOMATIC",
    canonical: false,
    ingressUseWaypoint: false,
    visibility: "PUBLIC",
    ...fields,
  };
}

export function port(servicePort: number, targetPort: number): PortMapping {
  return { servicePort, targetPort, appProtocol: "UNKNOWN" };
}

/** Membership of services given by short name, in namespace `shop`. */
export function serves(...names: readonly string[]): ReadonlyMap<string, readonly PortMapping[]> {
  return new Map(names.map((name) => [`shop/${name}.shop.svc.cluster.local`, []]));
}

/** A gateway named by the hostname of a service in namespace `shop`. */
export function byHostname(name: string, hbonePort = 15008): GatewayAddress {
  return { kind: "hostname", namespace: "shop", hostname: `${name}.shop.svc.cluster.local`, hbonePort };
}

export function byAddress(ip: string, network = "", hbonePort = 15008): GatewayAddress {
  return { kind: "address", address: { network, ip }, hbonePort };
}

/** A virtual address in the empty network. */
export function vip(ip: string, length?: number): Service["addresses"][number] {
  return { network: "", ip, length };
}
