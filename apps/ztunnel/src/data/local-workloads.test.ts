import { expect, test } from "vitest";
import type { Workload } from "@ambit/model/workload.ts";
import { MeshStore } from "@ambit/store/mesh-store.ts";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { denyAccount, pod, workload } from "../testing/build.ts";
import { LocalWorkloads } from "./local-workloads.ts";

function rig(): { local: LocalWorkloads; store: MeshStore; clock: FakeClock } {
  const clock = new FakeClock();
  const store = new MeshStore();
  return { clock, store, local: new LocalWorkloads({ clock, store, clusterId: "Kubernetes" }) };
}

test("whenKnown() answers at once for a known pod and after the batch for a later one", () => {
  const { local, store } = rig();
  store.upsertWorkload(workload("web"));
  const web = pod("web");
  const cart = pod("cart");
  local.add(web);
  local.add(cart);
  const seen: (string | undefined)[] = [];
  local.whenKnown(web, (found) => seen.push(found?.name));
  local.whenKnown(cart, (found) => seen.push(found?.name));
  expect(seen).toEqual(["web"]);
  store.upsertWorkload(workload("cart"));
  expect(seen).toEqual(["web"]);
  local.takeTouched();
  expect(seen).toEqual(["web", "cart"]);
});

test("whenKnown() gives up after five seconds, and when the pod goes", async () => {
  const { local, clock } = rig();
  const web = pod("web");
  local.add(web);
  const seen: (Workload | undefined)[] = [];
  local.whenKnown(web, (found) => seen.push(found));
  await clock.advance(4_999);
  expect(seen).toEqual([]);
  await clock.advance(1);
  expect(seen).toEqual([undefined]);
  local.whenKnown(web, (found) => seen.push(found));
  local.remove(web);
  expect(seen).toHaveLength(2);
  expect(clock.armed).toBe(0);
});

test("takeTouched() names the pods that a change may concern, once", () => {
  const { local, store } = rig();
  const web = pod("web");
  const cart = pod("cart");
  local.add(web);
  local.add(cart);
  store.upsertWorkload(workload("web"));
  store.upsertWorkload(workload("web", { capacity: 2 }));
  store.upsertWorkload(workload("elsewhere"));
  expect(local.takeTouched()).toEqual([web]);
  expect(web.workload?.capacity).toBe(2);
  expect(local.takeTouched()).toEqual([]);
});

test("takeTouched() follows policies: global ones to all, others to namespace and name", () => {
  const { local, store } = rig();
  const web = pod("web");
  local.add(web);
  store.upsertWorkload(workload("web", { authorizationPolicies: ["root/named"] }));
  local.takeTouched();
  const touched = (
    scope: "GLOBAL" | "NAMESPACE" | "WORKLOAD_SELECTOR",
    namespace: string,
    name: string,
  ): number => {
    store.upsertPolicy(denyAccount("x", { scope, namespace, name }));
    return local.takeTouched().length;
  };
  expect(touched("GLOBAL", "root", "g")).toBe(1);
  expect(touched("NAMESPACE", "other", "n")).toBe(0);
  expect(touched("NAMESPACE", "shop", "n")).toBe(1);
  expect(touched("WORKLOAD_SELECTOR", "root", "named")).toBe(1);
  expect(touched("WORKLOAD_SELECTOR", "root", "unnamed")).toBe(0);
  store.removePolicy("root/named");
  expect(local.takeTouched()).toEqual([web]);
});

test("a withdrawn workload stays with its pod, so that policies go on being asked", () => {
  const { local, store } = rig();
  const web = pod("web");
  local.add(web);
  store.upsertWorkload(workload("web"));
  store.removeAddress("Kubernetes//Pod/shop/web");
  expect(web.workload?.name).toBe("web");
  expect(local.takeTouched()).toEqual([web]);
});
