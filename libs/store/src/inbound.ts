import { parseIp, formatIp, splitHostPort } from "@ambit/base/ip.ts";
import type { Service } from "@ambit/model/service.ts";
import type { Workload } from "@ambit/model/workload.ts";
import { targetPort } from "./load-balance.ts";
import type { MeshStore } from "./mesh-store.ts";
import type { Target } from "./outbound-decision.ts";
import { OWN_PORTS } from "./own-ports.ts";
import type { KnownService } from "./service-index.ts";
import { isBehind } from "./waypoint.ts";

/** A tunnel request that has passed TLS. */
export interface HboneRequest {
  readonly method: string;
  /** Undefined when the request had none. */
  readonly authority: string | undefined;
  /** The address the connection came to, canonical text. */
  readonly localIp: string;
}

export interface InboundDeps {
  /** Ports the proxy itself listens on in the pod. @default 15001, 15006, 15008 */
  readonly ownPorts?: ReadonlySet<number>;
  /** Reach an application that takes PROXY headers over loopback, where only the proxy can. @default true */
  readonly localhostAppTunnel?: boolean;
}

/** Why an inbound connection is refused before policy is asked. */
export type InboundRefusal =
  | "not-connect"
  | "bad-authority"
  | "unknown-workload"
  | "not-for-this-workload"
  | "no-such-port"
  | "no-virtual-address"
  | "own-port";

export interface InboundRefuse {
  readonly kind: "refuse";
  /** HTTP status for a tunnel (ambient.md 4.5); a plaintext connection is just closed. */
  readonly status: 400 | 503;
  readonly reason: InboundRefusal;
  readonly message: string;
}

/** The connection is for this workload; policy comes next. */
export interface InboundAccept {
  readonly kind: "accept";
  /** What policy is asked about: the own address and the application's real port. */
  readonly destination: Target;
  /** Where to connect: the same, or loopback for a PROXY tunnel. */
  readonly connect: Target;
  /** What the PROXY header names as destination; undefined when no header is written. */
  readonly proxyDestination: Target | undefined;
  readonly workload: Workload;
  /** The service the request named by hostname. */
  readonly service: Service | undefined;
}

export type InboundDecision = InboundRefuse | InboundAccept;

/**
 * Where an HBONE request goes (ambient.md 4.5, 4.8, 5.3), in the contract's order: parse, destination check, upstream
 * choice. Authorization is the next step and not done here. `local` is undefined while its data has not arrived.
 */
export function resolveInbound(
  store: MeshStore,
  local: Workload | undefined,
  request: HboneRequest,
  deps: InboundDeps = {},
): InboundDecision {
  if (request.method !== "CONNECT")
    return refuse(400, "not-connect", `method ${request.method} is not CONNECT`);
  const parsed = request.authority === undefined ? undefined : splitHostPort(request.authority);
  if (parsed === undefined) return refuse(400, "bad-authority", "authority is missing or not host:port");
  if (local === undefined) return refuse(503, "unknown-workload", "the local workload is not known yet");
  const address = parseIp(parsed.host);
  const found =
    address === undefined
      ? byHostname(store, local, parsed.host, parsed.port)
      : byAddress(store, local, { ip: formatIp(address), port: parsed.port }, request.localIp);
  if (found.kind === "refuse") return found;
  if ((deps.ownPorts ?? OWN_PORTS).has(found.port)) {
    return refuse(503, "own-port", `port ${found.port} belongs to the proxy`);
  }
  return upstream(local, request.localIp, found, deps.localhostAppTunnel ?? true);
}

/**
 * Where a plaintext connection goes: to its original destination, unless that is a port of the proxy. Policy is asked
 * next, with no identity.
 */
export function resolveInboundPlaintext(
  local: Workload | undefined,
  originalDestination: Target,
  deps: InboundDeps = {},
): InboundDecision {
  if ((deps.ownPorts ?? OWN_PORTS).has(originalDestination.port)) {
    return refuse(503, "own-port", `port ${originalDestination.port} belongs to the proxy`);
  }
  if (local === undefined) return refuse(503, "unknown-workload", "the local workload is not known yet");
  return {
    kind: "accept",
    destination: originalDestination,
    connect: originalDestination,
    proxyDestination: undefined,
    workload: local,
    service: undefined,
  };
}

/** The port on this workload, and what a PROXY header would name. */
interface Found {
  readonly kind: "found";
  readonly port: number;
  readonly asked: Target | undefined;
  readonly service: Service | undefined;
}

function byHostname(
  store: MeshStore,
  local: Workload,
  hostname: string,
  port: number,
): Found | InboundRefuse {
  const record = hostnameOwner(store, local, store.servicesByHostname(hostname));
  if (record === undefined) {
    return refuse(503, "not-for-this-workload", `${hostname} does not lead to this workload`);
  }
  const { service } = record;
  const endpoint = record.endpoints.get(local.uid) ?? { workload: local, ports: [] };
  const target = targetPort(service, endpoint, port);
  if (target === undefined)
    return refuse(503, "no-such-port", `${hostname} has no port ${port} on this workload`);
  const ip = virtualIp(service, local.network);
  if (ip === undefined && local.applicationTunnel?.protocol === "PROXY") {
    return refuse(503, "no-virtual-address", `${hostname} has no address to name in a PROXY header`);
  }
  return { kind: "found", port: target, asked: ip === undefined ? undefined : { ip, port }, service };
}

/** The service of the workload's own namespace, else any: one that this workload serves, or is the waypoint of. */
function hostnameOwner(
  store: MeshStore,
  local: Workload,
  records: readonly KnownService[],
): KnownService | undefined {
  const own = records.find((record) => record.service.namespace === local.namespace);
  return (own === undefined ? records : [own]).find(
    (record) => record.endpoints.get(local.uid) !== undefined || isFrontOf(store, local, record.service),
  );
}

/** The service's address to name in a PROXY header: one of the own network first, then IPv4 first. */
function virtualIp(service: Service, network: string): string | undefined {
  const rank = (address: { readonly network: string; readonly ip: string }): number =>
    (address.network === network ? 0 : 2) + (address.ip.includes(":") ? 1 : 0);
  return service.addresses.toSorted((left, right) => rank(left) - rank(right))[0]?.ip;
}

function byAddress(store: MeshStore, local: Workload, asked: Target, localIp: string): Found | InboundRefuse {
  const found: Found = { kind: "found", port: asked.port, asked, service: undefined };
  if (asked.ip === localIp || local.applicationTunnel !== undefined) return found;
  if (isWaypointOf(store, local, asked.ip)) return found;
  return refuse(400, "not-for-this-workload", `${asked.ip} is not an address of this workload`);
}

/** True when the address is a service or workload whose waypoint this workload is. */
function isWaypointOf(store: MeshStore, local: Workload, ip: string): boolean {
  const workload = store.workloadAt(local.network, ip);
  if (workload?.waypoint !== undefined && isBehind(store, workload.waypoint, local)) return true;
  // Visibility is for clients; a waypoint may stand before services of other namespaces that hide from the rest.
  const blocks = store.serviceBlocksAt(local.network, ip).map((hit) => hit.value);
  return [...store.servicesAt(local.network, ip), ...blocks].some(({ service }) =>
    isWaypoint(store, local, service),
  );
}

/** Its proxy takes whatever it is sent (application tunnel), or it is the service's waypoint. */
function isFrontOf(store: MeshStore, local: Workload, service: Service): boolean {
  return local.applicationTunnel !== undefined || isWaypoint(store, local, service);
}

function isWaypoint(store: MeshStore, local: Workload, service: Service): boolean {
  const addresses = [service.waypoint, ...service.weightedWaypoints.map((weighted) => weighted.destination)];
  return addresses.some((address) => address !== undefined && isBehind(store, address, local));
}

function upstream(
  local: Workload,
  localIp: string,
  found: Found,
  overLoopback: boolean,
): InboundAccept | InboundRefuse {
  const tunnel = local.applicationTunnel;
  const port = tunnel === undefined || tunnel.port === 0 ? found.port : tunnel.port;
  const destination = { ip: localIp, port };
  const base = { kind: "accept", destination, workload: local, service: found.service } as const;
  if (tunnel?.protocol !== "PROXY") return { ...base, connect: destination, proxyDestination: undefined };
  const loopback = localIp.includes(":") ? "::1" : "127.0.0.1";
  return {
    ...base,
    connect: overLoopback ? { ip: loopback, port } : destination,
    proxyDestination: found.asked,
  };
}

function refuse(status: 400 | 503, reason: InboundRefusal, message: string): InboundRefuse {
  return { kind: "refuse", status, reason, message };
}
