import type { Random } from "@ambit/base/random.ts";
import { PORTS } from "@ambit/contract/ports.ts";
import type { Service } from "@ambit/model/service.ts";
import { sameSpiffeId } from "@ambit/model/spiffe-id.ts";
import type { GatewayAddress, Workload } from "@ambit/model/workload.ts";
import { pickEndpoint } from "./load-balance.ts";
import type { PickUse } from "./load-balance.ts";
import type { MeshStore } from "./mesh-store.ts";
import type { KnownService } from "./service-index.ts";
import { serviceByAddress } from "./visibility.ts";

/** A waypoint or network gateway, down to one endpoint. */
export interface ResolvedProxy {
  readonly workload: Workload;
  /** The service it was found through; undefined when it is a workload by itself. */
  readonly service: Service | undefined;
  /** The port to dial on the workload. */
  readonly port: number;
}

/**
 * One endpoint behind a gateway address (ambient.md 5.1): a service by hostname or virtual address, balanced by its own
 * setting and with `hbonePort` read as one of its service ports; or a workload by hostname or address. Undefined when
 * nothing is known under it or nothing behind it is healthy.
 */
export function resolveProxy(
  store: MeshStore,
  address: GatewayAddress,
  source: Workload,
  use: PickUse,
  random: Random,
): ResolvedProxy | undefined {
  // An unset port means the usual one (ambient.md 4.7).
  const port = address.hbonePort === 0 ? PORTS.hbone : address.hbonePort;
  const record = serviceOf(store, address, source.namespace);
  if (record !== undefined) {
    const pick = pickEndpoint(record, source, port, use, random);
    return pick === undefined ? undefined : { ...pick, service: record.service };
  }
  const workload = workloadOf(store, address);
  if (workload === undefined || workload.status !== "HEALTHY") return undefined;
  return { workload, service: undefined, port };
}

/**
 * True when the source of a connection is an endpoint of the waypoint behind this address: same identity and the
 * connection comes from one of its addresses. Its traffic must not be sent to itself.
 */
export function isSourceBehind(
  store: MeshStore,
  address: GatewayAddress,
  source: { readonly workload: Workload; readonly ip: string },
): boolean {
  const isSource = (candidate: Workload): boolean =>
    sameSpiffeId(candidate, source.workload) && candidate.addresses.includes(source.ip);
  const record = serviceOf(store, address, source.workload.namespace);
  if (record === undefined) {
    const workload = workloadOf(store, address);
    return workload !== undefined && isSource(workload);
  }
  const own = record.endpoints.get(source.workload.uid);
  // The local workload is nearly always the one; the walk only serves a second entry of the same pod.
  if (own !== undefined && isSource(own.workload)) return true;
  for (const endpoint of record.endpoints.values()) if (isSource(endpoint.workload)) return true;
  return false;
}

/** True when the workload is an endpoint of the service behind this address, or owns this address. */
export function isBehind(store: MeshStore, address: GatewayAddress, workload: Workload): boolean {
  const record = serviceOf(store, address, workload.namespace);
  if (record !== undefined) return record.endpoints.get(workload.uid) !== undefined;
  return workloadOf(store, address)?.uid === workload.uid;
}

/**
 * The name to ask discovery for (on-demand mode) when nothing is known under a gateway address: `namespace/hostname` or
 * `network/ip`; undefined when something is known.
 */
export function missingProxyKey(
  store: MeshStore,
  address: GatewayAddress,
  namespace: string,
): string | undefined {
  if (serviceOf(store, address, namespace) !== undefined || workloadOf(store, address) !== undefined)
    return undefined;
  return address.kind === "hostname"
    ? `${address.namespace}/${address.hostname}`
    : `${address.address.network}/${address.address.ip}`;
}

function serviceOf(store: MeshStore, address: GatewayAddress, namespace: string): KnownService | undefined {
  // A proxy is assigned by the control plane, so it serves whoever it is assigned to, seen by him or not.
  if (address.kind === "hostname") return store.service(`${address.namespace}/${address.hostname}`);
  const { network, ip } = address.address;
  return serviceByAddress(store, network, ip, namespace) ?? store.servicesAt(network, ip)[0];
}

function workloadOf(store: MeshStore, address: GatewayAddress): Workload | undefined {
  return address.kind === "hostname"
    ? store.workloadByHostname(address.hostname)
    : store.workloadAt(address.address.network, address.address.ip);
}
