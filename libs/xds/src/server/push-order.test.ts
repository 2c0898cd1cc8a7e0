import { expect, test } from "vitest";
import type { DeltaRequestProperties } from "@ambit/contract/grpc-services.ts";
import { TYPE_URLS, type TypeUrl } from "@ambit/contract/type-urls.ts";
import { deltaRequest } from "../testing/messages.ts";
import { PushOrder } from "./push-order.ts";
import { Snapshot } from "./snapshot.ts";

const HOLDS = { initialResourceVersions: { held: "v" } };

/** Two types, policies ("p" names) before addresses, and what one client hears. */
class Bench {
  readonly policies = new Snapshot(TYPE_URLS.authorization);
  readonly addresses = new Snapshot(TYPE_URLS.address);
  readonly order: PushOrder;
  #nonce = 0;

  constructor(expectAll = false) {
    this.order = new PushOrder([this.policies, this.addresses], { expectAll });
  }

  put(snapshot: Snapshot, ...names: string[]): void {
    snapshot.apply({ put: names.map((name) => ({ name, bytes: Buffer.from(`${++this.#nonce}`) })) });
  }

  ask(snapshot: Snapshot, properties: DeltaRequestProperties = {}): void {
    let session = this.order.session(snapshot.typeUrl);
    if (session === undefined) {
      const opened = this.order.open(snapshot, {
        mayRead: () => true,
        newNonce: () => `${snapshot.typeUrl}#${++this.#nonce}`,
      });
      snapshot.subscribe((names) => opened.onChange(names));
      session = opened;
    }
    session.onRequest(deltaRequest(properties));
  }

  /** Everything that may be sent now, as "type +put -removed"; not acknowledged. */
  heard(): string[] {
    const heard: string[] = [];
    for (let next = this.order.next(); next !== undefined; next = this.order.next()) {
      const put = next.response.resources.map(({ name }) => ` +${name}`);
      const removed = next.response.removed.map((name) => ` -${name}`);
      heard.push([shortName(next.snapshot.typeUrl), ...put, ...removed].join(""));
    }
    return heard;
  }

  acknowledge(snapshot: Snapshot): void {
    const nonce = this.order.session(snapshot.typeUrl)?.state.sentNonce ?? "";
    this.ask(snapshot, { responseNonce: nonce });
  }
}

function shortName(typeUrl: TypeUrl): string {
  return typeUrl === TYPE_URLS.address ? "address" : "policy";
}

function settled(): Bench {
  const bench = new Bench();
  bench.ask(bench.addresses);
  bench.ask(bench.policies);
  bench.heard();
  bench.acknowledge(bench.addresses);
  bench.acknowledge(bench.policies);
  return bench;
}

test("a client with empty hands hears policies first as long as one response holds the addresses", () => {
  const bench = new Bench(true);
  bench.put(bench.policies, "p");
  bench.put(bench.addresses, "a");
  bench.ask(bench.addresses);
  expect(bench.heard()).toEqual([]);
  bench.ask(bench.policies);
  expect(bench.heard()).toEqual(["policy +p", "address +a"]);
});

test("a client with empty hands hears policies last when the addresses need several responses", () => {
  const bench = new Bench(true);
  const large = { bytes: Buffer.alloc(3_000_000) };
  bench.addresses.apply({
    put: [
      { name: "a", ...large },
      { name: "b", ...large },
    ],
  });
  bench.ask(bench.addresses);
  bench.ask(bench.policies);
  expect(bench.heard()).toEqual(["address +a"]);
  bench.acknowledge(bench.addresses);
  expect(bench.heard()).toEqual(["address +b", "policy"]);
});

test("a client with empty hands hears policies only when the addresses are also current", () => {
  const bench = new Bench(true);
  const large = { bytes: Buffer.alloc(4_000_000) };
  bench.addresses.apply({ put: [{ name: "a", ...large }] });
  bench.ask(bench.addresses);
  bench.ask(bench.policies);
  expect(bench.heard()).toEqual(["address +a", "policy"]);
  const second = new Bench(true);
  second.addresses.apply({
    put: [
      { name: "a", ...large },
      { name: "b", ...large },
    ],
  });
  second.ask(second.addresses);
  second.ask(second.policies);
  expect(second.heard()).toEqual(["address +a"]);
  second.acknowledge(second.addresses);
  second.put(second.policies, "p");
  second.put(second.addresses, "names-p");
  expect(second.heard()).toEqual(["address +b"]);
  second.acknowledge(second.addresses);
  expect(second.heard()).toEqual(["address +names-p", "policy +p"]);
});

test("a client that holds something hears policies first, once it has asked for them", () => {
  const bench = new Bench(true);
  bench.put(bench.policies, "p");
  bench.put(bench.addresses, "a");
  bench.ask(bench.addresses, HOLDS);
  expect(bench.heard()).toEqual([]);
  expect(bench.order.expecting).toBe(true);
  bench.ask(bench.policies, HOLDS);
  expect(bench.heard()).toEqual(["policy +p", "address +a -held"]);
  expect(bench.order.expecting).toBe(false);
  bench.acknowledge(bench.policies);
  expect(bench.heard()).toEqual(["policy -held"]);
});

test("a client that holds policies but no address hears policies first, however many addresses there are", () => {
  const bench = new Bench(true);
  const large = { bytes: Buffer.alloc(3_000_000) };
  const addresses = ["a", "b"].map((name) => ({ name, ...large }));
  bench.addresses.apply({ put: addresses });
  bench.put(bench.policies, "p");
  bench.ask(bench.addresses);
  bench.ask(bench.policies, HOLDS);
  expect(bench.heard()).toEqual(["policy +p", "address +a"]);
});

test("a client that asks for addresses only is answered when waiting is given up", () => {
  const bench = new Bench(true);
  bench.put(bench.addresses, "a");
  bench.ask(bench.addresses, HOLDS);
  expect(bench.heard()).toEqual([]);
  bench.order.stopExpecting();
  expect(bench.heard()).toEqual(["address +a -held"]);
});

test("an on-demand client hears its policies although it asked for no address", () => {
  const bench = new Bench(true);
  bench.put(bench.policies, "p");
  bench.ask(bench.addresses, { resourceNamesSubscribe: ["*"], resourceNamesUnsubscribe: ["*"] });
  bench.ask(bench.policies);
  expect(bench.heard()).toEqual(["policy +p"]);
});

test("a policy goes before the workload that names it, although an older response is unanswered", () => {
  const bench = settled();
  bench.put(bench.policies, "p1");
  expect(bench.heard()).toEqual(["policy +p1"]);
  bench.put(bench.policies, "p2");
  bench.put(bench.addresses, "names-p2");
  expect(bench.heard()).toEqual([]);
  bench.acknowledge(bench.policies);
  expect(bench.heard()).toEqual(["policy +p2", "address +names-p2"]);
});

test("a policy is taken away after the workloads have stopped naming it", () => {
  const bench = settled();
  bench.put(bench.policies, "old");
  bench.put(bench.addresses, "a");
  bench.heard();
  bench.put(bench.policies, "new");
  bench.policies.apply({ remove: ["old"] });
  bench.put(bench.addresses, "a");
  bench.acknowledge(bench.policies);
  // The address of before is still unanswered, so the removal waits.
  expect(bench.heard()).toEqual(["policy +new"]);
  bench.acknowledge(bench.policies);
  expect(bench.heard()).toEqual([]);
  bench.acknowledge(bench.addresses);
  expect(bench.heard()).toEqual(["address +a", "policy -old"]);
});

test("a removal alone goes at once, with the additions beside it", () => {
  const bench = settled();
  bench.put(bench.policies, "p");
  bench.heard();
  bench.acknowledge(bench.policies);
  bench.put(bench.policies, "q");
  bench.policies.apply({ remove: ["p"] });
  expect(bench.heard()).toEqual(["policy +q -p"]);
});
