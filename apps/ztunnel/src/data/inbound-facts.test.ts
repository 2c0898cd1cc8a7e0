import { expect, test } from "vitest";
import { MeshStore } from "@ambit/store/mesh-store.ts";
import { identity, service, workload } from "../testing/build.ts";
import { FakeInbound } from "../testing/fake-tunnels.ts";
import { describeSource, servedBy } from "./inbound-facts.ts";

const BAGGAGE: readonly [string, string] = [
  "baggage",
  "k8s.cluster.name=east,k8s.namespace.name=evil,k8s.deployment.name=front,service.name=front,service.version=v2",
];

test("describeSource() takes the workload at the peer's address when it has the peer's identity", () => {
  const store = new MeshStore();
  store.upsertWorkload(workload("web", { addresses: ["10.0.0.5"] }));
  const own = describeSource(store, "", new FakeInbound(identity("web"), "", [BAGGAGE]));
  expect(own.workload?.name).toBe("web");
  expect(own.derived).toBeUndefined();
});

test("describeSource() believes baggage for names only: the namespace comes from the certificate", () => {
  const store = new MeshStore();
  store.upsertWorkload(workload("web", { addresses: ["10.0.0.5"] }));
  const other = describeSource(store, "", new FakeInbound(identity("waypoint"), "", [BAGGAGE]));
  expect(other.workload).toBeUndefined();
  expect(other.derived).toMatchObject({ workloadName: "front", namespace: "shop", clusterId: "east" });
});

test("describeSource() does not look addresses of another network up", () => {
  const store = new MeshStore();
  store.upsertWorkload(workload("web", { addresses: ["10.0.0.5"] }));
  const foreign = [["x-forwarded-network", "East"]] as const;
  expect(
    describeSource(store, "west", new FakeInbound(identity("web"), "", foreign)).workload,
  ).toBeUndefined();
  const store2 = new MeshStore();
  store2.upsertWorkload(workload("web", { network: "east", addresses: ["10.0.0.5"] }));
  expect(
    describeSource(store2, "east", new FakeInbound(identity("web"), "", foreign)).workload,
  ).toBeDefined();
});

test("servedBy() prefers the service the client named, else the one with the port", () => {
  const store = new MeshStore();
  const key = (name: string): string => `shop/${name}.shop.svc.cluster.local`;
  store.upsertService(service("a"));
  store.upsertService(service("b"));
  const cart = workload("cart", {
    services: new Map([
      [key("a"), []],
      [key("b"), []],
      [key("gone"), []],
    ]),
  });
  expect(servedBy(store, cart, 8080, "b.shop.svc.cluster.local")?.name).toBe("b");
  expect(servedBy(store, cart, 8080, undefined)?.name).toBe("a");
  expect(servedBy(store, cart, 9090, undefined)).toBeUndefined();
});
