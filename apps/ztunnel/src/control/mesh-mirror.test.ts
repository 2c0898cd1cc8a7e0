import { expect, test } from "vitest";
import { TYPE_URLS } from "@ambit/contract/type-urls.ts";
import { encodeAddress } from "@ambit/xds/resources/address.ts";
import { encodeAuthorization } from "@ambit/xds/resources/authorization.ts";
import { denyAccount, service, workload } from "../testing/build.ts";
import { MeshMirror } from "./mesh-mirror.ts";

const CART = encodeAddress({ kind: "workload", workload: workload("cart") });

test("apply() passes the good resources on and names the bad ones", () => {
  const mirror = new MeshMirror();
  const { rejected, accepted } = mirror.apply({
    typeUrl: TYPE_URLS.address,
    resources: [
      { name: "cart", version: "1", bytes: CART },
      { name: "bad", version: "1", bytes: new Uint8Array([0xff]) },
      { name: "svc", version: "1", bytes: encodeAddress({ kind: "service", service: service("cart") }) },
    ],
    removed: ["gone"],
  });
  expect(rejected.map(({ name }) => name)).toEqual(["bad"]);
  expect(accepted).toMatchObject({ kind: "resources", typeUrl: TYPE_URLS.address, removed: ["gone"] });
  expect(accepted.resources).toHaveLength(2);
  expect(mirror.store.stats()).toMatchObject({ workloads: 1, services: 1 });
});

test("apply() keeps the last good version of a resource that is rejected", () => {
  const mirror = new MeshMirror();
  const policy = denyAccount("web");
  const name = "shop/no-web";
  const put = (bytes: Uint8Array): number =>
    mirror.apply({
      typeUrl: TYPE_URLS.authorization,
      resources: [{ name, version: "1", bytes }],
      removed: [],
    }).rejected.length;
  expect(put(encodeAuthorization(policy))).toBe(0);
  expect(put(new Uint8Array([0xff]))).toBe(1);
  expect(mirror.store.policy(name)).toEqual(policy);
  mirror.apply({ typeUrl: TYPE_URLS.authorization, resources: [], removed: [name] });
  expect(mirror.store.policy(name)).toBeUndefined();
});

test("apply() removes workloads by uid and services by name", () => {
  const mirror = new MeshMirror();
  const resources = [
    { name: "w", version: "1", bytes: CART },
    { name: "s", version: "1", bytes: encodeAddress({ kind: "service", service: service("cart") }) },
  ];
  mirror.apply({ typeUrl: TYPE_URLS.address, resources, removed: [] });
  const removed = ["Kubernetes//Pod/shop/cart", "shop/cart.shop.svc.cluster.local"];
  mirror.apply({ typeUrl: TYPE_URLS.address, resources: [], removed });
  expect(mirror.store.stats()).toMatchObject({ workloads: 0, services: 0 });
});
