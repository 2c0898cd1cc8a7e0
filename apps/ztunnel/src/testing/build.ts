import { EMPTY_MATCH, type Policy } from "@ambit/model/policy.ts";
import type { Service } from "@ambit/model/service.ts";
import type { Workload } from "@ambit/model/workload.ts";
import type { WorkloadCertificate } from "@ambit/identity/certificate.ts";
import type { ConnectionFacts } from "../data/connection-facts.ts";
import type { Pod } from "../data/pod.ts";

/** A healthy captured pod `shop/<name>`, with what the test cares about replaced. */
export function workload(name: string, fields: Partial<Workload> = {}): Workload {
  return {
    uid: `Kubernetes//Pod/shop/${name}`,
    name,
    namespace: "shop",
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
    canonicalRevision: "v1",
    workloadType: "deployment",
    workloadName: `${name}-deployment`,
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

/** A service `shop/<name>` with port 80 to 8080. */
export function service(name: string, fields: Partial<Service> = {}): Service {
  return {
    name,
    namespace: "shop",
    hostname: `${name}.shop.svc.cluster.local`,
    addresses: [],
    ports: [{ servicePort: 80, targetPort: 8080, appProtocol: "UNKNOWN" }],
    subjectAltNames: [],
    waypoint: undefined,
    weightedWaypoints: [],
    loadBalancing: undefined,
    ipFamilies: "AUTOMATIC",
    canonical: true,
    ingressUseWaypoint: false,
    visibility: "PUBLIC",
    ...fields,
  };
}

/** The pod `shop/<name>` as the node agent announces it. */
export function pod(name: string): Pod {
  return {
    uid: `${name}-uid`,
    identity: { namespace: "shop", name, serviceAccount: name },
    namespaceFd: 7,
    workload: undefined,
    transparent: false,
    paced: true,
  };
}

/** The SPIFFE URI of `shop/<name>`. */
export function identity(name: string): string {
  return `spiffe://cluster.local/ns/shop/sa/${name}`;
}

/** A policy of namespace `shop` that denies one service account. */
export function denyAccount(account: string, fields: Partial<Policy> = {}): Policy {
  const principals = [{ kind: "exact", value: `cluster.local/ns/shop/sa/${account}` }] as const;
  return {
    name: `no-${account}`,
    namespace: "shop",
    scope: "NAMESPACE",
    action: "DENY",
    groups: [[[{ ...EMPTY_MATCH, principals }]]],
    dryRun: false,
    ...fields,
  };
}

/** A certificate that lasts until `notAfter`. */
export function certificate(name: string, serial: string, notAfter: number): WorkloadCertificate {
  return {
    identity: identity(name),
    chain: "chain",
    privateKey: "key",
    roots: "roots",
    serial,
    notBefore: 0,
    notAfter,
  };
}

/** An inbound connection from web to cart. */
export function facts(fields: Partial<ConnectionFacts> = {}): ConnectionFacts {
  return {
    direction: "inbound",
    source: workload("web", { addresses: ["10.0.0.5"] }),
    derivedSource: undefined,
    sourceIdentity: identity("web"),
    destination: workload("cart", { addresses: ["10.0.1.8"] }),
    destinationIdentity: identity("cart"),
    service: service("cart"),
    sourceAddress: { ip: "10.0.0.5", port: 41522 },
    destinationAddress: { ip: "10.0.1.8", port: 15008 },
    tunnelTarget: "10.0.1.8:8080",
    originalAddress: { ip: "10.0.1.8", port: 15008 },
    ...fields,
  };
}
