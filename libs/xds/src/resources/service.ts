import { isMapped } from "@ambit/base/ip.ts";
import type { istio } from "@ambit/contract/gen/ambit.js";
import type {
  LoadBalancing,
  LoadBalancingMode,
  RoutingScope,
  Service,
  ServiceAddress,
} from "@ambit/model/service.ts";
import { enumName, Rejection } from "./decoded.ts";
import { decodeGateway, decodeIp, encodeGateway, encodeIp } from "./gateway-address.ts";
import { decodePort, encodePort } from "./ports.ts";

type Wire = istio.workload.Service.$Properties;

const SCOPES: readonly (RoutingScope | "UNSPECIFIED_SCOPE")[] = [
  "UNSPECIFIED_SCOPE",
  "REGION",
  "ZONE",
  "SUBZONE",
  "NODE",
  "CLUSTER",
  "NETWORK",
];
const MODES: readonly LoadBalancingMode[] = ["UNSPECIFIED", "STRICT", "FAILOVER", "PASSTHROUGH"];
const HEALTH_POLICIES: readonly LoadBalancing["healthPolicy"][] = ["ONLY_HEALTHY", "ALLOW_ALL"];
const IP_FAMILIES: readonly Service["ipFamilies"][] = ["AUTOMATIC", "IPV4_ONLY", "IPV6_ONLY", "DUAL"];

/** Rejects what no proxy can use; throws a Rejection. */
export function decodeService(wire: Wire): Service {
  if ((wire.hostname ?? "") === "") throw new Rejection("hostname: empty");
  return {
    name: wire.name ?? "",
    namespace: wire.namespace ?? "",
    hostname: wire.hostname ?? "",
    addresses: (wire.addresses ?? []).map(decodeServiceAddress),
    ports: (wire.ports ?? []).map(decodePort),
    subjectAltNames: wire.subjectAltNames ?? [],
    waypoint: decodeGateway(wire.waypoint, "waypoint"),
    weightedWaypoints: (wire.weightedWaypoints ?? []).map((entry) => {
      const destination = decodeGateway(entry.destination, "weighted_waypoints");
      if (destination === undefined) throw new Rejection("weighted_waypoints: no destination");
      return { destination, weight: entry.weight ?? 0 };
    }),
    loadBalancing: decodeLoadBalancing(wire.loadBalancing),
    ipFamilies: enumName(IP_FAMILIES, wire.ipFamilies, "ip_families"),
    canonical: wire.canonical ?? false,
    ingressUseWaypoint: wire.ingressUseWaypoint ?? false,
    // A visibility from the future opens nothing that the present does not know: it reads as PUBLIC, as the contract says.
    visibility: wire.visibility === 1 ? "NAMESPACE" : "PUBLIC",
  };
}

function decodeServiceAddress(wire: istio.workload.NetworkAddress.$Properties): ServiceAddress {
  const ip = decodeIp(wire.address, "addresses");
  const given = wire.length ?? undefined;
  // The first 96 bits of a mapped address are the same in all of them.
  const skipped = isMapped(wire.address ?? new Uint8Array()) ? 96 : 0;
  const length = given === undefined ? undefined : given - skipped;
  if (length !== undefined && (length < 0 || length > (ip.includes(":") ? 128 : 32))) {
    throw new Rejection(`addresses: ${ip} with a prefix of ${given} bits`);
  }
  return { network: wire.network ?? "", ip, length };
}

function decodeLoadBalancing(wire: Wire["loadBalancing"]): LoadBalancing | undefined {
  if (wire === null || wire === undefined) return undefined;
  return {
    routingPreference: (wire.routingPreference ?? []).map((value) => {
      const scope = enumName(SCOPES, value, "routing_preference");
      if (scope === "UNSPECIFIED_SCOPE") throw new Rejection("routing_preference: UNSPECIFIED_SCOPE");
      return scope;
    }),
    mode: enumName(MODES, wire.mode, "mode"),
    healthPolicy: enumName(HEALTH_POLICIES, wire.healthPolicy, "health_policy"),
  };
}

/** The wire form. */
export function encodeService(service: Service): Wire {
  return {
    name: service.name,
    namespace: service.namespace,
    hostname: service.hostname,
    addresses: service.addresses.map((address) => ({
      network: address.network,
      address: encodeIp(address.ip),
      ...(address.length === undefined ? {} : { length: address.length }),
    })),
    ports: service.ports.map(encodePort),
    subjectAltNames: [...service.subjectAltNames],
    waypoint: encodeGateway(service.waypoint) ?? null,
    weightedWaypoints: service.weightedWaypoints.map(({ destination, weight }) => ({
      destination: encodeGateway(destination) ?? null,
      weight,
    })),
    loadBalancing: encodeLoadBalancing(service.loadBalancing),
    ipFamilies: IP_FAMILIES.indexOf(service.ipFamilies),
    canonical: service.canonical,
    ingressUseWaypoint: service.ingressUseWaypoint,
    visibility: service.visibility === "NAMESPACE" ? 1 : 0,
  };
}

function encodeLoadBalancing(
  balancing: LoadBalancing | undefined,
): istio.workload.LoadBalancing.$Properties | null {
  if (balancing === undefined) return null;
  return {
    routingPreference: balancing.routingPreference.map((scope) => SCOPES.indexOf(scope)),
    mode: MODES.indexOf(balancing.mode),
    healthPolicy: HEALTH_POLICIES.indexOf(balancing.healthPolicy),
  };
}
