import type { SocketAddress } from "@ambit/io/driver.ts";
import type { Service } from "@ambit/model/service.ts";
import { parseSpiffeId } from "@ambit/model/spiffe-id.ts";
import type { Workload } from "@ambit/model/workload.ts";
import { workloadIdentity } from "@ambit/model/workload-identity.ts";
import type { MeshStore } from "@ambit/store/mesh-store.ts";
import { decodeBaggage } from "@ambit/transport/hbone/baggage.ts";
import { decodeForwarded } from "@ambit/transport/hbone/forwarded.ts";
import type { DerivedSource } from "./connection-facts.ts";
import type { Headers, InboundTunnel } from "./tunnels.ts";

/** Who a tunnel comes from, for metrics and logs only: never for a decision. */
export interface SourceDescription {
  readonly workload: Workload | undefined;
  readonly derived: DerivedSource | undefined;
  readonly address: SocketAddress;
  /** Host of the `forwarded` header: the service the user addressed. */
  readonly forwardedHost: string | undefined;
}

/**
 * The workload at the peer's address when it has the peer's identity and lives in our network; else what the request's
 * baggage says, with the namespace taken from the certificate.
 */
export function describeSource(store: MeshStore, network: string, tunnel: InboundTunnel): SourceDescription {
  const { headers } = tunnel.head;
  const forwarded = header(headers, "forwarded");
  const foreign = header(headers, "x-forwarded-network");
  const isLocal = foreign === undefined || foreign.toLowerCase() === network.toLowerCase();
  const workload = isLocal ? store.workloadAt(network, tunnel.remote.ip) : undefined;
  const isSame = workload !== undefined && workloadIdentity(workload) === tunnel.peer.identity;
  return {
    workload: isSame ? workload : undefined,
    derived: isSame ? undefined : derive(header(headers, "baggage"), tunnel.peer.identity),
    address: tunnel.remote,
    forwardedHost: forwarded === undefined ? undefined : decodeForwarded(forwarded).host,
  };
}

/** The service through which a workload was probably reached: the one named, else the first that has this port. */
export function servedBy(
  store: MeshStore,
  workload: Workload,
  port: number,
  hostname: string | undefined,
): Service | undefined {
  let guess: Service | undefined;
  for (const [key, ports] of workload.services) {
    const service = store.service(key)?.service;
    if (service === undefined) continue;
    if (hostname !== undefined && service.hostname === hostname) return service;
    const matches = [...ports, ...service.ports].some((mapping) => mapping.targetPort === port);
    if (matches) guess ??= service;
  }
  return guess;
}

function derive(text: string | undefined, identity: string): DerivedSource {
  const baggage = decodeBaggage(text ?? "");
  return {
    workloadName: baggage.workloadName,
    namespace: parseSpiffeId(identity)?.namespace ?? "",
    canonicalName: baggage.serviceName,
    canonicalRevision: baggage.serviceVersion,
    clusterId: baggage.cluster,
    region: baggage.region,
    zone: baggage.zone,
  };
}

function header(headers: Headers, name: string): string | undefined {
  return headers.find(([key]) => key === name)?.[1];
}
