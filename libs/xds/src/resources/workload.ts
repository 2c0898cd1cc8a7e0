import { istio } from "@ambit/contract/gen/ambit.js";
import { DEFAULTS } from "@ambit/contract/names.ts";
import type {
  ApplicationTunnel,
  PortMapping,
  TunnelProtocol,
  Workload,
  WorkloadStatus,
  WorkloadType,
} from "@ambit/model/workload.ts";
import { decodePortNumber, enumName, Rejection } from "./decoded.ts";
import { decodeGateway, decodeIp, encodeGateway, encodeIp } from "./gateway-address.ts";
import { decodePort, encodePort } from "./ports.ts";

type Wire = istio.workload.Workload.$Properties;

const TUNNELS: readonly (TunnelProtocol | "LEGACY_ISTIO_MTLS")[] = ["NONE", "HBONE", "LEGACY_ISTIO_MTLS"];
const STATUSES: readonly WorkloadStatus[] = ["HEALTHY", "UNHEALTHY"];
const TYPES: readonly WorkloadType[] = ["deployment", "cronjob", "pod", "job"];
const NETWORK_MODES = ["STANDARD", "HOST_NETWORK"] as const;
const APPLICATION_TUNNELS: readonly ApplicationTunnel["protocol"][] = ["NONE", "PROXY"];

/** Fills defaults in and rejects what no proxy can use; throws a Rejection. */
export function decodeWorkload(wire: Wire): Workload {
  const tunnelProtocol = enumName(TUNNELS, wire.tunnelProtocol, "tunnel_protocol");
  if (tunnelProtocol === "LEGACY_ISTIO_MTLS")
    throw new Rejection("tunnel_protocol: LEGACY_ISTIO_MTLS is not supported");
  if ((wire.uid ?? "") === "") throw new Rejection("uid: empty");
  return {
    uid: wire.uid ?? "",
    name: wire.name ?? "",
    namespace: wire.namespace ?? "",
    addresses: (wire.addresses ?? []).map((address) => decodeIp(address, "addresses")),
    hostname: wire.hostname ?? "",
    network: wire.network ?? "",
    tunnelProtocol,
    trustDomain: orDefault(wire.trustDomain, DEFAULTS.trustDomain),
    serviceAccount: orDefault(wire.serviceAccount, "default"),
    waypoint: decodeGateway(wire.waypoint, "waypoint"),
    networkGateway: decodeGateway(wire.networkGateway, "network_gateway"),
    node: wire.node ?? "",
    canonicalName: wire.canonicalName ?? "",
    canonicalRevision: wire.canonicalRevision ?? "",
    workloadType: enumName(TYPES, wire.workloadType, "workload_type"),
    workloadName: wire.workloadName ?? "",
    nativeTunnel: wire.nativeTunnel ?? false,
    applicationTunnel: decodeTunnel(wire.applicationTunnel),
    services: decodeServices(wire.services),
    authorizationPolicies: wire.authorizationPolicies ?? [],
    status: enumName(STATUSES, wire.status, "status"),
    clusterId: wire.clusterId ?? "",
    locality: {
      region: wire.locality?.region ?? "",
      zone: wire.locality?.zone ?? "",
      subzone: wire.locality?.subzone ?? "",
    },
    hostNetwork: enumName(NETWORK_MODES, wire.networkMode, "network_mode") === "HOST_NETWORK",
    capacity: wire.capacity === null || wire.capacity === undefined ? 1 : (wire.capacity.value ?? 0),
  };
}

function orDefault(value: string | null | undefined, fallback: string): string {
  return value === null || value === undefined || value === "" ? fallback : value;
}

function decodeTunnel(wire: Wire["applicationTunnel"]): ApplicationTunnel | undefined {
  if (wire === null || wire === undefined) return undefined;
  return {
    protocol: enumName(APPLICATION_TUNNELS, wire.protocol, "application_tunnel.protocol"),
    port: decodePortNumber(wire.port, "application_tunnel.port"),
  };
}

function decodeServices(wire: Wire["services"]): ReadonlyMap<string, readonly PortMapping[]> {
  const services = new Map<string, readonly PortMapping[]>();
  for (const [key, list] of Object.entries(wire ?? {})) {
    if (!key.includes("/")) throw new Rejection(`services: key "${key}" has no namespace`);
    services.set(key, (list.ports ?? []).map(decodePort));
  }
  return services;
}

/** The wire form; defaults are left out, so that equal workloads are equal bytes whoever wrote them. */
export function encodeWorkload(workload: Workload): Wire {
  const { locality } = workload;
  const hasLocality = locality.region !== "" || locality.zone !== "" || locality.subzone !== "";
  return {
    uid: workload.uid,
    name: workload.name,
    namespace: workload.namespace,
    addresses: workload.addresses.map(encodeIp),
    hostname: workload.hostname,
    network: workload.network,
    tunnelProtocol: TUNNELS.indexOf(workload.tunnelProtocol),
    trustDomain: workload.trustDomain === DEFAULTS.trustDomain ? "" : workload.trustDomain,
    serviceAccount: workload.serviceAccount === "default" ? "" : workload.serviceAccount,
    waypoint: encodeGateway(workload.waypoint) ?? null,
    networkGateway: encodeGateway(workload.networkGateway) ?? null,
    node: workload.node,
    canonicalName: workload.canonicalName,
    canonicalRevision: workload.canonicalRevision,
    workloadType: TYPES.indexOf(workload.workloadType),
    workloadName: workload.workloadName,
    nativeTunnel: workload.nativeTunnel,
    applicationTunnel: encodeTunnel(workload.applicationTunnel),
    services: encodeServices(workload.services),
    authorizationPolicies: [...workload.authorizationPolicies],
    status: STATUSES.indexOf(workload.status),
    clusterId: workload.clusterId,
    locality: hasLocality ? locality : null,
    networkMode: workload.hostNetwork ? 1 : 0,
    capacity: workload.capacity === 1 ? null : { value: workload.capacity },
  };
}

function encodeTunnel(
  tunnel: ApplicationTunnel | undefined,
): istio.workload.ApplicationTunnel.$Properties | null {
  if (tunnel === undefined) return null;
  return { protocol: APPLICATION_TUNNELS.indexOf(tunnel.protocol), port: tunnel.port };
}

// Sorted, because a map's order on the wire is the order of insertion and the version is a hash of the bytes.
function encodeServices(services: Workload["services"]): Record<string, istio.workload.PortList.$Properties> {
  const wire: Record<string, istio.workload.PortList.$Properties> = {};
  for (const key of [...services.keys()].toSorted())
    wire[key] = { ports: (services.get(key) ?? []).map(encodePort) };
  return wire;
}
