import { X509Certificate } from "node:crypto";
import { beforeEach, expect, test } from "vitest";
import { silentLogger } from "@ambit/base/logger.ts";
import { parseIp } from "@ambit/base/ip.ts";
import { TYPE_URLS } from "@ambit/contract/type-urls.ts";
import { createRoot } from "@ambit/identity/x509.ts";
import { parseSpiffeId } from "@ambit/model/spiffe-id.ts";
import { MeshStore } from "@ambit/store/mesh-store.ts";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { encodeAddress } from "@ambit/xds/resources/address.ts";
import { encodeAuthorization } from "@ambit/xds/resources/authorization.ts";
import type { FromData } from "../messages.ts";
import { certificate, denyAccount, facts, identity, pod, service, workload } from "../testing/build.ts";
import { FakeRelay } from "../testing/fake-tunnels.ts";
import { AccessLog } from "./access-log.ts";
import { Certificates } from "./certificates.ts";
import { Connections, type OpenConnection } from "./connections.ts";
import { DataPlane } from "./data-plane.ts";
import { DnsMetrics } from "./dns-metrics.ts";
import { KeyWaits } from "./key-waits.ts";
import { LocalWorkloads } from "./local-workloads.ts";
import { PeerTrust } from "./peer-trust.ts";
import type { Pod } from "./pod.ts";
import type { PodProxy } from "./pod-proxy.ts";
import { TrafficMetrics } from "./traffic-metrics.ts";

class Rig {
  /** Whether the proxies have something under way that is no connection yet. */
  busy = false;
  readonly clock = new FakeClock();
  readonly store = new MeshStore();
  readonly posted: FromData[] = [];
  readonly proxies: { pod: Pod; events: string[] }[] = [];
  readonly connections: Connections;
  readonly certificates: Certificates;
  readonly keys: KeyWaits;
  readonly plane: DataPlane;
  startError: string | undefined;

  constructor() {
    const { clock, store } = this;
    const traffic = new TrafficMetrics();
    const accessLog = new AccessLog("text", { clock, write: () => undefined, enabled: () => true });
    this.connections = new Connections({ clock, store, metrics: traffic, accessLog });
    this.keys = new KeyWaits((key) => this.posted.push({ kind: "want-key", key }));
    this.certificates = new Certificates({
      clock,
      load: () => ({ release: () => undefined }),
      want: () => undefined,
      onReplaced: () => undefined,
    });
    this.plane = new DataPlane({
      clock,
      logger: silentLogger,
      store,
      local: new LocalWorkloads({ clock, store, clusterId: "Kubernetes" }),
      certificates: this.certificates,
      connections: this.connections,
      keys: this.keys,
      accessLog,
      traffic,
      dns: new DnsMetrics(),
      peerTrust: new PeerTrust(),
      makeProxy: (made) => this.#proxy(made),
      setLevels: () => undefined,
      post: (message) => this.posted.push(message),
    });
  }

  #proxy(made: Pod): PodProxy {
    const events: string[] = [];
    this.proxies.push({ pod: made, events });
    const isBusy = (): boolean => this.busy;
    return {
      pod: made,
      get busy() {
        return isBusy();
      },
      start: async () => {
        if (this.startError !== undefined) throw new Error(this.startError);
        events.push("start");
      },
      drain: () => void events.push("drain"),
      close: () => void events.push("close"),
      retire: () => void events.push("retire"),
    } as unknown as PodProxy;
  }

  async add(id: number, name: string): Promise<void> {
    const { uid, identity: podIdentity, namespaceFd } = pod(name);
    this.plane.handle({ kind: "pod-add", pod: { id, uid, identity: podIdentity, namespaceFd } });
    await this.clock.advance(0);
  }

  put(...names: readonly string[]): void {
    const resources = names.map((name) =>
      encodeAddress({ kind: "workload", workload: workload(name, { addresses: ["10.0.1.8"] }) }),
    );
    this.plane.handle({ kind: "resources", typeUrl: TYPE_URLS.address, resources, removed: [] });
  }

  putPolicy(account: string): void {
    const resources = [encodeAuthorization(denyAccount(account))];
    this.plane.handle({ kind: "resources", typeUrl: TYPE_URLS.authorization, resources, removed: [] });
  }

  /** An open inbound connection of the newest pod. */
  connect(account: string, peerCertificate?: Uint8Array): { connection: OpenConnection; relay: FakeRelay } {
    const last = this.proxies.at(-1);
    if (last === undefined) throw new Error("no pod");
    const ip = parseIp("10.0.1.8") ?? new Uint8Array(4);
    const subject = {
      sourceIp: ip,
      destinationIp: ip,
      destinationPort: 8080,
      identity: parseSpiffeId(identity(account)),
    };
    const connection = this.connections.open(last.pod, facts(), { subject, peerCertificate });
    const relay = new FakeRelay({
      onEstablished: () => undefined,
      onEnd: () => connection.end("-", undefined),
    });
    connection.attach(relay);
    return { connection, relay };
  }

  kinds(): string[] {
    return this.posted.map((message) => message.kind);
  }
}

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});

test("resources are applied and removed, by kind", () => {
  rig.put("web");
  const resources = [encodeAddress({ kind: "service", service: service("cart") })];
  rig.plane.handle({ kind: "resources", typeUrl: TYPE_URLS.address, resources, removed: [] });
  rig.putPolicy("web");
  expect(rig.store.stats()).toMatchObject({ workloads: 1, services: 1, policies: 1 });
  const removed = ["Kubernetes//Pod/shop/web", "shop/cart.shop.svc.cluster.local"];
  rig.plane.handle({ kind: "resources", typeUrl: TYPE_URLS.address, resources: [], removed });
  const policies = { kind: "resources", typeUrl: TYPE_URLS.authorization, resources: [] } as const;
  rig.plane.handle({ ...policies, removed: ["shop/no-web"] });
  expect(rig.store.stats()).toMatchObject({ workloads: 0, services: 0, policies: 0 });
});

test("a policy that arrives cuts the live connections it refuses, after the whole batch", async () => {
  rig.put("cart");
  await rig.add(1, "cart");
  const web = rig.connect("web");
  const admin = rig.connect("admin");
  rig.putPolicy("web");
  expect([web.relay.ended, admin.relay.ended]).toEqual([true, false]);
});

test("pods answer when they are served, or with what went wrong", async () => {
  await rig.add(1, "web");
  rig.startError = "bind failed";
  await rig.add(2, "cart");
  expect(rig.posted).toEqual([
    { kind: "pod-added", id: 1, error: undefined },
    { kind: "pod-added", id: 2, error: "bind failed" },
  ]);
  expect(rig.plane.pods().map(({ uid }) => uid)).toEqual(["web-uid"]);
});

test("a pod that goes drains first; the rest is cut at its deadline", async () => {
  rig.put("cart");
  await rig.add(1, "cart");
  const early = rig.connect("web");
  const late = rig.connect("web");
  rig.plane.handle({ kind: "pod-del", id: 1, drainMs: 1_000 });
  rig.plane.handle({ kind: "pod-del", id: 1, drainMs: 1_000 });
  expect(rig.proxies[0]?.events).toEqual(["start", "drain"]);
  early.relay.complete(1, 1);
  await rig.clock.advance(900);
  expect(late.relay.ended).toBe(false);
  await rig.clock.advance(200);
  expect(late.relay.ended).toBe(true);
  expect(rig.proxies[0]?.events).toEqual(["start", "drain", "close"]);
  expect(rig.kinds()).toEqual(["pod-added", "pod-gone"]);
  expect(rig.plane.pods()).toEqual([]);
});

test("a pod in another namespace can come while the old one drains", async () => {
  rig.put("cart");
  await rig.add(1, "cart");
  rig.connect("web");
  rig.plane.handle({ kind: "pod-del", id: 1, drainMs: 1_000 });
  await rig.add(2, "cart");
  await rig.clock.advance(2_000);
  expect(rig.posted.at(-1)).toEqual({ kind: "pod-gone", id: 1 });
  expect(rig.plane.pods()).toEqual([rig.proxies[1]?.pod]);
});

test("a pod that is not known is gone at once", () => {
  rig.plane.handle({ kind: "pod-del", id: 9, drainMs: 1_000 });
  expect(rig.posted).toEqual([{ kind: "pod-gone", id: 9 }]);
});

test("drain ends early when every connection has ended, and counts what it cut", async () => {
  await rig.add(1, "web");
  rig.busy = true;
  rig.plane.handle({ kind: "drain", drainMs: 5_000 });
  await rig.clock.advance(1_000);
  expect(rig.kinds()).not.toContain("drained");
  rig.busy = false;
  await rig.clock.advance(50);
  expect(rig.posted.at(-1)).toEqual({ kind: "drained", cut: 0 });
  const busy = new Rig();
  busy.put("cart");
  await busy.add(1, "cart");
  busy.connect("web");
  busy.connect("web");
  busy.plane.handle({ kind: "drain", drainMs: 5_000 });
  await busy.clock.advance(4_900);
  expect(busy.kinds()).not.toContain("drained");
  await busy.clock.advance(200);
  expect(busy.posted.at(-1)).toEqual({ kind: "drained", cut: 2 });
  const empty = new Rig();
  empty.plane.handle({ kind: "drain", drainMs: 5_000 });
  expect(empty.posted).toEqual([{ kind: "drained", cut: 0 }]);
});

test("a certificate that takes another one's place retires the sessions of the pods of its identity", async () => {
  rig.put("cart", "web");
  await rig.add(1, "cart");
  await rig.add(2, "web");
  const before = certificate("cart", "01", 1);
  rig.plane.onReplaced(before, { ...before, serial: "02" });
  expect(rig.proxies.map(({ events }) => events)).toEqual([["start", "retire"], ["start"]]);
});

test("roots without the one that issued a peer's certificate cut that peer", async () => {
  const validity = { notBefore: Date.UTC(2026, 0, 1), notAfter: Date.UTC(2036, 0, 1) };
  const [kept, dropped] = await Promise.all([
    createRoot("kept", "01", validity),
    createRoot("dropped", "02", validity),
  ]);
  rig.put("cart");
  await rig.add(1, "cart");
  const ofKept = rig.connect("web", new X509Certificate(kept.certificate).raw);
  const ofDropped = rig.connect("web", new X509Certificate(dropped.certificate).raw);
  const before = { ...certificate("cart", "01", 1), roots: kept.certificate };
  const both = { ...before, serial: "02", roots: kept.certificate + dropped.certificate };
  rig.plane.onReplaced(before, both);
  expect([ofKept, ofDropped].map(({ relay }) => relay.ended)).toEqual([false, false]);
  rig.plane.onReplaced(both, before);
  expect([ofKept, ofDropped].map(({ relay }) => relay.ended)).toEqual([false, true]);
});

test("scrape brings byte counters up to date; keys wake those who wait", async () => {
  rig.put("cart");
  await rig.add(1, "cart");
  rig.connect("web").relay.bytesFromDownstream = 44;
  rig.plane.handle({ kind: "scrape", request: 5 });
  const scraped = rig.posted.at(-1);
  if (scraped?.kind !== "scraped") throw new Error("not scraped");
  expect(scraped.samples.find(({ name }) => name === "istio_tcp_received_bytes_total")?.value).toBe(44);
  const woken: string[] = [];
  rig.keys.wait("k", () => woken.push("first"));
  rig.keys.wait("k", () => woken.push("second"));
  expect(rig.kinds().filter((kind) => kind === "want-key")).toHaveLength(1);
  rig.plane.handle({ kind: "key-answered", key: "k" });
  expect(woken).toEqual(["first", "second"]);
});
