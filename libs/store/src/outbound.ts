import { formatHostPort } from "@ambit/base/ip.ts";
import type { Random } from "@ambit/base/random.ts";
import { PORTS } from "@ambit/contract/ports.ts";
import type { Service } from "@ambit/model/service.ts";
import { parseSpiffeId } from "@ambit/model/spiffe-id.ts";
import { workloadIdentity } from "@ambit/model/workload-identity.ts";
import type { GatewayAddress, Workload } from "@ambit/model/workload.ts";
import { chooseIp, pickEndpoint, pickWeighted } from "./load-balance.ts";
import type { MeshStore } from "./mesh-store.ts";
import type {
  FailDecision,
  OutboundDecision,
  OutboundFailure,
  OutboundRow,
  Target,
  WaypointDecision,
} from "./outbound-decision.ts";
import { isLoopback, OWN_PORTS } from "./own-ports.ts";
import type { KnownService } from "./service-index.ts";
import { serviceByAddress } from "./visibility.ts";
import { isSourceBehind, missingProxyKey, resolveProxy } from "./waypoint.ts";
import type { ResolvedProxy } from "./waypoint.ts";

/** The local workload and the address its connection came from. */
export interface OutboundSource {
  readonly workload: Workload;
  /** Canonical text. */
  readonly ip: string;
}

export interface OutboundDeps {
  readonly random: Random;
  /** Ports the proxy itself listens on in the pod. @default 15001, 15006, 15008 */
  readonly ownPorts?: ReadonlySet<number>;
}

/** One connection on its way through the table. */
interface Question {
  readonly store: MeshStore;
  readonly source: OutboundSource;
  readonly destination: Target;
  readonly random: Random;
}

/**
 * What to do with a captured outbound connection: the table of ambient.md 5.1, first matching row wins. Pure, apart
 * from chance; never throws. `destination` is the original destination in canonical text.
 */
export function resolveOutbound(
  store: MeshStore,
  source: OutboundSource,
  destination: Target,
  deps: OutboundDeps,
): OutboundDecision {
  const question: Question = { store, source, destination, random: deps.random };
  const { network, namespace } = source.workload;
  if (isLoopback(destination.ip) && (deps.ownPorts ?? OWN_PORTS).has(destination.port)) {
    const message = `connection to the proxy's own port ${destination.port}`;
    return { kind: "refuse", row: 1, service: undefined, reason: "self-call", message };
  }
  const workload = store.workloadAt(network, destination.ip);
  const owner = serviceByAddress(store, network, destination.ip, namespace);
  // An address that is both counts as the workload's for waypoints and as the service's for balancing (note a).
  const addressed = workload === undefined ? owner : undefined;
  if (addressed !== undefined) {
    const throughWaypoint = serviceWaypoint(question, addressed.service);
    if (throughWaypoint !== undefined) return throughWaypoint;
  }
  if (owner !== undefined) return toService(question, owner, addressed?.service);
  if (workload === undefined) {
    const missingKey = `${network}/${destination.ip}`;
    return { kind: "passthrough", row: 9, service: undefined, target: destination, missingKey };
  }
  return toEndpoint(question, workload, destination.port, undefined, undefined);
}

/** Rows 2 to 5; undefined when the service has no waypoint. */
function serviceWaypoint(question: Question, service: Service): OutboundDecision | undefined {
  const { store, source, random } = question;
  const weighted = pickWeighted(service.weightedWaypoints, random)?.destination;
  const address = weighted ?? service.waypoint;
  if (address === undefined) return undefined;
  const proxy = resolveProxy(store, address, source.workload, "waypoint", random);
  if (proxy === undefined)
    return waypointDown(question, service, address, `${service.namespace}/${service.hostname}`);
  if (proxy.workload.network !== source.workload.network) {
    return throughGateway(question, 5, proxy.workload, proxy.service, service);
  }
  return toWaypoint(question, weighted === undefined ? 3 : 2, proxy, service);
}

/** Rows 6 to 8. `addressed` is undefined when the address also names a workload. */
function toService(
  question: Question,
  owner: KnownService,
  addressed: Service | undefined,
): OutboundDecision {
  const { source, destination, random } = question;
  const { service } = owner;
  if (service.loadBalancing?.mode === "PASSTHROUGH") {
    return { kind: "passthrough", row: 6, service, target: destination, missingKey: undefined };
  }
  const pick = pickEndpoint(owner, source.workload, destination.port, "user", random);
  if (pick === undefined) {
    const message = `no healthy upstream for ${service.namespace}/${service.hostname}:${destination.port}`;
    return fail(8, "no-healthy-upstream", message, service);
  }
  return toEndpoint(question, pick.workload, pick.port, service, addressed);
}

/** Rows 10 to 13. `service` is what was balanced, `addressed` what the user addressed and no workload. */
function toEndpoint(
  question: Question,
  workload: Workload,
  port: number,
  service: Service | undefined,
  addressed: Service | undefined,
): OutboundDecision {
  const { store, source } = question;
  if (workload.network !== source.workload.network) {
    return throughGateway(question, 10, workload, service, addressed);
  }
  if (addressed === undefined && workload.waypoint !== undefined) {
    if (!isSourceBehind(store, workload.waypoint, source)) {
      return workloadWaypoint(question, workload, workload.waypoint, service);
    }
  }
  const identities = expectedIdentities(workload, service);
  if (workload.tunnelProtocol === "NONE") {
    return withAddress(question, 13, workload, service, (ip) => ({
      kind: "tcp",
      row: 13,
      service,
      target: { ip, port },
      workload,
    }));
  }
  return withAddress(question, 12, workload, service, (ip) => ({
    kind: "hbone",
    row: 12,
    service,
    target: { ip, port: PORTS.hbone },
    authority: formatHostPort(ip, port),
    expectedIdentities: identities,
    workload,
    destination: { ip, port },
  }));
}

/** Row 11. */
function workloadWaypoint(
  question: Question,
  workload: Workload,
  address: GatewayAddress,
  service: Service | undefined,
): OutboundDecision {
  const { store, source, random } = question;
  const proxy = resolveProxy(store, address, source.workload, "waypoint", random);
  if (proxy === undefined) return waypointDown(question, service, address, workload.uid);
  if (proxy.workload.network !== source.workload.network) {
    return throughGateway(question, 11, proxy.workload, proxy.service, undefined);
  }
  return toWaypoint(question, 11, proxy, service);
}

function toWaypoint(
  question: Question,
  row: 2 | 3 | 11,
  proxy: ResolvedProxy,
  service: Service | undefined,
): OutboundDecision {
  const { destination } = question;
  const identities = expectedIdentities(proxy.workload, proxy.service);
  return withAddress(question, row, proxy.workload, proxy.service, (ip): WaypointDecision => ({
    kind: "waypoint",
    row,
    service,
    target: { ip, port: proxy.port },
    // The waypoint must see what the user dialled, not our translation.
    authority: formatHostPort(destination.ip, destination.port),
    expectedIdentities: identities,
    workload: proxy.workload,
  }));
}

/**
 * Double HBONE (ambient.md 4.7). The gateway finds the endpoint by the addressed service's hostname, so one is needed.
 * The inner peer is whoever stands behind `behind`: the waypoint's service or the addressed one.
 */
function throughGateway(
  question: Question,
  row: 5 | 10 | 11,
  workload: Workload,
  behind: Service | undefined,
  addressed: Service | undefined,
): OutboundDecision {
  const { store, source, destination, random } = question;
  const unreachable = (why: string, missingKey?: string): FailDecision => {
    const message = `no valid destination in network "${workload.network}": ${why}`;
    return fail(row, "no-network-gateway", message, addressed, missingKey);
  };
  if (addressed === undefined) return unreachable("no service was addressed");
  if (workload.networkGateway === undefined) return unreachable(`${workload.uid} names no network gateway`);
  const gateway = resolveProxy(store, workload.networkGateway, source.workload, "user", random);
  if (gateway === undefined) {
    const missingKey = missingProxyKey(store, workload.networkGateway, source.workload.namespace);
    return unreachable("its network gateway is not known or not healthy", missingKey);
  }
  const identities = expectedIdentities(gateway.workload, gateway.service);
  return withAddress(question, row, gateway.workload, gateway.service, (ip) => ({
    kind: "double-hbone",
    row,
    service: addressed,
    target: { ip, port: gateway.port },
    authority: formatHostPort(addressed.hostname, destination.port),
    expectedIdentities: identities,
    innerIdentities: serviceIdentities(behind),
    workload: gateway.workload,
  }));
}

/** Finishes a decision with the address to dial, or with the hostname to resolve first (note f). */
function withAddress(
  question: Question,
  row: OutboundRow,
  workload: Workload,
  service: Service | undefined,
  build: (ip: string) => OutboundDecision,
): OutboundDecision {
  const { destination } = question;
  if (workload.addresses.includes(destination.ip)) return build(destination.ip);
  const preferV6 = destination.ip.includes(":");
  const ip = chooseIp(workload, service, preferV6);
  if (ip !== undefined) return build(ip);
  if (workload.hostname !== "") {
    return {
      kind: "resolve",
      row,
      service,
      hostname: workload.hostname,
      workload,
      preferV6,
      complete: build,
    };
  }
  return fail(row, "no-valid-address", `no usable address on ${workload.uid}`, service);
}

function waypointDown(
  question: Question,
  service: Service | undefined,
  address: GatewayAddress,
  wanted: string,
): FailDecision {
  const missingKey = missingProxyKey(question.store, address, question.source.workload.namespace);
  const why = missingKey === undefined ? "has no healthy endpoint" : "is not known";
  const name = address.kind === "hostname" ? `${address.namespace}/${address.hostname}` : address.address.ip;
  return fail(4, "waypoint-unavailable", `waypoint ${name} of ${wanted} ${why}`, service, missingKey);
}

function fail(
  row: OutboundRow,
  reason: OutboundFailure,
  message: string,
  service: Service | undefined,
  missingKey?: string,
): FailDecision {
  return { kind: "fail", row, service, reason, message, missingKey };
}

/** The workload's own identity, then the service's further names. */
function expectedIdentities(workload: Workload, service: Service | undefined): readonly string[] {
  return [workloadIdentity(workload), ...serviceIdentities(service)];
}

/** Names that are no SPIFFE identity of the mesh's form cannot match a certificate and are left out. */
function serviceIdentities(service: Service | undefined): readonly string[] {
  return (service?.subjectAltNames ?? []).filter((name) => parseSpiffeId(name) !== undefined);
}
