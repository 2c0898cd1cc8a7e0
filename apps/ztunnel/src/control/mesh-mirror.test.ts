import { expect, test } from "vitest";
import { TYPE_URLS } from "@ambit/contract/type-urls.ts";
import { encodeAddress } from "@ambit/xds/resources/address.ts";
import { encodeAuthorization } from "@ambit/xds/resources/authorization.ts";
import { denyAccount, service, workload } from "../testing/build.ts";
import { MeshMirror } from "./mesh-mirror.ts";

const CART = encodeAddress({ kind: "workload", workload: workload("cart") });
const CART_UID = "Kubernetes//Pod/shop/cart";
const CART_SERVICE = "shop/cart.shop.svc.cluster.local";

test("apply() passes the good resources on and names the bad ones", () => {
  const mirror = new MeshMirror();
  const { rejected, accepted } = mirror.apply({
    typeUrl: TYPE_URLS.address,
    resources: [
      { name: CART_UID, version: "1", bytes: CART },
      { name: "bad", version: "1", bytes: new Uint8Array([0xff]) },
      {
        name: CART_SERVICE,
        version: "1",
        bytes: encodeAddress({ kind: "service", service: service("cart") }),
      },
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
    { name: CART_UID, version: "1", bytes: CART },
    { name: CART_SERVICE, version: "1", bytes: encodeAddress({ kind: "service", service: service("cart") }) },
  ];
  mirror.apply({ typeUrl: TYPE_URLS.address, resources, removed: [] });
  const removed = [CART_UID, CART_SERVICE];
  mirror.apply({ typeUrl: TYPE_URLS.address, resources: [], removed });
  expect(mirror.store.stats()).toMatchObject({ workloads: 0, services: 0 });
});

test("apply() rejects what is not named for what it is: nobody could take it back", () => {
  const mirror = new MeshMirror();
  const { rejected } = mirror.apply({
    typeUrl: TYPE_URLS.authorization,
    resources: [{ name: "shop/other", version: "1", bytes: encodeAuthorization(denyAccount("web")) }],
    removed: [],
  });
  expect(rejected).toEqual([{ name: "shop/other", reason: "it is shop/no-web, which is not its name" }]);
  expect(mirror.store.stats().policies).toBe(0);
});

test("apply() rejects every version of a resource that comes twice in one response", () => {
  const mirror = new MeshMirror();
  const put = (...bytes: readonly Uint8Array[]): number =>
    mirror.apply({
      typeUrl: TYPE_URLS.authorization,
      resources: bytes.map((each) => ({ name: "shop/no-web", version: "1", bytes: each })),
      removed: [],
    }).rejected.length;
  const policy = denyAccount("web");
  expect(put(encodeAuthorization(policy))).toBe(0);
  expect(put(encodeAuthorization({ ...policy, groups: [] }), Uint8Array.of(0xff))).toBe(2);
  expect(mirror.store.policy("shop/no-web")).toEqual(policy);
});

test("apply() takes nothing of a type that is not asked for", () => {
  const mirror = new MeshMirror();
  const resources = [{ name: CART_UID, version: "1", bytes: CART }];
  const { rejected, accepted } = mirror.apply({ typeUrl: "another", resources, removed: [] });
  expect(rejected).toEqual([{ name: CART_UID, reason: "its type is not known" }]);
  expect(accepted.resources).toEqual([]);
  mirror.apply({ typeUrl: TYPE_URLS.address, resources, removed: [] });
  const removal = mirror.apply({ typeUrl: "another", resources: [], removed: [CART_UID] });
  expect(removal.accepted.removed).toEqual([]);
  expect(mirror.store.stats().workloads).toBe(1);
});
