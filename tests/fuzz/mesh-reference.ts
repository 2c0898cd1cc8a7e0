import { istio } from "@ambit/contract/gen/ambit.js";
import type { DeltaResponse } from "@ambit/contract/grpc-services.ts";
import { TYPE_URLS, type TypeUrl } from "@ambit/contract/type-urls.ts";
import { parseIp } from "@ambit/base/ip.ts";
import { policyKey, type Policy } from "@ambit/model/policy.ts";
import { serviceKey } from "@ambit/model/service.ts";
import type { Workload } from "@ambit/model/workload.ts";
import { evaluate } from "@ambit/policy/rbac-l4.ts";
import { MeshStore } from "@ambit/store/mesh-store.ts";
import { decodeAddress } from "@ambit/xds/resources/address.ts";
import { decodeAuthorization } from "@ambit/xds/resources/authorization.ts";

type WireMatch = istio.security.Match.$Properties;

/** What a data thread is given. */
export interface Accepted {
  readonly typeUrl: TypeUrl;
  readonly resources: readonly Uint8Array[];
  readonly removed: readonly string[];
}

/** A resource that is in force. */
export interface Held {
  readonly version: string;
  readonly bytes: Uint8Array;
}

/** Who tries to connect, to every workload. */
const CALLERS = [undefined, "default", "web"].flatMap((serviceAccount) =>
  ["10.0.0.5", "10.0.2.9"].map((ip) => ({
    sourceIp: parseIp(ip) ?? new Uint8Array(4),
    identity:
      serviceAccount === undefined
        ? undefined
        : { trustDomain: "cluster.local", namespace: "web", serviceAccount },
  })),
);

/**
 * What has to be in force, by one rule: content that is good, rightly named and named once replaces, a removal removes,
 * and anything else changes nothing.
 */
export class MeshReference {
  readonly held: ReadonlyMap<TypeUrl, Map<string, Held>> = new Map([
    [TYPE_URLS.address, new Map<string, Held>()],
    [TYPE_URLS.authorization, new Map<string, Held>()],
  ]);
  /** Saw what was accepted and nothing else, in order: it also knows which policies were taken back. */
  readonly store = new MeshStore();

  /** Takes a response over. Returns how many resources of it have to be rejected. */
  learn(typeUrl: TypeUrl, response: DeltaResponse): number {
    const held = this.held.get(typeUrl);
    const names = response.resources.map(({ name }) => name ?? "");
    const good: Uint8Array[] = [];
    for (const [index, { version, resource }] of response.resources.entries()) {
      const name = names[index] ?? "";
      const bytes = Uint8Array.from(resource?.value ?? []);
      const isAlone = names.filter((other) => other === name).length === 1;
      if (!isAlone || nameOf(typeUrl, bytes) !== name) continue;
      held?.set(name, { version: version ?? "", bytes });
      good.push(bytes);
    }
    for (const name of response.removedResources) held?.delete(name);
    applyAccepted(this.store, { typeUrl, resources: good, removed: response.removedResources });
    return names.length - good.length;
  }

  /** A store that has just been given what is held, and has no past. */
  fresh(): MeshStore {
    const store = new MeshStore();
    for (const [typeUrl, held] of this.held) {
      const resources = Array.from(held.values(), ({ bytes }) => bytes);
      applyAccepted(store, { typeUrl, resources, removed: [] });
    }
    return store;
  }
}

/** As a data thread applies what the main thread passes on. */
export function applyAccepted(store: MeshStore, { typeUrl, resources, removed }: Accepted): void {
  for (const bytes of resources) {
    if (typeUrl === TYPE_URLS.authorization) {
      const decoded = decodeAuthorization(bytes);
      if (decoded.ok) store.upsertPolicy(decoded.value);
      continue;
    }
    const decoded = decodeAddress(bytes);
    if (!decoded.ok) continue;
    if (decoded.value.kind === "workload") store.upsertWorkload(decoded.value.workload);
    else store.upsertService(decoded.value.service);
  }
  for (const name of removed) {
    if (typeUrl === TYPE_URLS.authorization) store.removePolicy(name);
    else store.removeAddress(name);
  }
}

/** Everything a store holds, in one order. */
export function describeStore(store: MeshStore): unknown {
  const services = [...store.serviceRecords()].flatMap(({ service }) =>
    service === undefined ? [] : [service],
  );
  return [
    [...store.workloads()].toSorted(byText(({ uid }: Workload) => uid)),
    services.toSorted(byText(serviceKey)),
    [...store.policies()].toSorted(byText((policy: Policy) => policyKey(policy))),
    store.stats(),
  ];
}

/** For every workload and caller: allowed or not, as the proxy decides. */
export function verdicts(store: MeshStore): readonly (readonly [uid: string, allowed: readonly boolean[]])[] {
  return [...store.workloads()].toSorted(byText(({ uid }: Workload) => uid)).map((workload) => {
    const set = store.policiesFor(workload);
    const destinationIp = parseIp(workload.addresses[0] ?? "10.0.0.1") ?? new Uint8Array(4);
    const allowed = CALLERS.map(
      (caller) => evaluate(set, { ...caller, destinationIp, destinationPort: 8_080 }).allow,
    );
    return [workload.uid, allowed] as const;
  });
}

/** The right name of a resource; undefined when it cannot be decoded. */
function nameOf(typeUrl: TypeUrl, bytes: Uint8Array): string | undefined {
  if (typeUrl === TYPE_URLS.authorization) return policyNameOf(bytes);
  const decoded = decodeAddress(bytes);
  if (!decoded.ok) return undefined;
  return decoded.value.kind === "workload" ? decoded.value.workload.uid : serviceKey(decoded.value.service);
}

function byText<Value>(key: (value: Value) => string): (left: Value, right: Value) => number {
  return (left, right) => (key(left) < key(right) ? -1 : 1);
}

// Says by itself, and not by the decoder under attack, whether a policy may be used: no part of it may be without meaning.
function policyNameOf(bytes: Uint8Array): string | undefined {
  let wire: istio.security.Authorization;
  try {
    wire = istio.security.Authorization.decode(bytes);
  } catch {
    return undefined;
  }
  const matches = wire.groups.flatMap(({ rules }) => (rules ?? []).flatMap((rule) => rule.matches ?? []));
  const isKnown = [0, 1, 2].includes(wire.scope) && [0, 1].includes(wire.action);
  if (wire.name === "" || !isKnown || !matches.every((match) => isSound(match))) return undefined;
  return `${wire.namespace}/${wire.name}`;
}

function isSound(match: WireMatch): boolean {
  const strings = [match.namespaces, match.notNamespaces, match.principals, match.notPrincipals];
  const blocks = [match.sourceIps, match.notSourceIps, match.destinationIps, match.notDestinationIps];
  const ports = [match.destinationPorts, match.notDestinationPorts];
  return (
    strings.every((each) =>
      (each ?? []).every(({ exact, prefix, suffix, presence }) =>
        [exact, prefix, suffix, presence].some((value) => value !== null && value !== undefined),
      ),
    ) &&
    blocks.every((each) =>
      (each ?? []).every(
        ({ address, length }) =>
          [4, 16].includes(address?.length ?? 0) && (length ?? 0) <= (address?.length ?? 0) * 8,
      ),
    ) &&
    ports.every((each) => (each ?? []).every((port) => port <= 65_535))
  );
}
