import { formatIp, parseIp } from "@ambit/base/ip.ts";
import { ANNOTATIONS, LABELS } from "@ambit/contract/labels.ts";
import type { EndpointSlice } from "@ambit/kube/resources/endpoint-slice.ts";
import type { ObjectMeta } from "@ambit/kube/resources/metadata.ts";
import type { Node } from "@ambit/kube/resources/node.ts";
import { isPodFinished, isPodReady, type Pod } from "@ambit/kube/resources/pod.ts";
import type { ServiceEntry } from "@ambit/kube/resources/service-entry.ts";
import type { WorkloadEntry, WorkloadEntrySpec } from "@ambit/kube/resources/workload-entry.ts";
import type { GatewayAddress, Locality, PortMapping, Workload } from "@ambit/model/workload.ts";
import { serviceKey } from "@ambit/model/service.ts";
import type { MeshOptions } from "../options.ts";
import type { OfferedService, OfferPort } from "./offer.ts";

type Labels = Readonly<Record<string, string>>;

/** What a workload depends on besides its own resource. */
export interface WorkloadContext {
  readonly options: MeshOptions;
  /** Services that select the workload. */
  readonly services: readonly OfferedService[];
  /** Keys of selector policies that concern it. */
  readonly policies: readonly string[];
  readonly waypoint: GatewayAddress | undefined;
  /** The node it runs on, if known. */
  readonly node: Node | undefined;
}

/** Nowhere in particular. */
const NO_LOCALITY: Locality = { region: "", zone: "", subzone: "" };

/** A Pod as the proxies see it (ambient.md 2.9); undefined while it has no address, and once it has ended. */
export function translatePod(pod: Pod, context: WorkloadContext): Workload | undefined {
  const { metadata, spec, status } = pod;
  const addresses = canonicalIps(status.podIPs);
  if (addresses.length === 0 || isPodFinished(pod)) return undefined;
  const { options, node } = context;
  const native = hasNativeTunnel(metadata.labels);
  const captured = metadata.annotations[ANNOTATIONS.redirection] === "enabled";
  const owner = ownerName(metadata);
  return {
    ...base(context, metadata.labels, owner),
    uid: [options.clusterId, "", "Pod", metadata.namespace, metadata.name].join("/"),
    name: metadata.name,
    namespace: metadata.namespace,
    addresses,
    tunnelProtocol: native || captured ? "HBONE" : "NONE",
    serviceAccount: spec.serviceAccountName,
    node: spec.nodeName,
    workloadName: owner,
    nativeTunnel: native,
    services: servicePorts(context.services, (port) => podPort(pod, port)),
    status: isPodReady(pod) && metadata.deletionTimestamp === undefined ? "HEALTHY" : "UNHEALTHY",
    locality: node === undefined ? NO_LOCALITY : nodeLocality(node.metadata.labels),
    hostNetwork: spec.hostNetwork,
  };
}

/** A WorkloadEntry as the proxies see it. */
export function translateWorkloadEntry(entry: WorkloadEntry, context: WorkloadContext): Workload {
  const { name, namespace } = entry.metadata;
  const uid = `${context.options.clusterId}/networking.istio.io/WorkloadEntry/${namespace}/${name}`;
  const labels = { ...entry.metadata.labels, ...entry.spec.labels };
  return external(entry.spec, labels, { uid, name, namespace }, context);
}

/**
 * The endpoints written into a ServiceEntry, one workload per address. Without endpoints and with DNS resolution, one
 * workload per host, which the proxy resolves. `services` are those the entry won.
 */
export function translateServiceEntryEndpoints(
  entry: ServiceEntry,
  services: readonly OfferedService[],
  context: WorkloadContext,
): readonly Workload[] {
  const { name, namespace } = entry.metadata;
  const { spec } = entry;
  const prefix = `${context.options.clusterId}/networking.istio.io/ServiceEntry/${namespace}/${name}`;
  const found = new Map<string, Workload>();
  for (const endpoint of spec.endpoints) {
    const uid = `${prefix}/${endpoint.address}`;
    if (found.has(uid)) continue;
    found.set(uid, external(endpoint, endpoint.labels, { uid, name, namespace }, { ...context, services }));
  }
  const resolved = spec.resolution.startsWith("DNS") && spec.workloadSelector === undefined;
  if (found.size === 0 && resolved) {
    for (const offered of services) {
      const { hostname } = offered.service;
      if (hostname.startsWith("*")) continue;
      const uid = `${prefix}/${hostname}`;
      const host: WorkloadEntrySpec = { ...NO_ENDPOINT, address: hostname };
      found.set(uid, external(host, {}, { uid, name, namespace }, { ...context, services: [offered] }));
    }
  }
  return [...found.values()];
}

/** Addresses of an EndpointSlice behind which there is no pod: no identity, no policy, reached directly. */
export function translateEndpointSlice(
  slice: EndpointSlice,
  offered: OfferedService,
  context: WorkloadContext,
): readonly Workload[] {
  const { name, namespace } = slice.metadata;
  if (slice.addressType === "FQDN") return [];
  const found = new Map<string, Workload>();
  for (const endpoint of slice.endpoints) {
    if (endpoint.pod !== undefined) continue;
    for (const ip of canonicalIps(endpoint.addresses)) {
      const uid = `${context.options.clusterId}/discovery.k8s.io/EndpointSlice/${namespace}/${name}/${ip}`;
      found.set(uid, {
        ...base({ ...context, policies: [], waypoint: undefined }, {}, name),
        uid,
        name,
        namespace,
        addresses: [ip],
        workloadName: name,
        node: endpoint.nodeName,
        services: servicePorts([offered], (port) => slicePort(slice, port)),
        status: endpoint.ready ? "HEALTHY" : "UNHEALTHY",
        hostNetwork: true,
      });
    }
  }
  return [...found.values()];
}

const NO_ENDPOINT: WorkloadEntrySpec = {
  address: "",
  ports: {},
  labels: {},
  network: undefined,
  locality: "",
  weight: undefined,
  serviceAccount: "",
};

/** Parts every workload has, with defaults. */
function base(
  context: WorkloadContext,
  labels: Labels,
  fallbackName: string,
): Omit<Workload, "uid" | "name" | "namespace"> {
  const { options } = context;
  return {
    addresses: [],
    hostname: "",
    network: options.network,
    tunnelProtocol: "NONE",
    trustDomain: options.trustDomain,
    serviceAccount: "default",
    waypoint: context.waypoint,
    networkGateway: undefined,
    node: "",
    canonicalName:
      labels[LABELS.canonicalName] ?? labels[LABELS.appName] ?? labels[LABELS.app] ?? fallbackName,
    canonicalRevision:
      labels[LABELS.canonicalRevision] ?? labels[LABELS.appVersion] ?? labels[LABELS.version] ?? "latest",
    workloadType: "pod",
    workloadName: fallbackName,
    nativeTunnel: false,
    applicationTunnel: undefined,
    services: new Map(),
    authorizationPolicies: context.policies,
    status: "HEALTHY",
    clusterId: options.clusterId,
    locality: NO_LOCALITY,
    hostNetwork: false,
    capacity: 1,
  };
}

function external(
  spec: WorkloadEntrySpec,
  labels: Labels,
  names: { readonly uid: string; readonly name: string; readonly namespace: string },
  context: WorkloadContext,
): Workload {
  const ip = parseIp(spec.address);
  const native = hasNativeTunnel(labels);
  const [region = "", zone = "", subzone = ""] = spec.locality.split("/");
  return {
    ...base(context, labels, names.name),
    ...names,
    addresses: ip === undefined ? [] : [formatIp(ip)],
    hostname: ip === undefined ? spec.address : "",
    network: spec.network ?? context.options.network,
    tunnelProtocol: native ? "HBONE" : "NONE",
    nativeTunnel: native,
    serviceAccount: spec.serviceAccount === "" ? "default" : spec.serviceAccount,
    services: servicePorts(context.services, (port) => spec.ports[port.name] ?? numeric(port.target)),
    locality: { region, zone, subzone },
    capacity: spec.weight ?? 1,
  };
}

/** For each service its ports on this workload; a port the workload does not have is left out. */
function servicePorts(
  services: readonly OfferedService[],
  targetOf: (port: OfferPort) => number | undefined,
): ReadonlyMap<string, readonly PortMapping[]> {
  const sorted = services
    .map((offered) => ({ key: serviceKey(offered.service), offered }))
    .sort((left, right) => (left.key < right.key ? -1 : 1));
  return new Map(
    sorted.map(({ key, offered }) => [
      key,
      offered.offer.ports.flatMap((port): PortMapping[] => {
        const targetPort = targetOf(port);
        if (targetPort === undefined) return [];
        return [{ servicePort: port.servicePort, targetPort, appProtocol: port.appProtocol }];
      }),
    ]),
  );
}

function numeric(target: number | string): number | undefined {
  return typeof target === "number" ? target : undefined;
}

/** The number of a service's target port on a pod; undefined when the pod has no port of that name. */
function podPort(pod: Pod, port: { readonly target: number | string }): number | undefined {
  if (typeof port.target === "number") return port.target;
  for (const container of pod.spec.containers) {
    for (const declared of container.ports) {
      if (declared.name === port.target && declared.protocol === "TCP") return declared.containerPort;
    }
  }
  return undefined;
}

function slicePort(slice: EndpointSlice, port: OfferPort): number | undefined {
  const tcp = slice.ports.filter((entry) => entry.protocol === "TCP");
  const named = tcp.find((entry) => entry.name === port.name);
  return (named ?? (tcp.length === 1 && port.name === "" ? tcp[0] : undefined))?.port ?? numeric(port.target);
}

function canonicalIps(texts: readonly string[]): string[] {
  return texts.flatMap((text) => {
    const bytes = parseIp(text);
    return bytes === undefined ? [] : [formatIp(bytes)];
  });
}

function hasNativeTunnel(labels: Labels): boolean {
  return (labels[LABELS.tunnel] ?? "").split(",").some((part) => part.trim() === "http");
}

/** Region, zone and subzone from a node's labels. */
function nodeLocality(labels: Labels): Locality {
  return {
    region: labels[LABELS.region] ?? "",
    zone: labels[LABELS.zone] ?? "",
    subzone: labels[LABELS.subzone] ?? "",
  };
}

/** Name of the Deployment, StatefulSet, Job ... a pod belongs to; its own name when it belongs to none. */
function ownerName(metadata: ObjectMeta): string {
  const owner = metadata.ownerReferences.find((reference) => reference.controller);
  if (owner === undefined) return metadata.name;
  if (owner.kind === "ReplicaSet") {
    const hash = metadata.labels["pod-template-hash"];
    return hash !== undefined && owner.name.endsWith(`-${hash}`)
      ? owner.name.slice(0, -hash.length - 1)
      : owner.name;
  }
  // A CronJob names its jobs by the minute they start in.
  if (owner.kind === "Job") return owner.name.replace(/-[0-9]{8,}$/, "");
  return owner.name;
}
