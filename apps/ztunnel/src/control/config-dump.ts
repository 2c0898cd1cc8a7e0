import { formatIp, type Cidr } from "@ambit/base/ip.ts";
import { certificateFacts } from "@ambit/identity/certificate.ts";
import type { CertificateState } from "@ambit/identity/cert-manager.ts";
import type { Match, Policy, StringMatch } from "@ambit/model/policy.ts";
import type { Service, ServiceAddress } from "@ambit/model/service.ts";
import type { GatewayAddress, Workload } from "@ambit/model/workload.ts";
import type { MeshStore } from "@ambit/store/mesh-store.ts";
import type { KnownService, ServiceRecord } from "@ambit/store/service-index.ts";
import type { PodConnections } from "../messages.ts";
import type { PodState } from "./workload-manager.ts";

/** What `/config_dump` is made of. */
export interface DumpInput {
  readonly store: MeshStore;
  readonly certificates: readonly CertificateState[];
  readonly pods: readonly PodState[];
  readonly connections: readonly PodConnections[];
  readonly version: Readonly<Record<string, string>>;
  /** Settings without secrets. */
  readonly config: unknown;
}

/** The admin page's picture of the proxy, with Istio's key names (ambient.md 9.3). */
export function configDump(input: DumpInput): Record<string, unknown> {
  const { store } = input;
  const records = [...store.serviceRecords()];
  return {
    workloads: [...store.workloads()].map(dumpWorkload),
    services: records.filter(isKnown).map(dumpService),
    policies: [...store.policies()].map(dumpPolicy),
    stagedServices: Object.fromEntries(
      records
        .filter((record) => record.service === undefined)
        .map((record) => [record.key, endpoints(record)]),
    ),
    staticConfig: { workloads: [], services: [], policies: [] },
    version: input.version,
    config: input.config,
    certificates: input.certificates.map(dumpCertificate),
    workloadState: Object.fromEntries(input.pods.map((pod) => [pod.uid, dumpPod(pod, input.connections)])),
  };
}

function isKnown(record: ServiceRecord): record is KnownService {
  return record.service !== undefined;
}

function dumpPod(pod: PodState, all: readonly PodConnections[]): unknown {
  const own = all.filter((connections) => connections.uid === pod.uid);
  const { name, namespace, serviceAccount } = pod.identity;
  return {
    state: pod.state,
    connections: {
      inbound: own.flatMap((connections) => connections.inbound),
      outbound: own.flatMap((connections) => connections.outbound),
    },
    info: { name, namespace, serviceAccount },
  };
}

function dumpCertificate({ identity, certificate, error }: CertificateState): unknown {
  const state =
    certificate !== undefined ? "Available" : error === "" ? "Initializing" : `Unavailable: ${error}`;
  return {
    identity,
    state,
    certChain: certificate === undefined ? [] : certificateFacts(certificate.chain),
    rootCerts: certificate === undefined ? [] : certificateFacts(certificate.roots),
  };
}

function dumpWorkload(workload: Workload): Record<string, unknown> {
  return {
    workloadIps: workload.addresses,
    waypoint: dumpGateway(workload.waypoint),
    networkGateway: dumpGateway(workload.networkGateway),
    protocol: workload.tunnelProtocol === "HBONE" ? "HBONE" : "TCP",
    networkMode: workload.hostNetwork ? "HostNetwork" : "Standard",
    uid: workload.uid,
    name: workload.name,
    namespace: workload.namespace,
    trustDomain: workload.trustDomain,
    serviceAccount: workload.serviceAccount,
    network: workload.network,
    workloadName: workload.workloadName,
    workloadType: workload.workloadType,
    canonicalName: workload.canonicalName,
    canonicalRevision: workload.canonicalRevision,
    hostname: workload.hostname,
    node: workload.node,
    nativeTunnel: workload.nativeTunnel,
    applicationTunnel: workload.applicationTunnel,
    authorizationPolicies: workload.authorizationPolicies,
    status: workload.status === "HEALTHY" ? "Healthy" : "Unhealthy",
    clusterId: workload.clusterId,
    locality: workload.locality,
    services: [...workload.services.keys()],
    capacity: workload.capacity,
  };
}

function dumpService(record: KnownService): Record<string, unknown> {
  const { service } = record;
  const single = service.addresses.filter((address) => address.length === undefined);
  const blocks = service.addresses.filter((address) => address.length !== undefined);
  return {
    name: service.name,
    namespace: service.namespace,
    hostname: service.hostname,
    vips: single.map(networkIp),
    cidrVips: blocks.map((address) => `${networkIp(address)}/${address.length}`),
    ports: Object.fromEntries(service.ports.map((port) => [String(port.servicePort), port.targetPort])),
    endpoints: endpoints(record),
    subjectAltNames: service.subjectAltNames,
    waypoint: dumpGateway(service.waypoint),
    weightedWaypoints: service.weightedWaypoints.map(({ destination, weight }) => ({
      ...dumpGateway(destination),
      weight,
    })),
    loadBalancer: dumpLoadBalancer(service),
    ipFamilies: service.ipFamilies,
    canonical: service.canonical,
    visibility: service.visibility === "PUBLIC" ? "Public" : "Namespace",
  };
}

function dumpLoadBalancer(service: Service): unknown {
  const { loadBalancing } = service;
  if (loadBalancing === undefined) return undefined;
  return {
    routingPreferences: loadBalancing.routingPreference,
    mode: loadBalancing.mode,
    healthPolicy: loadBalancing.healthPolicy,
  };
}

function endpoints(record: ServiceRecord): Record<string, unknown> {
  const dumped: Record<string, unknown> = {};
  const size = record.endpoints.size(true);
  for (let position = 0; position < size; position++) {
    const endpoint = record.endpoints.at(position);
    if (endpoint === undefined) continue;
    const { uid, status } = endpoint.workload;
    dumped[uid] = {
      workloadUid: uid,
      port: Object.fromEntries(endpoint.ports.map((port) => [String(port.servicePort), port.targetPort])),
      status: status === "HEALTHY" ? "Healthy" : "Unhealthy",
    };
  }
  return dumped;
}

function dumpGateway(
  gateway: GatewayAddress | undefined,
): { destination: string; hboneMtlsPort: number } | undefined {
  if (gateway === undefined) return undefined;
  const destination =
    gateway.kind === "hostname"
      ? `${gateway.namespace}/${gateway.hostname}`
      : `${gateway.address.network}/${gateway.address.ip}`;
  return { destination, hboneMtlsPort: gateway.hbonePort };
}

function networkIp(address: Pick<ServiceAddress, "network" | "ip">): string {
  return `${address.network}/${address.ip}`;
}

const SCOPES = { GLOBAL: "Global", NAMESPACE: "Namespace", WORKLOAD_SELECTOR: "WorkloadSelector" } as const;

function dumpPolicy(policy: Policy): Record<string, unknown> {
  return {
    name: policy.name,
    namespace: policy.namespace,
    scope: SCOPES[policy.scope],
    action: policy.action === "ALLOW" ? "Allow" : "Deny",
    rules: policy.groups.map((group) => group.map((clause) => clause.map(dumpMatch))),
    dryRun: policy.dryRun,
  };
}

function dumpMatch(match: Match): Record<string, unknown> {
  const dumped: Record<string, unknown> = {};
  for (const [field, values] of Object.entries(match) as [string, readonly unknown[]][]) {
    if (values.length > 0) dumped[field] = values.map(dumpValue);
  }
  return dumped;
}

function dumpValue(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if ("kind" in value) return dumpString(value as StringMatch);
  if ("bytes" in value) {
    const { bytes, length } = value as Cidr;
    return `${formatIp(bytes)}/${length}`;
  }
  return value;
}

function dumpString(match: StringMatch): Record<string, unknown> {
  switch (match.kind) {
    case "exact":
      return { Exact: match.value };
    case "prefix":
      return { Prefix: match.value };
    case "suffix":
      return { Suffix: match.value };
    case "presence":
      return { Presence: [] };
  }
}
