import { expect, test } from "vitest";
import { envoy } from "@ambit/contract/gen/ambit.js";
import type { DeltaRequest, DeltaRequestProperties } from "@ambit/contract/grpc-services.ts";
import { TYPE_URLS } from "@ambit/contract/type-urls.ts";
import { DeltaSession, type SessionResponse } from "./session.ts";
import { Snapshot, type SnapshotResource } from "./snapshot.ts";

const CART_POD = "Kubernetes//Pod/shop/cart-1";
const CART = "shop/cart.shop.svc.cluster.local";

function request(properties: DeltaRequestProperties = {}): DeltaRequest {
  return envoy.service.discovery.v3.DeltaDiscoveryRequest.decode(
    envoy.service.discovery.v3.DeltaDiscoveryRequest.encode(properties).finish(),
  );
}

function world(): Snapshot {
  const snapshot = new Snapshot(TYPE_URLS.address);
  snapshot.apply({
    put: [
      { name: CART_POD, bytes: Buffer.from("pod"), aliases: ["/10.0.1.8"], keys: [CART] },
      { name: CART, bytes: Buffer.from("service"), aliases: ["/10.96.0.7"] },
    ],
  });
  return snapshot;
}

function open(
  snapshot: Snapshot,
  mayRead: (resource: SnapshotResource) => boolean = () => true,
): DeltaSession {
  let nonce = 0;
  const session = new DeltaSession(snapshot, { mayRead, newNonce: () => `n${++nonce}` });
  snapshot.subscribe((names) => session.onChange(names));
  return session;
}

function said(response: SessionResponse | undefined): unknown {
  return response === undefined
    ? undefined
    : {
        resources: response.resources.map((resource) => resource.name).toSorted(),
        removed: response.removed,
      };
}

test("DeltaSession() follows the worked example: cold start, then a reconnect after a deletion", () => {
  const snapshot = world();
  const cold = open(snapshot);
  cold.onRequest(request());
  const first = cold.next();
  expect(said(first)).toEqual({ resources: [CART_POD, CART].toSorted(), removed: [] });
  cold.onRequest(request({ responseNonce: "n1" }));
  expect(cold.next()).toBeUndefined();

  snapshot.apply({ remove: [CART_POD] });
  const again = open(snapshot);
  again.onRequest(
    request({
      initialResourceVersions: Object.fromEntries(
        (first?.resources ?? []).map((resource) => [resource.name, resource.version]),
      ),
    }),
  );
  expect(said(again.next())).toEqual({ resources: [], removed: [CART_POD] });
});

test("next() answers a wildcard subscription even when there is nothing", () => {
  const session = open(new Snapshot(TYPE_URLS.authorization));
  session.onRequest(request());
  expect(said(session.next())).toEqual({ resources: [], removed: [] });
});

test("next() merges changes while a response is unacknowledged", () => {
  const snapshot = world();
  const session = open(snapshot);
  session.onRequest(request());
  session.next();
  for (let version = 0; version < 1000; version++) {
    snapshot.apply({ put: [{ name: CART, bytes: Buffer.from(`service ${version}`) }] });
  }
  expect(session.next()).toBeUndefined();
  expect(session.state.pending).toBe(1);
  session.onRequest(request({ responseNonce: "n1" }));
  expect(said(session.next())).toEqual({ resources: [CART], removed: [] });
});

test("onRequest() ignores a stale nonce and keeps the text of a rejection", () => {
  const session = open(world());
  session.onRequest(request());
  session.next();
  session.onRequest(request({ responseNonce: "old", errorDetail: { message: "x" } }));
  expect(session.state).toMatchObject({ nacks: 0, ackedNonce: "" });
  session.onRequest(request({ responseNonce: "n1", errorDetail: { message: `${CART}: bad` } }));
  expect(session.state).toMatchObject({ nacks: 1, lastNack: `${CART}: bad`, ackedNonce: "" });
  expect(session.next()).toBeUndefined();
});

test("an on-demand session says nothing until it is asked, then names the key among the removed", () => {
  const session = open(world());
  session.onRequest(request({ resourceNamesSubscribe: ["*"], resourceNamesUnsubscribe: ["*"] }));
  expect(session.next()).toBeUndefined();
  session.onRequest(request({ resourceNamesSubscribe: ["/10.96.0.7", "/10.9.9.9"] }));
  expect(said(session.next())).toEqual({ resources: [CART], removed: ["/10.96.0.7", "/10.9.9.9"] });
});

test("an on-demand session hears of changes under its keys only", () => {
  const snapshot = world();
  const session = open(snapshot);
  session.onRequest(request({ resourceNamesSubscribe: ["*", CART], resourceNamesUnsubscribe: ["*"] }));
  expect(said(session.next())).toEqual({ resources: [CART_POD, CART].toSorted(), removed: [] });
  session.onRequest(request({ responseNonce: "n1" }));
  snapshot.apply({ put: [{ name: "other", bytes: Buffer.from("x") }] });
  expect(session.next()).toBeUndefined();
  snapshot.apply({ put: [{ name: CART_POD, bytes: Buffer.from("pod 2"), keys: [CART] }] });
  expect(said(session.next())).toEqual({ resources: [CART_POD], removed: [] });
});

test("next() removes what the client may no longer read", () => {
  const readable = new Set([CART, CART_POD]);
  const session = open(world(), (resource) => readable.has(resource.name));
  session.onRequest(request());
  session.next();
  session.onRequest(request({ responseNonce: "n1" }));
  readable.delete(CART);
  session.onVisibilityChange();
  expect(said(session.next())).toEqual({ resources: [], removed: [CART] });
});
