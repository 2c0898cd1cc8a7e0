import { describe, expect, test } from "vitest";
import type { DeltaRequestProperties } from "@ambit/contract/grpc-services.ts";
import { TYPE_URLS } from "@ambit/contract/type-urls.ts";
import { deltaRequest } from "../testing/messages.ts";
import { DeltaSession, type SessionDeps, type SessionResponse } from "./session.ts";
import { nodeKey, Snapshot } from "./snapshot.ts";

const CART_POD = "Kubernetes//Pod/shop/cart-1";
const CART = "shop/cart.shop.svc.cluster.local";
const ON_DEMAND = { resourceNamesSubscribe: ["*"], resourceNamesUnsubscribe: ["*"] };

function put(name: string, text: string, more: { aliases?: string[]; keys?: string[] } = {}) {
  return { name, bytes: Buffer.from(text), ...more };
}

function world(): Snapshot {
  const snapshot = new Snapshot(TYPE_URLS.address);
  snapshot.apply({
    put: [
      put(CART_POD, "pod", { aliases: ["/10.0.1.8"], keys: [CART] }),
      put(CART, "service", { aliases: ["/10.96.0.7"] }),
    ],
  });
  return snapshot;
}

/** A session and a client's view of it. */
class Bench {
  readonly session: DeltaSession;
  readonly snapshot: Snapshot;
  #nonce = 0;

  constructor(snapshot: Snapshot, deps: Partial<SessionDeps> = {}) {
    this.snapshot = snapshot;
    this.session = new DeltaSession(snapshot, {
      mayRead: () => true,
      newNonce: () => `n${++this.#nonce}`,
      ...deps,
    });
    snapshot.subscribe((names) => this.session.onChange(names));
  }

  ask(properties: DeltaRequestProperties = {}): string | undefined {
    return this.session.onRequest(deltaRequest(properties));
  }

  take(maxBytes = 1_000_000, removals = true): SessionResponse | undefined {
    return this.session.next({ maxBytes, removals });
  }

  /** The next response as sorted names, acknowledged. */
  said(maxBytes?: number, removals?: boolean): unknown {
    const response = this.take(maxBytes, removals);
    if (response === undefined) return undefined;
    this.ask({ responseNonce: response.nonce });
    return { resources: names(response), removed: response.removed.toSorted() };
  }
}

function names(response: SessionResponse | undefined): string[] {
  return (response?.resources ?? []).map((resource) => resource.name).toSorted();
}

describe("DeltaSession, wildcard", () => {
  test("onRequest() follows the worked example: cold start, then a reconnect after a deletion", () => {
    const snapshot = world();
    const cold = new Bench(snapshot);
    cold.ask();
    const first = cold.take();
    expect(names(first)).toEqual([CART_POD, CART].toSorted());
    cold.ask({ responseNonce: "n1" });
    expect(cold.said()).toBeUndefined();

    snapshot.apply({ remove: [CART_POD] });
    const again = new Bench(snapshot);
    again.ask({
      initialResourceVersions: Object.fromEntries(
        (first?.resources ?? []).map((resource) => [resource.name, resource.version]),
      ),
    });
    expect(again.said()).toEqual({ resources: [], removed: [CART_POD] });
  });

  test("next() answers even when there is nothing", () => {
    const bench = new Bench(new Snapshot(TYPE_URLS.authorization));
    bench.ask();
    expect(bench.said()).toEqual({ resources: [], removed: [] });
    expect(bench.said()).toBeUndefined();
  });

  test("onRequest() takes the first request for what it is, whatever nonce it carries", () => {
    const bench = new Bench(world());
    bench.ask({ responseNonce: "of-another-stream" });
    expect(bench.said()).toEqual({ resources: [CART_POD, CART].toSorted(), removed: [] });
  });

  test("onRequest() with versions leaves out what is equal and sends what differs", () => {
    const snapshot = world();
    const bench = new Bench(snapshot);
    bench.ask({
      initialResourceVersions: { [CART]: snapshot.get(CART)?.version ?? "", [CART_POD]: "older" },
    });
    expect(bench.said()).toEqual({ resources: [CART_POD], removed: [] });
  });

  test("next() merges changes while a response is unanswered", () => {
    const bench = new Bench(world());
    bench.ask();
    bench.take();
    for (let version = 0; version < 1000; version++) {
      bench.snapshot.apply({ put: [put(CART, `service ${version}`)] });
    }
    expect(bench.take()).toBeUndefined();
    expect(bench.session.state.pending).toBe(1);
    bench.ask({ responseNonce: "n1" });
    expect(bench.said()).toEqual({ resources: [CART], removed: [] });
  });

  test("next() says nothing of a change that was undone while a response was unanswered", () => {
    const bench = new Bench(world());
    bench.ask();
    bench.take();
    bench.snapshot.apply({ put: [put(CART, "other")] });
    bench.snapshot.apply({ put: [put(CART, "service")] });
    bench.snapshot.apply({ put: [put("new", "x")] });
    bench.snapshot.apply({ remove: ["new", CART_POD] });
    bench.snapshot.apply({ put: [put(CART_POD, "pod")] });
    bench.ask({ responseNonce: "n1" });
    expect(bench.said()).toBeUndefined();
  });

  test("onRequest() ignores a stale nonce and keeps the text of a rejection", () => {
    const bench = new Bench(world());
    bench.ask();
    bench.take();
    bench.ask({ responseNonce: "old", errorDetail: { message: "x" } });
    expect(bench.session.state).toMatchObject({ nacks: 0, ackedNonce: "", sentNonce: "n1" });
    bench.ask({ responseNonce: "n1", errorDetail: { message: `${CART}: bad${"!".repeat(10_000)}` } });
    expect(bench.session.state).toMatchObject({ nacks: 1, ackedNonce: "", sent: 1 });
    expect(bench.session.state.lastNack.length).toBe(4096);
  });

  test("next() does not send rejected bytes again, but new ones", () => {
    const bench = new Bench(world());
    bench.ask();
    bench.take();
    for (let round = 0; round < 100; round++) {
      bench.ask({ responseNonce: "n1", errorDetail: { message: "bad" } });
      expect(bench.take()).toBeUndefined();
    }
    expect(bench.session.state.nacks).toBe(1);
    bench.snapshot.apply({ put: [put(CART, "mended")] });
    expect(bench.said()).toEqual({ resources: [CART], removed: [] });
  });

  test("next() takes away what the client may no longer read, and gives it back", () => {
    const readable = new Set([CART, CART_POD]);
    const bench = new Bench(world(), { mayRead: (resource) => readable.has(resource.name) });
    bench.ask();
    bench.said();
    readable.delete(CART);
    bench.session.onVisibilityChange();
    expect(bench.said()).toEqual({ resources: [], removed: [CART] });
    bench.snapshot.apply({ put: [put(CART, "secret")] });
    expect(bench.said()).toBeUndefined();
    readable.add(CART);
    bench.snapshot.reconsider([CART]);
    expect(bench.said()).toEqual({ resources: [CART], removed: [] });
  });

  test("next() never names what the client may not read", () => {
    const bench = new Bench(world(), { mayRead: (resource) => resource.name !== CART });
    bench.ask();
    expect(bench.said()).toEqual({ resources: [CART_POD], removed: [] });
    bench.snapshot.apply({ remove: [CART] });
    expect(bench.said()).toBeUndefined();
  });

  test("next() stays below its bytes, for resources and for removals, and loses nothing", () => {
    const snapshot = new Snapshot(TYPE_URLS.address);
    const all = Array.from({ length: 100 }, (_, index) => `ns/host-${String(index).padStart(3, "0")}`);
    snapshot.apply({ put: all.map((name) => put(name, name.repeat(10))) });
    const bench = new Bench(snapshot);
    bench.ask();
    const got: string[] = [];
    for (let response = bench.take(2_000); response !== undefined; response = bench.take(2_000)) {
      const size = response.resources.reduce((sum, resource) => sum + resource.encoded.length, 0);
      expect(size).toBeLessThanOrEqual(2_000);
      got.push(...names(response));
      bench.ask({ responseNonce: response.nonce });
    }
    expect(got.toSorted()).toEqual(all);
    snapshot.apply({ remove: all });
    const lost: string[] = [];
    let responses = 0;
    for (let response = bench.take(1_000); response !== undefined; response = bench.take(1_000)) {
      responses++;
      lost.push(...response.removed);
      bench.ask({ responseNonce: response.nonce });
    }
    expect(lost.toSorted()).toEqual(all);
    expect(responses).toBeGreaterThan(1);
  });

  test("next() sends one resource that is larger than a response may be, alone", () => {
    const bench = new Bench(world());
    bench.snapshot.apply({ put: [put("big", "x".repeat(5_000))] });
    bench.ask();
    expect(bench.said(1_000)).toEqual({ resources: [CART_POD, CART].toSorted(), removed: [] });
    expect(bench.said(1_000)).toEqual({ resources: ["big"], removed: [] });
  });

  test("next() sees changes made in the middle of a pass in several responses", () => {
    const snapshot = new Snapshot(TYPE_URLS.address);
    snapshot.apply({
      put: [put("a", "1".repeat(100)), put("b", "1".repeat(100)), put("c", "1".repeat(100))],
    });
    const bench = new Bench(snapshot);
    bench.ask();
    expect(bench.said(150)).toEqual({ resources: ["a"], removed: [] });
    expect(bench.session.complete).toBe(false);
    snapshot.apply({ put: [put("a", "2"), put("d", "1"), put("b", "2")], remove: ["c"] });
    expect(bench.said()).toEqual({ resources: ["a", "b", "d"], removed: [] });
    expect(bench.session.complete).toBe(true);
    expect(bench.said()).toBeUndefined();
  });

  test("next() holds removals back when told so", () => {
    const bench = new Bench(world());
    bench.ask();
    bench.said();
    bench.snapshot.apply({ put: [put(CART, "2")], remove: [CART_POD] });
    expect(bench.said(1_000, false)).toEqual({ resources: [CART], removed: [] });
    expect(bench.said(1_000, false)).toBeUndefined();
    expect(bench.said()).toEqual({ resources: [], removed: [CART_POD] });
  });

  test("next() does not take away what has come back and is only waiting for room", () => {
    const bench = new Bench(world());
    bench.ask();
    bench.said();
    bench.snapshot.apply({ remove: [CART] });
    expect(bench.said(1_000, false)).toBeUndefined();
    const large = "x".repeat(700);
    bench.snapshot.apply({ put: [put("large", large), put("next", large), put(CART, "back")] });
    expect(bench.said(1_000)).toEqual({ resources: ["large"], removed: [] });
    expect(bench.said(2_000)).toEqual({ resources: ["next", CART], removed: [] });
  });

  test("onRequest() turns an on-demand session into a wildcard one and back", () => {
    const bench = new Bench(world());
    bench.ask(ON_DEMAND);
    expect(bench.said()).toBeUndefined();
    bench.ask({ resourceNamesSubscribe: ["*"] });
    expect(bench.said()).toEqual({ resources: [CART_POD, CART].toSorted(), removed: [] });
    bench.ask({ resourceNamesUnsubscribe: ["*"] });
    bench.snapshot.apply({ put: [put(CART, "2")], remove: [CART_POD] });
    expect(bench.said()).toBeUndefined();
  });
});

describe("DeltaSession, on demand", () => {
  test("next() says nothing until it is asked, then names the key among the removed", () => {
    const bench = new Bench(world());
    bench.ask(ON_DEMAND);
    expect(bench.said()).toBeUndefined();
    bench.ask({ resourceNamesSubscribe: ["/10.0.1.8", "/10.9.9.9"] });
    expect(bench.said()).toEqual({ resources: [CART_POD], removed: ["/10.0.1.8", "/10.9.9.9"] });
  });

  test("an address of a service leads to the service and its workloads, also later ones", () => {
    const bench = new Bench(world());
    bench.ask(ON_DEMAND);
    bench.ask({ resourceNamesSubscribe: ["/10.96.0.7"] });
    expect(bench.said()).toEqual({ resources: [CART_POD, CART].toSorted(), removed: ["/10.96.0.7"] });
    bench.snapshot.apply({ put: [put("pod-2", "x", { keys: [CART] }), put("other", "x")] });
    expect(bench.said()).toEqual({ resources: ["pod-2"], removed: [] });
  });

  test("a service's workloads arrive before the service, whose name wakes the client", () => {
    const bench = new Bench(world());
    bench.ask(ON_DEMAND);
    bench.ask({ resourceNamesSubscribe: [CART] });
    expect(bench.take()?.resources.map((resource) => resource.name)).toEqual([CART_POD, CART]);
  });

  test("a key is named among the removed only when all it led to has been sent", () => {
    const bench = new Bench(world());
    bench.ask(ON_DEMAND);
    bench.ask({ resourceNamesSubscribe: ["/10.96.0.7"] });
    // Room for the workload and the key, not for the service.
    expect(bench.said(200)).toEqual({ resources: [CART_POD], removed: [] });
    expect(bench.said(200)).toEqual({ resources: [CART], removed: ["/10.96.0.7"] });
  });

  test("an unknown key is answered again when it is asked again, and followed", () => {
    const bench = new Bench(world());
    bench.ask(ON_DEMAND);
    for (let round = 0; round < 2; round++) {
      bench.ask({ resourceNamesSubscribe: ["/10.9.9.9"] });
      expect(bench.said()).toEqual({ resources: [], removed: ["/10.9.9.9"] });
    }
    bench.snapshot.apply({ put: [put("late", "x", { aliases: ["/10.9.9.9"] })] });
    expect(bench.said()).toEqual({ resources: ["late"], removed: [] });
  });

  test("a name that is held is sent again when it is asked again", () => {
    const bench = new Bench(world());
    bench.ask(ON_DEMAND);
    bench.ask({ resourceNamesSubscribe: [CART_POD] });
    bench.said();
    bench.ask({ resourceNamesSubscribe: [CART_POD] });
    expect(bench.said()).toEqual({ resources: [CART_POD], removed: [] });
  });

  test("what was given is kept up to date although its key no longer leads to it", () => {
    const bench = new Bench(world());
    bench.ask(ON_DEMAND);
    bench.ask({ resourceNamesSubscribe: ["/10.0.1.8"] });
    bench.said();
    bench.snapshot.apply({ put: [put(CART_POD, "moved", { aliases: ["/10.0.1.9"] })] });
    expect(bench.said()).toEqual({ resources: [CART_POD], removed: [] });
    bench.snapshot.apply({ remove: [CART_POD] });
    expect(bench.said()).toEqual({ resources: [], removed: [CART_POD] });
  });

  test("an unsubscribed key is followed no more", () => {
    const bench = new Bench(world());
    bench.ask(ON_DEMAND);
    bench.ask({ resourceNamesSubscribe: [CART, "/10.0.1.8"] });
    bench.said();
    bench.ask({ resourceNamesUnsubscribe: [CART] });
    bench.snapshot.apply({ put: [put(CART, "2"), put(CART_POD, "2", { aliases: ["/10.0.1.8"] })] });
    expect(bench.said()).toEqual({ resources: [CART_POD], removed: [] });
  });

  test("a reconnect follows what is held and answers what was asked and not answered", () => {
    const snapshot = world();
    const bench = new Bench(snapshot);
    bench.ask({
      ...ON_DEMAND,
      initialResourceVersions: {
        [CART]: snapshot.get(CART)?.version ?? "",
        "/10.9.9.9": "",
        "shop/gone": "v",
      },
    });
    expect(bench.said()).toEqual({ resources: [CART_POD], removed: ["/10.9.9.9", "shop/gone"] });
  });

  test("the node's own workloads come without asking", () => {
    const snapshot = world();
    snapshot.apply({ put: [put("mine", "x", { keys: [nodeKey("node-a")] })] });
    const bench = new Bench(snapshot, { implied: [nodeKey("node-a")] });
    bench.ask(ON_DEMAND);
    expect(bench.said()).toEqual({ resources: ["mine"], removed: [] });
    snapshot.apply({
      put: [put("m2", "x", { keys: [nodeKey("node-a")] }), put("b", "x", { keys: [nodeKey("node-b")] })],
    });
    expect(bench.said()).toEqual({ resources: ["m2"], removed: [] });
  });

  test("what may not be read looks like what does not exist", () => {
    const bench = new Bench(world(), { mayRead: (resource) => resource.name === CART });
    bench.ask(ON_DEMAND);
    bench.ask({ resourceNamesSubscribe: [CART_POD, "/10.0.1.8", CART] });
    expect(bench.said()).toEqual({ resources: [CART], removed: ["/10.0.1.8", CART_POD].toSorted() });
  });
});

describe("DeltaSession, hostile requests", () => {
  test("onRequest() refuses names that are too long, at the limit and above it", () => {
    const bench = new Bench(world());
    expect(bench.ask({ resourceNamesSubscribe: ["x".repeat(2048)] })).toBeUndefined();
    expect(bench.ask({ resourceNamesUnsubscribe: ["x".repeat(2049)] })).toBe("a resource name is too long");
  });

  test("onRequest() refuses more keys than a client may watch", () => {
    const bench = new Bench(world(), { maxKeys: 10 });
    const keys = Array.from({ length: 11 }, (_, index) => `/10.0.0.${index}`);
    expect(bench.ask({ resourceNamesSubscribe: keys.slice(0, 10) })).toBeUndefined();
    expect(bench.ask({ resourceNamesSubscribe: keys.slice(0, 10) })).toBeUndefined();
    expect(bench.ask({ resourceNamesSubscribe: keys.slice(10) })).toBe("too many subscriptions");
  });

  test("onRequest() survives names of every kind", () => {
    const bench = new Bench(world());
    const odd = ["", "*", "**", "/", "//", "__proto__", "constructor", "\u0000", "a/../b", "toString"];
    bench.ask({ ...ON_DEMAND, initialResourceVersions: Object.fromEntries(odd.map((name) => [name, "v"])) });
    bench.ask({ resourceNamesSubscribe: odd.filter((name) => name !== "*"), resourceNamesUnsubscribe: odd });
    for (let response = bench.take(); response !== undefined; response = bench.take())
      bench.ask({ responseNonce: response.nonce });
    bench.ask({ resourceNamesSubscribe: [CART] });
    expect(names(bench.take())).toEqual([CART_POD, CART].toSorted());
  });
});
