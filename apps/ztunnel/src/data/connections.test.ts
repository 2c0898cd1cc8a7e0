import { expect, test } from "vitest";
import { parseIp } from "@ambit/base/ip.ts";
import { parseSpiffeId } from "@ambit/model/spiffe-id.ts";
import { MeshStore } from "@ambit/store/mesh-store.ts";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { denyAccount, facts, identity, pod, workload } from "../testing/build.ts";
import { FakeRelay } from "../testing/fake-tunnels.ts";
import { AccessLog } from "./access-log.ts";
import { Connections, type InboundAuthority, type OpenConnection } from "./connections.ts";
import type { Pod } from "./pod.ts";
import { relayOutcome } from "./relay-outcome.ts";
import { TrafficMetrics } from "./traffic-metrics.ts";

interface Rig {
  readonly connections: Connections;
  readonly store: MeshStore;
  readonly metrics: TrafficMetrics;
  readonly clock: FakeClock;
  readonly cart: Pod;
  /** A connection from an account to cart, with its relay attached. */
  readonly open: (
    account: string,
    fields?: Partial<InboundAuthority>,
  ) => { connection: OpenConnection; relay: FakeRelay };
  readonly lines: () => string;
  readonly count: (name: string, flag: string) => number;
}

function rig(): Rig {
  const clock = new FakeClock();
  const store = new MeshStore();
  const metrics = new TrafficMetrics();
  let written = "";
  const accessLog = new AccessLog("text", { clock, write: (text) => (written += text), enabled: () => true });
  const connections = new Connections({ clock, store, metrics, accessLog });
  const cart = { ...pod("cart"), workload: workload("cart", { addresses: ["10.0.1.8"] }) };
  return {
    connections,
    store,
    metrics,
    clock,
    cart,
    open: (account, fields = {}) => {
      const subject = {
        sourceIp: parseIp("10.0.0.5") ?? new Uint8Array(4),
        destinationIp: parseIp("10.0.1.8") ?? new Uint8Array(4),
        destinationPort: 8080,
        identity: parseSpiffeId(identity(account)),
      };
      const authority = { subject, peerCertificate: new Uint8Array([1]), ...fields };
      const connection = connections.open(cart, facts({ sourceIdentity: identity(account) }), authority);
      const relay = new FakeRelay({
        onEstablished: () => undefined,
        onEnd: (end) => {
          const { flag, error } = relayOutcome(end);
          connection.end(flag, error);
        },
      });
      connection.attach(relay);
      return { connection, relay };
    },
    lines: () => {
      accessLog.flush();
      return written;
    },
    count: (name, flag) =>
      metrics
        .samples()
        .filter((sample) => sample.name === name && sample.labels.includes(flag))
        .reduce((sum, sample) => sum + sample.value, 0),
  };
}

test("a connection is counted and logged once, with the relay's bytes", async () => {
  const { open, clock, lines, count, connections } = rig();
  const { connection, relay } = open("web");
  expect(connections.size).toBe(1);
  await clock.advance(40);
  relay.complete(80, 212);
  connection.end("CONNECT", "too late");
  expect(lines().match(/connection complete/g)).toHaveLength(1);
  expect(lines()).toContain('bytes_sent=212 bytes_recv=80 duration="40ms"\n');
  expect(count("istio_tcp_connections_closed_total", "-")).toBe(1);
  expect(count("istio_tcp_connections_failed_total", "CONNECT")).toBe(0);
  expect(count("istio_tcp_sent_bytes_total", "-")).toBe(212);
  expect(connections.size).toBe(0);
});

test("sync() brings live byte counters up to date without counting twice", () => {
  const { open, connections, count } = rig();
  const { relay } = open("web");
  relay.bytesFromDownstream = 10;
  connections.sync();
  relay.bytesFromDownstream = 30;
  connections.sync();
  expect(count("istio_tcp_received_bytes_total", "-")).toBe(30);
  relay.complete(35, 0);
  expect(count("istio_tcp_received_bytes_total", "-")).toBe(35);
});

test("recheck() cuts what the policies of now refuse, with the flag and the policy's name", () => {
  const { open, connections, store, cart, lines, count } = rig();
  const denied = open("web");
  const allowed = open("admin");
  store.upsertPolicy(denyAccount("web"));
  expect(connections.recheck([cart])).toBe(1);
  expect(denied.relay.ended).toBe(true);
  expect(allowed.relay.ended).toBe(false);
  expect(count("istio_tcp_connections_failed_total", "DENY")).toBe(1);
  expect(lines()).toContain(
    'error="connection closed due to policy change: explicitly denied by: shop/no-web"',
  );
});

test("recheck() looks at the workload of now: a selector policy newly attached reaches live connections", () => {
  const { open, connections, store, cart } = rig();
  const { relay } = open("web");
  store.upsertPolicy(denyAccount("web", { scope: "WORKLOAD_SELECTOR" }));
  expect(connections.recheck([cart])).toBe(0);
  cart.workload = workload("cart", { authorizationPolicies: ["shop/no-web"] });
  expect(connections.recheck([cart])).toBe(1);
  expect(relay.ended).toBe(true);
});

test("recheck() gives up an attempt that has no relay yet", () => {
  const { connections, store, cart, open } = rig();
  const { connection } = open("web");
  const cuts: string[] = [];
  connection.onCut((detail) => cuts.push(detail));
  store.upsertPolicy(denyAccount("web"));
  connections.recheck([cart]);
  expect(cuts).toHaveLength(1);
});

test("cutUntrusted() cuts tunnels by their certificate and leaves plaintext alone", () => {
  const { open, connections, cart, count } = rig();
  const tunnel = open("web");
  const plain = open("admin", { peerCertificate: undefined });
  expect(connections.cutUntrusted([cart], () => false)).toBe(1);
  expect([tunnel.relay.ended, plain.relay.ended]).toEqual([true, false]);
  expect(count("istio_tcp_connections_failed_total", "CERT_REVOKED")).toBe(1);
});

test("closeAll() ends everything of a pod in order and counts it", () => {
  const { open, connections, cart, lines } = rig();
  const both = [open("web"), open("admin")];
  expect(connections.closeAll(cart, "draining")).toBe(2);
  expect(both.map(({ relay }) => relay.closed)).toEqual([true, true]);
  expect(connections.count(cart)).toBe(0);
  expect(lines().match(/error="draining"/g)).toHaveLength(2);
});

test("rows() show both directions by pod", () => {
  const { open, connections, cart } = rig();
  open("web");
  connections.open(cart, facts({ direction: "outbound", tunnelTarget: undefined }));
  expect(connections.rows([cart])).toEqual([
    {
      uid: "cart-uid",
      inbound: [
        {
          src: "10.0.0.5:41522",
          originalDst: "10.0.1.8:15008",
          actualDst: "10.0.1.8:15008",
          protocol: "HBONE",
        },
      ],
      outbound: [
        {
          src: "10.0.0.5:41522",
          originalDst: "10.0.1.8:15008",
          actualDst: "10.0.1.8:15008",
          protocol: "TCP",
        },
      ],
    },
  ]);
});
