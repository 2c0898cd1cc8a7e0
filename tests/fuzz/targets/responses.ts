import { envoy } from "@ambit/contract/gen/ambit.js";
import type { DeltaResponse } from "@ambit/contract/grpc-services.ts";
import { TYPE_URLS, type TypeUrl } from "@ambit/contract/type-urls.ts";
import { parseIp } from "@ambit/base/ip.ts";
import { seededRandom, type Random } from "@ambit/base/random.ts";
import { policyKey, type Policy } from "@ambit/model/policy.ts";
import { serviceKey } from "@ambit/model/service.ts";
import type { Workload } from "@ambit/model/workload.ts";
import { evaluate } from "@ambit/policy/rbac-l4.ts";
import { MeshStore } from "@ambit/store/mesh-store.ts";
import { ClientSession } from "@ambit/xds/client/protocol.ts";
import { decodeAddress, encodeAddress } from "@ambit/xds/resources/address.ts";
import { decodeAuthorization, encodeAuthorization } from "@ambit/xds/resources/authorization.ts";
import { MeshMirror } from "../../../apps/ztunnel/src/control/mesh-mirror.ts";
import { somePolicy, someService, someWorkload } from "../mesh-model.ts";
import { must, mustEqual, type FuzzTarget } from "../target.ts";
import { once, pick } from "../words.ts";

const { DeltaDiscoveryResponse } = envoy.service.discovery.v3;

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
 * Whole responses of discovery, one after the other, each after its length in two bytes, on top of a good state. A model
 * that only knows the rule "good and rightly named replaces, anything else changes nothing" says what must be held: by
 * the proxy's main thread, by its data threads, and by the versions it claims. No connection may be allowed that the
 * model refuses.
 */
export function create(): FuzzTarget {
  return {
    valid: (random) => {
      const responses = Array.from({ length: 1 + random.below(3) }, () => someResponse(random));
      return Buffer.concat(responses.flatMap((bytes) => [Buffer.of(bytes.length >> 8, bytes.length), bytes]));
    },
    check: (input) => {
      const proxy = new Proxy();
      for (const bytes of GOOD) proxy.receive(bytes);
      for (const bytes of cutUp(input)) {
        proxy.receive(bytes);
        proxy.verify();
      }
    },
  };
}

/** The client's half: session, mirror, data thread, and the model beside them. */
class Proxy {
  readonly #mirror = new MeshMirror();
  readonly #data = new MeshStore();
  readonly #sessions = new Map<TypeUrl, ClientSession>(
    [TYPE_URLS.address, TYPE_URLS.authorization].map((typeUrl) => [
      typeUrl,
      new ClientSession({ typeUrl, onDemand: false }),
    ]),
  );
  readonly #model = new Map<TypeUrl, Map<string, Uint8Array>>([
    [TYPE_URLS.address, new Map()],
    [TYPE_URLS.authorization, new Map()],
  ]);

  receive(bytes: Uint8Array): void {
    const response = read(bytes);
    const session = this.#sessions.get(response?.typeUrl as TypeUrl);
    if (response === undefined || session === undefined) return;
    const typeUrl = response.typeUrl as TypeUrl;
    const rejected = this.#learn(typeUrl, response);
    const answer = session.onResponse(response, (resources, removed) => {
      const applied = this.#mirror.apply({ typeUrl, resources, removed });
      applyToData(this.#data, applied.accepted);
      return applied.rejected;
    });
    mustEqual("the nonce comes back", answer.responseNonce, response.nonce);
    mustEqual("a response is accepted or not", answer.errorDetail !== undefined, rejected > 0);
  }

  verify(): void {
    for (const [typeUrl, held] of this.#model) {
      const session = this.#sessions.get(typeUrl);
      const claimed = Object.keys(session?.initialRequest({ id: "n" }).initialResourceVersions ?? {});
      mustEqual("what is claimed to be held is held", claimed.toSorted(), [...held.keys()].toSorted());
    }
    const model = this.#modelStore();
    for (const store of [this.#mirror.store, this.#data]) {
      mustEqual("what is held", describe(store), describe(model));
      mustEqual("who may connect", verdicts(store), verdicts(model));
    }
  }

  // How many resources have to be rejected.
  #learn(typeUrl: TypeUrl, response: DeltaResponse): number {
    const held = this.#model.get(typeUrl) ?? new Map<string, Uint8Array>();
    const names = response.resources.map(({ name }) => name ?? "");
    let rejected = 0;
    for (const resource of response.resources) {
      const name = resource.name ?? "";
      const bytes = resource.resource?.value ?? new Uint8Array();
      const isAlone = names.filter((other) => other === name).length === 1;
      if (isAlone && nameOf(typeUrl, bytes) === name) held.set(name, Uint8Array.from(bytes));
      else rejected++;
    }
    for (const name of response.removedResources) held.delete(name);
    return rejected;
  }

  #modelStore(): MeshStore {
    const store = new MeshStore();
    for (const [typeUrl, held] of this.#model)
      applyToData(store, { typeUrl, resources: [...held.values()], removed: [] });
    return store;
  }
}

/** The right name of a resource; undefined when it cannot be decoded. */
function nameOf(typeUrl: TypeUrl, bytes: Uint8Array): string | undefined {
  if (typeUrl === TYPE_URLS.authorization) {
    const decoded = decodeAuthorization(bytes);
    return decoded.ok ? policyKey(decoded.value) : undefined;
  }
  const decoded = decodeAddress(bytes);
  if (!decoded.ok) return undefined;
  return decoded.value.kind === "workload" ? decoded.value.workload.uid : serviceKey(decoded.value.service);
}

// As a data thread applies what the main thread passes on.
function applyToData(
  store: MeshStore,
  message: {
    readonly typeUrl: TypeUrl;
    readonly resources: readonly Uint8Array[];
    readonly removed: readonly string[];
  },
): void {
  for (const bytes of message.resources) {
    if (message.typeUrl === TYPE_URLS.authorization) {
      const decoded = decodeAuthorization(bytes);
      if (decoded.ok) store.upsertPolicy(decoded.value);
      continue;
    }
    const decoded = decodeAddress(bytes);
    if (!decoded.ok) continue;
    if (decoded.value.kind === "workload") store.upsertWorkload(decoded.value.workload);
    else store.upsertService(decoded.value.service);
  }
  for (const name of message.removed) {
    if (message.typeUrl === TYPE_URLS.authorization) store.removePolicy(name);
    else store.removeAddress(name);
  }
}

function describe(store: MeshStore): unknown {
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

/** For every workload and caller: allowed or not. A policy that was removed is not missing, so only what is held counts. */
function verdicts(store: MeshStore): unknown {
  return [...store.workloads()].toSorted(byText(({ uid }: Workload) => uid)).map((workload) => {
    const set = { policies: store.policiesFor(workload).policies, missing: [] };
    const destinationIp = parseIp(workload.addresses[0] ?? "10.0.0.1") ?? new Uint8Array(4);
    return CALLERS.map((caller) => evaluate(set, { ...caller, destinationIp, destinationPort: 8_080 }).allow);
  });
}

function byText<Value>(key: (value: Value) => string): (left: Value, right: Value) => number {
  return (left, right) => (key(left) < key(right) ? -1 : 1);
}

// The gRPC layer ends the stream when a message cannot be read at all.
function read(bytes: Uint8Array): DeltaResponse | undefined {
  try {
    return DeltaDiscoveryResponse.decode(bytes);
  } catch (thrown) {
    must("an unreadable message is an error", thrown instanceof Error);
    return undefined;
  }
}

function cutUp(input: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at + 2 <= input.length;) {
    const end = at + 2 + (((input[at] ?? 0) << 8) | (input[at + 1] ?? 0));
    parts.push(input.subarray(at + 2, end));
    at = end;
  }
  return parts;
}

function someResponse(random: Random): Uint8Array {
  const isPolicy = once(random, 2);
  const resources = Array.from({ length: random.below(4) }, () => someResource(random, isPolicy));
  const removedResources = once(random, 3) ? [someResource(random, isPolicy).name] : [];
  const typeUrl = isPolicy ? TYPE_URLS.authorization : TYPE_URLS.address;
  return DeltaDiscoveryResponse.encode({ typeUrl, nonce: "n", resources, removedResources }).finish();
}

function someResource(random: Random, isPolicy: boolean) {
  const [name, value] = isPolicy ? namedPolicy(random) : namedAddress(random);
  const typeUrl = isPolicy ? TYPE_URLS.authorization : TYPE_URLS.address;
  return { name, version: String(random.below(9)), resource: { typeUrl, value } };
}

function namedPolicy(random: Random): [string, Uint8Array] {
  const policy = somePolicy(random);
  return [policyKey(policy), encodeAuthorization(policy)];
}

function namedAddress(random: Random): [string, Uint8Array] {
  if (pick(random, [true, false])) {
    const workload = someWorkload(random);
    return [workload.uid, encodeAddress({ kind: "workload", workload })];
  }
  const service = someService(random);
  return [serviceKey(service), encodeAddress({ kind: "service", service })];
}

/** The state that every input begins with. */
const GOOD = Array.from({ length: 6 }, (_, seed) => someResponse(seededRandom(seed + 100)));
