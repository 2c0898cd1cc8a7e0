import { parseCidr, parseIp, formatIp } from "@ambit/base/ip.ts";
import { ANNOTATIONS } from "@ambit/contract/labels.ts";
import {
  isHeadless,
  type Service as KubeService,
  type TrafficDistribution,
} from "@ambit/kube/resources/service.ts";
import type { ServiceEntry } from "@ambit/kube/resources/service-entry.ts";
import type { LoadBalancing, RoutingScope, Service, ServiceAddress } from "@ambit/model/service.ts";
import type { GatewayAddress } from "@ambit/model/workload.ts";
import type { MeshOptions } from "../options.ts";
import { creationTime, type OfferPort, type ServiceOffer } from "./offer.ts";
import { appProtocolOf } from "./protocol.ts";

type Labels = Readonly<Record<string, string>>;

/** What a service depends on besides its own resource. */
export interface ServiceContext {
  readonly options: MeshOptions;
  /** Addresses handed out for the service; empty when it brings its own. */
  readonly allocated: readonly string[];
  readonly waypoint: GatewayAddress | undefined;
  readonly namespaceAnnotations: Labels;
}

/** The FQDN of a Kubernetes service. */
export function serviceHostname(namespace: string, name: string, clusterDomain: string): string {
  return `${name}.${namespace}.svc.${clusterDomain}`;
}

/** A Kubernetes Service as the proxies see it (ambient.md 2.10); undefined for ExternalName, which is only a DNS alias. */
export function translateService(resource: KubeService, context: ServiceContext): ServiceOffer | undefined {
  const { metadata, spec } = resource;
  if (spec.type === "ExternalName") return undefined;
  const { options, waypoint } = context;
  const { name, namespace } = metadata;
  const ports = spec.ports
    .filter((port) => port.protocol === "TCP")
    .map((port): OfferPort => ({
      name: port.name,
      servicePort: port.port,
      target: port.targetPort,
      appProtocol: appProtocolOf(port.appProtocol, port.name),
    }));
  const addresses = isHeadless(resource) ? [] : [...spec.clusterIPs, ...context.allocated];
  return {
    service: {
      name,
      namespace,
      hostname: serviceHostname(namespace, name, options.clusterDomain),
      addresses: serviceAddresses(addresses, options.network),
      ports: modelPorts(ports),
      subjectAltNames: [],
      waypoint,
      weightedWaypoints: [],
      loadBalancing: loadBalancingOf(resource, context.namespaceAnnotations),
      ipFamilies: ipFamiliesOf(spec.ipFamilies),
      ingressUseWaypoint: metadata.labels["istio.io/ingress-use-waypoint"] === "true",
      visibility: "PUBLIC",
    },
    owner: `Service/${namespace}/${name}`,
    namespace,
    kubernetes: true,
    createdAt: creationTime(metadata.creationTimestamp),
    selector: Object.keys(spec.selector).length === 0 ? undefined : spec.selector,
    ports,
  };
}

/** One offer per host of a ServiceEntry (ambient.md 2.10); `exportTo: ["~"]` offers nothing. */
export function translateServiceEntry(
  resource: ServiceEntry,
  context: ServiceContext & { readonly allocatedByHost: ReadonlyMap<string, string> },
): readonly ServiceOffer[] {
  const { metadata, spec } = resource;
  const { options, waypoint, allocatedByHost } = context;
  if (spec.exportTo.includes("~")) return [];
  const ports = spec.ports
    .filter((port) => port.protocol.toUpperCase() !== "UDP")
    .map((port): OfferPort => ({
      name: port.name,
      servicePort: port.number,
      target: port.targetPort ?? port.number,
      appProtocol: appProtocolOf(port.protocol, port.name),
    }));
  // Kubernetes knows no namespace-private services; a ServiceEntry says it with exportTo ".".
  const visibility = spec.exportTo.length === 1 && spec.exportTo[0] === "." ? "NAMESPACE" : "PUBLIC";
  return spec.hosts.map((host): ServiceOffer => {
    const hostname = host.toLowerCase();
    const allocated = allocatedByHost.get(hostname);
    const addresses = spec.addresses.length > 0 || allocated === undefined ? spec.addresses : [allocated];
    return {
      service: {
        name: metadata.name,
        namespace: metadata.namespace,
        hostname,
        addresses: serviceAddresses(addresses, options.network),
        ports: modelPorts(ports),
        subjectAltNames: spec.subjectAltNames,
        waypoint,
        weightedWaypoints: [],
        loadBalancing: spec.resolution === "NONE" ? PASSTHROUGH : undefined,
        ipFamilies: "AUTOMATIC",
        ingressUseWaypoint: metadata.labels["istio.io/ingress-use-waypoint"] === "true",
        visibility,
      },
      owner: `ServiceEntry/${metadata.namespace}/${metadata.name}`,
      namespace: metadata.namespace,
      kubernetes: false,
      createdAt: creationTime(metadata.creationTimestamp),
      selector: spec.workloadSelector?.labels,
      ports,
    };
  });
}

const PASSTHROUGH: LoadBalancing = { routingPreference: [], mode: "PASSTHROUGH", healthPolicy: "ALLOW_ALL" };

const PREFERENCES: Readonly<Record<TrafficDistribution, readonly RoutingScope[]>> = {
  PreferClose: ["NETWORK", "REGION", "ZONE"],
  PreferSameZone: ["NETWORK", "REGION", "ZONE"],
  PreferSameNode: ["NETWORK", "REGION", "ZONE", "SUBZONE", "NODE"],
};

function loadBalancingOf(resource: KubeService, namespaceAnnotations: Labels): LoadBalancing | undefined {
  const { spec, metadata } = resource;
  const healthPolicy = spec.publishNotReadyAddresses ? "ALLOW_ALL" : "ONLY_HEALTHY";
  if (spec.internalTrafficPolicy === "Local") {
    return { routingPreference: ["NODE"], mode: "STRICT", healthPolicy };
  }
  const wanted =
    spec.trafficDistribution ??
    metadata.annotations[ANNOTATIONS.trafficDistribution] ??
    namespaceAnnotations[ANNOTATIONS.trafficDistribution];
  const preference = PREFERENCES[wanted as TrafficDistribution] as readonly RoutingScope[] | undefined;
  if (preference !== undefined) return { routingPreference: preference, mode: "FAILOVER", healthPolicy };
  if (healthPolicy === "ONLY_HEALTHY") return undefined;
  return { routingPreference: [], mode: "UNSPECIFIED", healthPolicy };
}

function ipFamiliesOf(families: readonly ("IPv4" | "IPv6")[]): Service["ipFamilies"] {
  if (families.length === 0) return "AUTOMATIC";
  if (families.length > 1) return "DUAL";
  return families[0] === "IPv6" ? "IPV6_ONLY" : "IPV4_ONLY";
}

function modelPorts(ports: readonly OfferPort[]): Service["ports"] {
  return ports.map(({ servicePort, target, appProtocol }) => ({
    servicePort,
    targetPort: typeof target === "number" ? target : 0,
    appProtocol,
  }));
}

function serviceAddresses(texts: readonly string[], network: string): readonly ServiceAddress[] {
  const found: ServiceAddress[] = [];
  for (const text of texts) {
    const bytes = parseIp(text);
    if (bytes !== undefined) {
      found.push({ network, ip: formatIp(bytes), length: undefined });
      continue;
    }
    const block = parseCidr(text);
    if (block !== undefined) found.push({ network, ip: formatIp(block.bytes), length: block.length });
  }
  return found;
}
