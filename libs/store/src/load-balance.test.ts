import { seededRandom } from "@ambit/base/random.ts";
import type { LoadBalancing, RoutingScope, Service } from "@ambit/model/service.ts";
import type { Workload } from "@ambit/model/workload.ts";
import { describe, expect, it } from "vitest";
import { chooseIp, pickEndpoint, pickWeighted } from "./load-balance.ts";
import type { PickUse } from "./load-balance.ts";
import { MeshStore } from "./mesh-store.ts";
import { byHostname, port, serves, service, workload } from "./testing/build.ts";

const source = workload("source", {
  node: "n1",
  network: "net",
  clusterId: "c1",
  locality: { region: "r1", zone: "z1", subzone: "s1" },
});

/** An endpoint like the source, with some fields changed. */
function endpoint(name: string, fields: Partial<Workload> = {}): Workload {
  const { node, network, clusterId, locality } = source;
  return workload(name, {
    addresses: ["10.0.0.1"],
    services: serves("cart"),
    node,
    network,
    clusterId,
    locality,
    ...fields,
  });
}

function storeOf(item: Service, workloads: readonly Workload[]): MeshStore {
  const store = new MeshStore();
  store.upsertService(item);
  for (const one of workloads) store.upsertWorkload(one);
  return store;
}

/** How often each endpoint is picked in 2,000 rounds. */
function shares(
  fields: Partial<Service>,
  workloads: readonly Workload[],
  servicePort = 80,
  use: PickUse = "user",
): Record<string, number> {
  const store = storeOf(service("cart", fields), workloads);
  const record = store.service("shop/cart.shop.svc.cluster.local");
  const random = seededRandom(3);
  const counts: Record<string, number> = {};
  for (let round = 0; round < 2_000; round++) {
    const pick = record === undefined ? undefined : pickEndpoint(record, source, servicePort, use, random);
    const name = pick === undefined ? "nobody" : pick.workload.name;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

const names = (counts: Record<string, number>): string[] => Object.keys(counts).sort();

function balancing(mode: LoadBalancing["mode"], ...routingPreference: RoutingScope[]): Partial<Service> {
  return { loadBalancing: { mode, routingPreference, healthPolicy: "ONLY_HEALTHY" } };
}

describe("pickEndpoint() without a mode", () => {
  it("spreads evenly, also when some endpoints are not eligible", () => {
    const counts = shares({}, [
      endpoint("a"),
      endpoint("b"),
      endpoint("x", { addresses: [] }),
      endpoint("c"),
    ]);
    expect(names(counts)).toEqual(["a", "b", "c"]);
    for (const count of Object.values(counts)) expect(Math.abs(count - 667)).toBeLessThan(80);
  });

  it("follows the weights, and never picks weight 0", () => {
    const counts = shares({}, [
      endpoint("a"),
      endpoint("b", { capacity: 3 }),
      endpoint("c", { capacity: 0 }),
    ]);
    expect(names(counts)).toEqual(["a", "b"]);
    expect(Math.abs((counts["b"] ?? 0) - 1_500)).toBeLessThan(80);
  });

  it("picks nobody when all weights are 0", () => {
    expect(names(shares({}, [endpoint("a", { capacity: 0 })]))).toEqual(["nobody"]);
  });

  it("leaves out the unhealthy unless the service allows all", () => {
    const workloads = [endpoint("up"), endpoint("down", { status: "UNHEALTHY" })];
    expect(names(shares({}, workloads))).toEqual(["up"]);
    const loadBalancing = { mode: "UNSPECIFIED", routingPreference: [], healthPolicy: "ALLOW_ALL" } as const;
    expect(names(shares({ loadBalancing }, workloads))).toEqual(["down", "up"]);
  });
});

describe("pickEndpoint() only takes candidates of ambient.md 5.2", () => {
  const gone = { addresses: [] };
  const elsewhere = { ...gone, network: "west" };
  it.each([
    ["an address", {}, true],
    ["a hostname only", { ...gone, hostname: "db.example.com" }, true],
    ["neither", gone, false],
    ["neither, in another network without a gateway", elsewhere, false],
    ["neither, in another network with a gateway", { ...elsewhere, networkGateway: byHostname("gw") }, true],
    ["neither, in the own network with a gateway", { ...gone, networkGateway: byHostname("gw") }, false],
  ])("%s", (_name, fields, eligible) => {
    expect(names(shares({}, [endpoint("a", fields)]))).toEqual([eligible ? "a" : "nobody"]);
  });

  const maps = new Map([["shop/cart.shop.svc.cluster.local", [port(80, 9000)]]]);
  const tunnel = { applicationTunnel: { protocol: "PROXY", port: 15088 } } as const;
  const rows: readonly [string, Partial<Service>, Partial<Workload>, PickUse, number | undefined][] = [
    ["a port of the service", {}, {}, "user", 8080],
    ["the endpoint's own mapping before it", {}, { services: maps }, "user", 9000],
    ["a named port that the endpoint maps", { ports: [port(80, 0)] }, { services: maps }, "user", 9000],
    ["a named port that it does not map", { ports: [port(80, 0)] }, {}, "user", undefined],
    [
      "not a port of the service, although the endpoint maps it",
      { ports: [] },
      { services: maps },
      "user",
      undefined,
    ],
    ["not a port of the service, with a tunnel, for a user", { ports: [] }, tunnel, "user", undefined],
    ["not a port of the service, with a tunnel, as waypoint", { ports: [] }, tunnel, "waypoint", 80],
    ["not a port of the service, without a tunnel, as waypoint", { ports: [] }, {}, "waypoint", undefined],
  ];
  it.each(rows)("%s", (_name, fields, endpointFields, use, wanted) => {
    const store = storeOf(service("cart", fields), [endpoint("a", endpointFields)]);
    const record = store.service("shop/cart.shop.svc.cluster.local");
    const pick = record === undefined ? undefined : pickEndpoint(record, source, 80, use, seededRandom(1));
    expect(pick?.port).toBe(wanted);
  });
});

describe("pickEndpoint() in mode STRICT", () => {
  const far = { locality: { region: "r1", zone: "z2", subzone: "" } };
  it("takes only endpoints that match every scope", () => {
    const workloads = [endpoint("near"), endpoint("far", far)];
    expect(names(shares(balancing("STRICT", "REGION", "ZONE"), workloads))).toEqual(["near"]);
    expect(names(shares(balancing("STRICT", "REGION"), workloads))).toEqual(["far", "near"]);
  });

  it("fails instead of widening", () => {
    expect(names(shares(balancing("STRICT", "NODE"), [endpoint("a", { node: "n2" })]))).toEqual(["nobody"]);
  });

  it.each<[RoutingScope, Partial<Workload>]>([
    ["REGION", { locality: { region: "x", zone: "z1", subzone: "s1" } }],
    ["ZONE", { locality: { region: "r1", zone: "x", subzone: "s1" } }],
    ["SUBZONE", { locality: { region: "r1", zone: "z1", subzone: "x" } }],
    ["NODE", { node: "x" }],
    ["CLUSTER", { clusterId: "x" }],
    ["NETWORK", { network: "x" }],
  ])("compares %s", (scope, other) => {
    expect(names(shares(balancing("STRICT", scope), [endpoint("same"), endpoint("other", other)]))).toEqual([
      "same",
    ]);
  });
});

describe("pickEndpoint() in mode FAILOVER", () => {
  const at = (region: string, zone: string, network = "net"): Partial<Workload> => ({
    locality: { region, zone, subzone: "" },
    network,
  });
  // Ranks 5 to 0 of the example in ambient.md 5.2, for [NETWORK, REGION, ZONE].
  const ranked = [
    endpoint("rank5", at("r1", "z1")),
    endpoint("rank4", at("r1", "x")),
    endpoint("rank3", at("x", "z1")),
    endpoint("rank2", at("r1", "z1", "west")),
    endpoint("rank1", at("r1", "x", "west")),
    endpoint("rank0", at("x", "x", "west")),
  ];

  it.each(ranked.map((item, index) => [item.name, ranked.slice(index)] as const))(
    "prefers %s to all below",
    (name, rest) => {
      expect(names(shares(balancing("FAILOVER", "NETWORK", "REGION", "ZONE"), rest))).toEqual([name]);
    },
  );

  it("stops the walk at the first scope that differs", () => {
    const workloads = [endpoint("zone-only", at("x", "z1")), endpoint("none", at("x", "x"))];
    expect(names(shares(balancing("FAILOVER", "REGION", "ZONE"), workloads))).toEqual(["none", "zone-only"]);
  });

  it("falls to the next rank when the best one becomes unhealthy, and back", () => {
    const store = storeOf(service("cart", balancing("FAILOVER", "NODE")), [
      endpoint("near"),
      endpoint("far", { node: "n2" }),
    ]);
    const pick = (): string | undefined => {
      const record = store.service("shop/cart.shop.svc.cluster.local");
      return record === undefined
        ? undefined
        : pickEndpoint(record, source, 80, "user", seededRandom(1))?.workload.name;
    };
    expect(pick()).toBe("near");
    store.upsertWorkload(endpoint("near", { status: "UNHEALTHY" }));
    expect(pick()).toBe("far");
    store.upsertWorkload(endpoint("near"));
    expect(pick()).toBe("near");
    store.upsertService(service("cart", balancing("STRICT", "CLUSTER")));
    store.upsertWorkload(endpoint("near", { clusterId: "x" }));
    expect(pick()).toBe("far");
  });

  it("keeps sources of different places apart", () => {
    const store = storeOf(service("cart", balancing("FAILOVER", "NODE")), [
      endpoint("on1"),
      endpoint("on2", { node: "n2" }),
    ]);
    const record = store.service("shop/cart.shop.svc.cluster.local");
    const from = (node: string): string | undefined =>
      record === undefined
        ? undefined
        : pickEndpoint(record, { ...source, node }, 80, "user", seededRandom(1))?.workload.name;
    expect([from("n1"), from("n2"), from("n1")]).toEqual(["on1", "on2", "on1"]);
    for (let index = 0; index < 200; index++) from(`other-${index}`);
    expect(record?.candidates.size).toBeLessThanOrEqual(64);
  });
});

describe("chooseIp()", () => {
  const dual = workload("w", { addresses: ["10.0.0.1", "fd00::1", "10.0.0.2"] });
  const only = (ipFamilies: Service["ipFamilies"]): Service => service("s", { ipFamilies });
  it("prefers the family that was dialled", () => {
    expect(chooseIp(dual, only("AUTOMATIC"), false)).toBe("10.0.0.1");
    expect(chooseIp(dual, only("DUAL"), true)).toBe("fd00::1");
    expect(chooseIp(dual, undefined, true)).toBe("fd00::1");
    expect(chooseIp(workload("w", { addresses: ["10.0.0.1"] }), undefined, true)).toBe("10.0.0.1");
  });

  it("keeps to the families of the service", () => {
    expect(chooseIp(dual, only("IPV4_ONLY"), true)).toBe("10.0.0.1");
    expect(chooseIp(dual, only("IPV6_ONLY"), false)).toBe("fd00::1");
    expect(chooseIp(workload("w", { addresses: ["10.0.0.1"] }), only("IPV6_ONLY"), false)).toBeUndefined();
  });
});

describe("pickWeighted()", () => {
  it("follows the weights and never picks weight 0", () => {
    const random = seededRandom(5);
    const counts = new Map<string, number>();
    const choices = [
      { name: "zero", weight: 0 },
      { name: "one", weight: 1 },
      { name: "nine", weight: 9 },
    ];
    for (let round = 0; round < 1_000; round++) {
      const name = pickWeighted(choices, random)?.name ?? "";
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(["nine", "one"]);
    expect(Math.abs((counts.get("one") ?? 0) - 100)).toBeLessThan(40);
    expect(pickWeighted([{ weight: 0 }], random)).toBeUndefined();
    expect(pickWeighted([], random)).toBeUndefined();
  });
});
