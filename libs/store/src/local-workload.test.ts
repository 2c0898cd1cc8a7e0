import { expect, it } from "vitest";
import { localWorkload } from "./local-workload.ts";
import { MeshStore } from "./mesh-store.ts";
import { workload } from "./testing/build.ts";

it("localWorkload() finds the pod of the own cluster, and never one with another service account", () => {
  const store = new MeshStore();
  const pod = { namespace: "shop", name: "cart", serviceAccount: "cart" };
  expect(localWorkload(store, pod, "c1")).toBeUndefined();
  store.upsertWorkload(workload("cart", { uid: "c2//Pod/shop/cart", clusterId: "c2" }));
  expect(localWorkload(store, pod, "c1")?.uid).toBe("c2//Pod/shop/cart");
  store.upsertWorkload(workload("cart", { uid: "c1//Pod/shop/cart", clusterId: "c1" }));
  store.upsertWorkload(
    workload("cart", { uid: "c1/networking.istio.io/WorkloadEntry/shop/cart", clusterId: "c1" }),
  );
  expect(localWorkload(store, pod, "c1")?.uid).toBe("c1//Pod/shop/cart");
  expect(localWorkload(store, { ...pod, serviceAccount: "other" }, "c1")).toBeUndefined();
});
