import type { Random } from "@ambit/base/random.ts";
import type { RoutingScope, Service } from "@ambit/model/service.ts";
import type { PortMapping, Workload } from "@ambit/model/workload.ts";
import type { Endpoint } from "./endpoint-set.ts";
import type { Candidates, KnownService } from "./service-index.ts";

/**
 * Who asks: a connection of a user (or to a network gateway) needs the port on the service; a look-up of a waypoint (which no user
 * addressed) may do without when the endpoint has an application tunnel.
 */
export type PickUse = "user" | "waypoint";

/** An endpoint and the port to reach on it. */
export interface Pick {
  readonly workload: Workload;
  readonly port: number;
}

/** More kinds of sources than this on one service start the memory anew. */
const MAX_REMEMBERED = 64;

/**
 * Chooses an endpoint of a service (ambient.md 5.2); undefined when none is eligible. Constant time for a service
 * without routing preference whose weights are 1; else the candidates are remembered per locality of the source
 * until the service or one of its endpoints changes.
 */
export function pickEndpoint(
  record: KnownService,
  source: Workload,
  servicePort: number,
  use: PickUse,
  random: Random,
): Pick | undefined {
  const { service, endpoints } = record;
  const all = service.loadBalancing?.healthPolicy === "ALLOW_ALL";
  const size = endpoints.size(all);
  if (size === 0) return undefined;
  if (endpoints.uniform && !isRanked(service)) {
    // One that happens to be ineligible leads to the choice among the eligible, so each of them stays equally likely.
    const endpoint = endpoints.at(random.below(size));
    const port =
      endpoint === undefined ? undefined : eligiblePort(service, endpoint, source.network, servicePort, use);
    if (endpoint !== undefined && port !== undefined) return { workload: endpoint.workload, port };
  }
  const endpoint = pickFrom(candidatesOf(record, source, servicePort, use), random);
  if (endpoint === undefined) return undefined;
  const port = eligiblePort(service, endpoint, source.network, servicePort, use);
  return port === undefined ? undefined : { workload: endpoint.workload, port };
}

/**
 * The port behind a service port: the endpoint's own mapping, else the service's target port, else, with an
 * application tunnel, the service port itself. Undefined when there is none.
 */
export function targetPort(service: Service, endpoint: Endpoint, servicePort: number): number | undefined {
  const own = findPort(endpoint.ports, servicePort);
  if (own !== undefined && own.targetPort > 0) return own.targetPort;
  const shared = findPort(service.ports, servicePort);
  if (shared !== undefined && shared.targetPort > 0) return shared.targetPort;
  return endpoint.workload.applicationTunnel === undefined ? undefined : servicePort;
}

function eligiblePort(
  service: Service,
  endpoint: Endpoint,
  network: string,
  servicePort: number,
  use: PickUse,
): number | undefined {
  if (!isReachable(endpoint.workload, network)) return undefined;
  const shared = findPort(service.ports, servicePort);
  if (use === "user") {
    if (shared === undefined) return undefined;
    if (shared.targetPort === 0 && findPort(endpoint.ports, servicePort) === undefined) return undefined;
  } else if (shared === undefined && endpoint.workload.applicationTunnel === undefined) return undefined;
  return targetPort(service, endpoint, servicePort);
}

/** Has an address or a hostname, or is behind the gateway of another network. */
function isReachable(workload: Workload, network: string): boolean {
  if (workload.addresses.length > 0 || workload.hostname !== "") return true;
  return workload.network !== network && workload.networkGateway !== undefined;
}

function findPort(ports: readonly PortMapping[], servicePort: number): PortMapping | undefined {
  for (const port of ports) if (port.servicePort === servicePort) return port;
  return undefined;
}

function isRanked(service: Service): boolean {
  const mode = service.loadBalancing?.mode;
  return mode === "STRICT" || mode === "FAILOVER";
}

function candidatesOf(record: KnownService, source: Workload, servicePort: number, use: PickUse): Candidates {
  const scopes = isRanked(record.service) ? (record.service.loadBalancing?.routingPreference ?? []) : [];
  const key = [use, servicePort, source.network, ...scopes.map((scope) => scopeValue(source, scope))].join(
    "|",
  );
  const known = record.candidates.get(key);
  if (known !== undefined) return known;
  if (record.candidates.size >= MAX_REMEMBERED) record.candidates.clear();
  const fresh = collect(
    record,
    source,
    scopes,
    (endpoint) => eligiblePort(record.service, endpoint, source.network, servicePort, use) !== undefined,
  );
  record.candidates.set(key, fresh);
  return fresh;
}

function collect(
  record: KnownService,
  source: Workload,
  scopes: readonly RoutingScope[],
  eligible: (endpoint: Endpoint) => boolean,
): Candidates {
  const { service, endpoints } = record;
  const size = endpoints.size(service.loadBalancing?.healthPolicy === "ALLOW_ALL");
  const strict = service.loadBalancing?.mode === "STRICT";
  let best = 0;
  let chosen: Endpoint[] = [];
  for (let position = 0; position < size; position++) {
    const endpoint = endpoints.at(position);
    if (endpoint === undefined || !eligible(endpoint)) continue;
    const rank = strict
      ? strictRank(source, endpoint.workload, scopes)
      : failoverRank(source, endpoint.workload, scopes);
    if (rank < best) continue;
    if (rank > best) {
      best = rank;
      chosen = [];
    }
    chosen.push(endpoint);
  }
  return { endpoints: chosen, sums: weightSums(chosen) };
}

/** 0 when every scope matches, else -1: STRICT never widens. */
function strictRank(source: Workload, target: Workload, scopes: readonly RoutingScope[]): number {
  return scopes.every((scope) => scopeValue(source, scope) === scopeValue(target, scope)) ? 0 : -1;
}

/**
 * One per matching scope, up to the first that does not match. A leading NETWORK weighs as much as all the others
 * together, and its mismatch does not end the walk.
 */
function failoverRank(source: Workload, target: Workload, scopes: readonly RoutingScope[]): number {
  let rank = 0;
  for (let index = 0; index < scopes.length; index++) {
    const scope = scopes[index];
    if (scope === undefined) break;
    const leadingNetwork = index === 0 && scope === "NETWORK";
    if (scopeValue(source, scope) === scopeValue(target, scope)) rank += leadingNetwork ? scopes.length : 1;
    else if (!leadingNetwork) break;
  }
  return rank;
}

function scopeValue(workload: Workload, scope: RoutingScope): string {
  switch (scope) {
    case "REGION":
      return workload.locality.region;
    case "ZONE":
      return workload.locality.zone;
    case "SUBZONE":
      return workload.locality.subzone;
    case "NODE":
      return workload.node;
    case "CLUSTER":
      return workload.clusterId;
    case "NETWORK":
      return workload.network;
  }
}

function weightSums(endpoints: readonly Endpoint[]): number[] | undefined {
  if (endpoints.every((endpoint) => endpoint.workload.capacity === 1)) return undefined;
  let sum = 0;
  return endpoints.map((endpoint) => (sum += endpoint.workload.capacity));
}

function pickFrom(candidates: Candidates, random: Random): Endpoint | undefined {
  const { endpoints, sums } = candidates;
  if (sums === undefined)
    return endpoints.length === 0 ? undefined : endpoints[random.below(endpoints.length)];
  const total = sums.at(-1) ?? 0;
  if (total === 0) return undefined;
  return endpoints[firstAbove(sums, random.next() * total)];
}

/** Index of the first running sum above `value`; an entry of weight 0 is never that one. */
function firstAbove(sums: readonly number[], value: number): number {
  let low = 0;
  let high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sums[middle] ?? 0) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * The address of an endpoint to use: one of the service's families, and among those one of the family the client
 * dialled if there is one. Undefined when the endpoint has none.
 */
export function chooseIp(
  workload: Workload,
  service: Service | undefined,
  preferV6: boolean,
): string | undefined {
  const families = service?.ipFamilies ?? "AUTOMATIC";
  let other: string | undefined;
  for (const ip of workload.addresses) {
    const v6 = ip.includes(":");
    if ((families === "IPV4_ONLY" && v6) || (families === "IPV6_ONLY" && !v6)) continue;
    if (v6 === preferV6) return ip;
    other ??= ip;
  }
  return other;
}

/** Picks one of several by weight; undefined when all weights are 0. */
export function pickWeighted<T extends { readonly weight: number }>(
  choices: readonly T[],
  random: Random,
): T | undefined {
  let total = 0;
  for (const choice of choices) total += choice.weight;
  if (total === 0) return undefined;
  let rest = random.next() * total;
  for (const choice of choices) {
    rest -= choice.weight;
    if (rest < 0) return choice;
  }
  return choices.findLast((choice) => choice.weight > 0);
}
