import { seededRandom } from "@ambit/base/random.ts";
import type { Random } from "@ambit/base/random.ts";
import type { Policy } from "@ambit/model/policy.ts";
import { serviceKey } from "@ambit/model/service.ts";
import type { Service } from "@ambit/model/service.ts";
import type { Workload } from "@ambit/model/workload.ts";
import { describe, expect, it } from "vitest";
import { MeshStore } from "./mesh-store.ts";
import type { StoreChange } from "./mesh-store.ts";
import { serves, service, vip, workload } from "./testing/build.ts";

const CART = "shop/cart.shop.svc.cluster.local";

function policy(name: string, fields: Partial<Policy> = {}): Policy {
  return {
    name,
    namespace: "shop",
    scope: "WORKLOAD_SELECTOR",
    action: "ALLOW",
    groups: [],
    dryRun: false,
    ...fields,
  };
}

/** Uids of the endpoints that may be chosen. */
function endpoints(store: MeshStore, key = CART): string[] {
  const record = store.service(key);
  const size = record?.endpoints.size(record.service.loadBalancing?.healthPolicy === "ALLOW_ALL") ?? 0;
  return Array.from(
    { length: size },
    (_, position) => record?.endpoints.at(position)?.workload.name ?? "",
  ).sort();
}

describe("MeshStore merges workloads as ambient.md 2.8", () => {
  it("replaces a workload in every index", () => {
    const store = new MeshStore();
    store.upsertWorkload(
      workload("a", { addresses: ["10.0.0.1"], hostname: "old.example.com", services: serves("cart") }),
    );
    store.upsertService(service("cart"));
    store.upsertWorkload(
      workload("a", { addresses: ["10.0.0.2"], network: "west", services: serves("other") }),
    );
    expect(store.workloadAt("", "10.0.0.1")).toBeUndefined();
    expect(store.workloadAt("", "10.0.0.2")).toBeUndefined();
    expect(store.workloadAt("west", "10.0.0.2")?.name).toBe("a");
    expect(store.workloadByHostname("old.example.com")).toBeUndefined();
    expect(store.workloadsNamed("shop", "a")).toHaveLength(1);
    expect(endpoints(store)).toEqual([]);
    expect(store.stats()).toMatchObject({
      workloads: 1,
      endpoints: 0,
      stagedEndpoints: 1,
      workloadAddresses: 1,
    });
  });

  it("stages endpoints of a service that comes later", () => {
    const store = new MeshStore();
    store.upsertWorkload(workload("a", { services: serves("cart") }));
    expect(store.service(CART)).toBeUndefined();
    expect(store.stats()).toMatchObject({ services: 0, stagedEndpoints: 1 });
    store.upsertService(service("cart"));
    expect(endpoints(store)).toEqual(["a"]);
  });

  it("keeps the endpoints when the service is updated, and stages them when it is removed", () => {
    const store = new MeshStore();
    store.upsertService(service("cart", { addresses: [vip("10.96.0.7")] }));
    store.upsertWorkload(workload("a", { services: serves("cart") }));
    store.upsertService(service("cart", { addresses: [vip("10.96.0.8")] }));
    expect(endpoints(store)).toEqual(["a"]);
    expect(store.servicesAt("", "10.96.0.7")).toEqual([]);
    expect(store.removeAddress(CART)).toBe(true);
    expect(store.servicesAt("", "10.96.0.8")).toEqual([]);
    expect(store.workload("Kubernetes//Pod/shop/a")).toBeDefined();
    store.upsertService(service("cart"));
    expect(endpoints(store)).toEqual(["a"]);
  });

  it("hides unhealthy endpoints until the health policy allows them, without the workloads being sent again", () => {
    const store = new MeshStore();
    const allowAll = { mode: "UNSPECIFIED", routingPreference: [], healthPolicy: "ALLOW_ALL" } as const;
    store.upsertWorkload(workload("up", { services: serves("cart") }));
    store.upsertWorkload(workload("down", { services: serves("cart"), status: "UNHEALTHY" }));
    store.upsertService(service("cart"));
    expect(endpoints(store)).toEqual(["up"]);
    store.upsertService(service("cart", { loadBalancing: allowAll }));
    expect(endpoints(store)).toEqual(["down", "up"]);
    store.upsertService(service("cart"));
    expect(endpoints(store)).toEqual(["up"]);
  });

  it("moves an endpoint when its health changes", () => {
    const store = new MeshStore();
    store.upsertService(service("cart"));
    store.upsertWorkload(workload("a", { services: serves("cart") }));
    store.upsertWorkload(workload("a", { services: serves("cart"), status: "UNHEALTHY" }));
    expect(endpoints(store)).toEqual([]);
    store.upsertWorkload(workload("a", { services: serves("cart") }));
    expect(endpoints(store)).toEqual(["a"]);
  });

  it("keeps services with one hostname apart when one of them changes or goes", () => {
    const store = new MeshStore();
    const at = (namespace: string): Service => service("api", { namespace, hostname: "api.example.com" });
    for (const namespace of ["one", "two", "three"]) store.upsertService(at(namespace));
    store.upsertService(at("one"));
    store.removeAddress("two/api.example.com");
    const namespaces = store.servicesByHostname("api.example.com").map((record) => record.service.namespace);
    expect(namespaces).toEqual(["three", "one"]);
  });

  it("gives workloads of one name, the newest first", () => {
    const store = new MeshStore();
    store.upsertWorkload(workload("a", { uid: "c1//Pod/shop/a" }));
    store.upsertWorkload(workload("a", { uid: "c2//Pod/shop/a" }));
    expect(store.workloadsNamed("shop", "a").map((item) => item.uid)).toEqual([
      "c2//Pod/shop/a",
      "c1//Pod/shop/a",
    ]);
    store.removeAddress("c2//Pod/shop/a");
    expect(store.workloadsNamed("shop", "a").map((item) => item.uid)).toEqual(["c1//Pod/shop/a"]);
  });

  it("counts unhealthy endpoints too, attached or staged", () => {
    const store = new MeshStore();
    store.upsertService(service("cart"));
    store.upsertWorkload(workload("a", { services: serves("cart", "later"), status: "UNHEALTHY" }));
    expect(store.stats()).toMatchObject({ endpoints: 1, stagedEndpoints: 1 });
  });

  it("does not find host-network workloads by address", () => {
    const store = new MeshStore();
    store.upsertWorkload(
      workload("a", { addresses: ["10.0.0.1"], hostNetwork: true, services: serves("cart") }),
    );
    store.upsertService(service("cart"));
    expect(store.workloadAt("", "10.0.0.1")).toBeUndefined();
    expect(endpoints(store)).toEqual(["a"]);
  });
});

describe("MeshStore ranks claims on one address as ambient.md 2.8", () => {
  const at = { addresses: ["10.0.0.1"] };
  const podInMesh = workload("pod-in-mesh", at);
  const pod = workload("pod", { ...at, tunnelProtocol: "NONE" });
  const vmInMesh = workload("vm-in-mesh", { ...at, uid: "c/networking.istio.io/WorkloadEntry/shop/vm" });
  const vm = workload("vm", {
    ...at,
    uid: "c/networking.istio.io/WorkloadEntry/shop/vm2",
    tunnelProtocol: "NONE",
  });
  const ranked = [podInMesh, pod, vmInMesh, vm];

  it.each(
    ranked
      .slice(1)
      .map((lower, index) => [ranked[index]?.name ?? "", lower.name, ranked[index], lower] as const),
  )("%s before %s, in either order", (_name, _lowerName, higher, lower) => {
    for (const order of [
      [higher, lower],
      [lower, higher],
    ]) {
      const store = new MeshStore();
      for (const item of order) if (item !== undefined) store.upsertWorkload(item);
      expect(store.workloadAt("", "10.0.0.1")?.name).toBe(higher?.name);
    }
  });

  it("the newest of equal rank", () => {
    const store = new MeshStore();
    store.upsertWorkload(workload("first", at));
    store.upsertWorkload(workload("second", at));
    expect(store.workloadAt("", "10.0.0.1")?.name).toBe("second");
    store.upsertWorkload(workload("first", at));
    expect(store.workloadAt("", "10.0.0.1")?.name).toBe("first");
  });

  it("the next one when the first goes", () => {
    const store = new MeshStore();
    for (const item of [vm, podInMesh, pod]) store.upsertWorkload(item);
    store.removeAddress(podInMesh.uid);
    expect(store.workloadAt("", "10.0.0.1")?.name).toBe("pod");
    store.removeAddress(pod.uid);
    expect(store.workloadAt("", "10.0.0.1")?.name).toBe("vm");
  });
});

describe("MeshStore.removeAddress() reads names as ambient.md 2.7", () => {
  it("tries the workload uid first, then namespace/hostname", () => {
    const store = new MeshStore();
    store.upsertWorkload(workload("odd", { uid: CART }));
    store.upsertService(service("cart"));
    expect(store.removeAddress(CART)).toBe(true);
    expect(store.service(CART)).toBeDefined();
    expect(store.removeAddress(CART)).toBe(true);
    expect(store.service(CART)).toBeUndefined();
    expect(store.removeAddress(CART)).toBe(false);
  });

  it("never takes a name with a second slash, or none, for a service", () => {
    const store = new MeshStore();
    store.upsertService(service("cart", { hostname: "a/b" }));
    expect(store.removeAddress("shop/a/b")).toBe(false);
    expect(store.removeAddress("shop")).toBe(false);
    expect(store.stats().services).toBe(1);
  });
});

describe("MeshStore.policiesFor() collects as ambient.md 6.1", () => {
  const names = (store: MeshStore, item: Workload): string[] =>
    store.policiesFor(item).policies.map((one) => `${one.namespace}/${one.name}`);

  it("takes global ones, those of the namespace, and named ones; sorted, each once", () => {
    const store = new MeshStore();
    store.upsertPolicy(policy("z", { scope: "GLOBAL", namespace: "root" }));
    store.upsertPolicy(policy("b", { scope: "NAMESPACE" }));
    store.upsertPolicy(policy("other", { scope: "NAMESPACE", namespace: "web" }));
    store.upsertPolicy(policy("a"));
    store.upsertPolicy(policy("unnamed"));
    const item = workload("w", { authorizationPolicies: ["shop/a", "shop/b"] });
    expect(names(store, item)).toEqual(["root/z", "shop/a", "shop/b"]);
  });

  it("sees every later change, also of scope", () => {
    const store = new MeshStore();
    const item = workload("w");
    store.upsertWorkload(item);
    expect(names(store, item)).toEqual([]);
    store.upsertPolicy(policy("a", { scope: "NAMESPACE" }));
    expect(names(store, item)).toEqual(["shop/a"]);
    store.upsertPolicy(policy("a", { scope: "WORKLOAD_SELECTOR" }));
    expect(names(store, item)).toEqual([]);
    store.upsertPolicy(policy("a", { scope: "GLOBAL" }));
    expect(names(store, item)).toEqual(["shop/a"]);
    expect(store.removePolicy("shop/a")).toBe(true);
    expect(names(store, item)).toEqual([]);
    expect(store.removePolicy("shop/a")).toBe(false);
  });

  it("names what has not arrived, but not what was taken back", () => {
    const store = new MeshStore();
    const item = workload("w", { authorizationPolicies: ["shop/a"] });
    store.upsertWorkload(item);
    expect(store.policiesFor(item).missing).toEqual(["shop/a"]);
    store.upsertPolicy(policy("a"));
    expect(store.policiesFor(item).missing).toEqual([]);
    store.removePolicy("shop/a");
    expect(store.policiesFor(item).missing).toEqual([]);
    const updated = { ...item, node: "node-b" };
    store.upsertWorkload(updated);
    expect(store.policiesFor(updated).missing).toEqual([]);
  });

  it("awaits a policy again once every workload had stopped naming it", () => {
    const store = new MeshStore();
    const item = workload("w", { authorizationPolicies: ["shop/a"] });
    store.upsertPolicy(policy("a"));
    store.upsertWorkload(item);
    store.removePolicy("shop/a");
    store.upsertWorkload(workload("w"));
    store.upsertWorkload(item);
    expect(store.policiesFor(item).missing).toEqual(["shop/a"]);
  });
});

describe("MeshStore.subscribe()", () => {
  it("tells each change with the value before and after, until it is ended", () => {
    const store = new MeshStore();
    const seen: StoreChange[] = [];
    const end = store.subscribe((change) => seen.push(change));
    const item = workload("a");
    const shop = service("cart");
    store.upsertWorkload(item);
    store.upsertService(shop);
    store.removeAddress(item.uid);
    store.removeAddress("absent");
    end();
    store.removeAddress(serviceKey(shop));
    expect(seen).toEqual([
      { kind: "workload", key: item.uid, before: undefined, after: item },
      { kind: "service", key: CART, before: undefined, after: shop },
      { kind: "workload", key: item.uid, before: item, after: undefined },
    ]);
  });
});

describe("MeshStore under random deltas", () => {
  it("ends in the same state as a store that only saw the final resources", () => {
    for (let seed = 0; seed < 40; seed++) {
      const random = seededRandom(seed);
      const store = new MeshStore();
      const workloads = new Map<string, Workload>();
      const services = new Map<string, Service>();
      for (let step = 0; step < 150; step++) randomDelta(random, store, workloads, services);
      const fresh = new MeshStore();
      for (const item of services.values()) fresh.upsertService(item);
      for (const item of workloads.values()) fresh.upsertWorkload(item);
      expect(picture(store), `seed ${seed}`).toEqual(picture(fresh));
    }
  });
});

const IPS = ["10.0.0.1", "10.0.0.2", "fd00::1"];
const NAMES = ["a", "b", "c", "d"];

function randomDelta(
  random: Random,
  store: MeshStore,
  workloads: Map<string, Workload>,
  services: Map<string, Service>,
): void {
  const some = <T>(values: readonly T[]): T[] => values.filter(() => random.next() < 0.5);
  const name = NAMES[random.below(NAMES.length)] ?? "a";
  const choice = random.below(6);
  if (choice < 3) {
    // The rank of a claim must not depend on history here, so every workload has its own addresses.
    const addresses = some(IPS).map((ip) => `${ip}${name.charCodeAt(0) % 10}`);
    const status = random.next() < 0.3 ? ("UNHEALTHY" as const) : ("HEALTHY" as const);
    const capacity = random.below(3);
    const item = workload(name, { addresses, services: serves(...some(NAMES)), status, capacity });
    store.upsertWorkload(item);
    workloads.set(item.uid, item);
  } else if (choice < 5) {
    const addresses = [
      ...some(IPS).map((ip) => vip(ip)),
      ...some(IPS).map((ip) => vip(ip, 8 + random.below(20))),
    ];
    const item = service(name, { addresses });
    store.upsertService(item);
    services.delete(serviceKey(item));
    services.set(serviceKey(item), item);
  } else {
    const key = random.next() < 0.5 ? `Kubernetes//Pod/shop/${name}` : `shop/${name}.shop.svc.cluster.local`;
    const existed = workloads.delete(key) || services.delete(key);
    expect(store.removeAddress(key)).toBe(existed);
  }
}

/** Everything a reader can ask, with order removed where it is not promised. */
function picture(store: MeshStore): unknown {
  const found = (ip: string): unknown => [
    store
      .servicesAt("", ip)
      .map((record) => record.key)
      .sort(),
    store
      .serviceBlocksAt("", ip)
      .map((hit) => `${hit.length} ${hit.value.key}`)
      .sort(),
  ];
  return {
    stats: store.stats(),
    workloads: [...store.workloads()].map((item) => item.uid).sort(),
    byIp: [...store.workloads()]
      .flatMap((item) => item.addresses.map((ip) => store.workloadAt("", ip)?.uid ?? ""))
      .sort(),
    virtual: [...IPS, "10.0.0.77", "fd00::77"].map((ip) => found(ip)),
    records: [...store.serviceRecords()]
      .map((record) =>
        JSON.stringify([
          record.key,
          record.service === undefined,
          record.endpoints.uniform,
          record.endpoints.size(false),
          [...record.endpoints.values()].map((endpoint) => endpoint.workload.uid).sort(),
        ]),
      )
      .sort(),
    byHostname: NAMES.map((name) => store.servicesByHostname(`${name}.shop.svc.cluster.local`).length),
  };
}
