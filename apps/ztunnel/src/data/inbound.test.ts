import { beforeEach, expect, test } from "vitest";
import { seededRandom } from "@ambit/base/random.ts";
import { EMPTY_MATCH } from "@ambit/model/policy.ts";
import { MeshStore } from "@ambit/store/mesh-store.ts";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { certificate, denyAccount, identity, pod, service, workload } from "../testing/build.ts";
import { FakeDriver, FakeSocket } from "../testing/fake-driver.ts";
import { FakeInbound, FakeServer, FakeTcp } from "../testing/fake-tunnels.ts";
import { AccessLog } from "./access-log.ts";
import { Certificates } from "./certificates.ts";
import { Connections } from "./connections.ts";
import { Dialer } from "./dialer.ts";
import { HoldingArea } from "./held-socket.ts";
import { Inbound } from "./inbound.ts";
import { InboundPassthrough } from "./inbound-passthrough.ts";
import { LocalWorkloads } from "./local-workloads.ts";
import type { Pod } from "./pod.ts";
import { TrafficMetrics } from "./traffic-metrics.ts";
import { TunnelHeaders } from "./tunnel-headers.ts";

const CART_SERVICE = "shop/cart.shop.svc.cluster.local";

class Rig {
  readonly clock = new FakeClock();
  readonly store = new MeshStore();
  readonly driver = new FakeDriver(this.clock);
  readonly server = new FakeServer();
  readonly tcp = new FakeTcp();
  readonly cart: Pod = { ...pod("cart"), transparent: true };
  readonly local: LocalWorkloads;
  readonly certificates: Certificates;
  readonly connections: Connections;
  readonly inbound: Inbound;
  readonly passthrough: InboundPassthrough;
  readonly #accessLog: AccessLog;
  #lines = "";

  constructor() {
    const { clock, store } = this;
    this.#accessLog = new AccessLog("text", {
      clock,
      write: (text) => (this.#lines += text),
      enabled: () => true,
    });
    const accessLog = this.#accessLog;
    this.connections = new Connections({ clock, store, metrics: new TrafficMetrics(), accessLog });
    this.local = new LocalWorkloads({ clock, store, clusterId: "Kubernetes" });
    this.certificates = new Certificates({
      clock,
      load: () => ({ release: () => undefined }),
      want: () => undefined,
      onReplaced: () => undefined,
    });
    const deps = {
      clock,
      store,
      local: this.local,
      certificates: this.certificates,
      connections: this.connections,
      accessLog,
      holding: new HoldingArea(),
      headers: new TunnelHeaders({ responseBaggage: true }, seededRandom(1)),
      dialer: new Dialer(this.driver, {
        mark: 1337,
        originalSource: "auto",
        localCongestionControl: "cubic",
      }),
      relayTcp: this.tcp.relay,
    };
    this.inbound = new Inbound(
      this.cart,
      (onConnect) => {
        this.server.onConnect = onConnect;
        return this.server;
      },
      { network: "", localhostAppTunnel: true },
      deps,
    );
    this.passthrough = new InboundPassthrough(this.cart, "", deps);
    this.local.add(this.cart);
  }

  known(fields: Parameters<typeof workload>[1] = {}): void {
    const ports = [{ servicePort: 80, targetPort: 8080, appProtocol: "UNKNOWN" as const }];
    const services = new Map([[CART_SERVICE, ports]]);
    this.store.upsertWorkload(workload("web", { addresses: ["10.0.0.5"] }));
    this.store.upsertWorkload(workload("cart", { addresses: ["10.0.1.8"], services, ...fields }));
    this.store.upsertService(service("cart"));
    this.local.takeTouched();
  }

  request(authority: string, from = identity("web"), method = "CONNECT"): FakeInbound {
    const tunnel = new FakeInbound(from, authority, [], method);
    this.server.onConnect(tunnel);
    return tunnel;
  }

  /** The application's end of the newest connection. */
  connected(): FakeSocket {
    const socket = this.driver.connects.at(-1)?.socket;
    if (socket === undefined) throw new Error("nothing was dialled");
    socket.handler.onConnected(socket);
    return socket;
  }

  get lines(): string {
    this.#accessLog.flush();
    return this.#lines;
  }
}

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});

test("accept() holds the connection until the pod's certificate is there", () => {
  const socket = new FakeSocket({ ip: "10.0.1.8", port: 15008 }, { ip: "10.0.0.5", port: 1 });
  rig.inbound.accept(socket);
  rig.known();
  expect(rig.server.served).toEqual([]);
  rig.certificates.put(certificate("cart", "01", rig.clock.now() + 1_000));
  expect(rig.server.served).toEqual([socket]);
});

test("accept() closes the connection when the certificate cannot be had", () => {
  rig.known();
  const socket = new FakeSocket({ ip: "10.0.1.8", port: 15008 }, { ip: "10.0.0.5", port: 1 });
  rig.inbound.accept(socket);
  rig.certificates.fail(identity("cart"), "refused");
  expect(socket.closed).toBe(true);
  expect(rig.lines).toContain('error="no identity to serve with: refused"');
});

test("a request connects from the client's address, answers 200 with baggage and is logged", () => {
  rig.known();
  const tunnel = rig.request("10.0.1.8:8080");
  expect(rig.driver.connects[0]?.options).toEqual({
    ip: "10.0.1.8",
    port: 8080,
    namespaceFd: 7,
    mark: 1337,
    congestionControl: "cubic",
    sourceIp: "10.0.0.5",
    transparent: true,
  });
  expect(tunnel.status).toBe(0);
  const upstream = rig.connected();
  expect(tunnel.status).toBe(200);
  expect(tunnel.upstream).toBe(upstream);
  expect(tunnel.headers[0]?.[1]).toContain("service.name=cart");
  tunnel.relay?.complete(10, 20);
  expect(rig.lines).toMatch(
    /src.workload="web".*src.identity="spiffe:\/\/cluster.local\/ns\/shop\/sa\/web".*dst.service="cart.shop.svc.cluster.local".*direction="inbound" bytes_sent=20 bytes_recv=10/,
  );
});

test.each([
  ["a method that is not CONNECT", "10.0.1.8:8080", "GET", 400],
  ["no authority", "", "CONNECT", 400],
  ["an authority without port", "10.0.1.8", "CONNECT", 400],
  ["somebody else's address", "10.0.9.9:8080", "CONNECT", 400],
  ["an own port", "10.0.1.8:15008", "CONNECT", 503],
  ["a hostname that does not lead here", "else.shop.svc.cluster.local:80", "CONNECT", 503],
])("a request with %s is refused early", (_what, authority, method, status) => {
  rig.known();
  expect(rig.request(authority, identity("web"), method).status).toBe(status);
  expect(rig.driver.connects).toEqual([]);
  expect(rig.lines).toContain("warn\taccess\tconnection failed");
});

test("a request before the workload is known is answered with 503", () => {
  expect(rig.request("10.0.1.8:8080").status).toBe(503);
});

test("a request that policy refuses is answered with 401 and logged with the policy's name", () => {
  rig.known();
  rig.store.upsertPolicy(denyAccount("web"));
  expect(rig.request("10.0.1.8:8080").status).toBe(401);
  expect(rig.driver.connects).toEqual([]);
  expect(rig.lines).toContain('error="policy rejection: explicitly denied by: shop/no-web"');
});

test("a peer of another trust domain is refused", () => {
  rig.known();
  expect(rig.request("10.0.1.8:8080", "spiffe://other/ns/shop/sa/web").status).toBe(401);
});

test("an application that does not answer gives 503 and the flag CONNECT", () => {
  rig.known();
  const tunnel = rig.request("10.0.1.8:8080");
  const socket = rig.driver.connects[0]?.socket;
  socket?.handler.onError(socket, { kind: "connect", code: "ECONNREFUSED", detail: "" });
  expect(tunnel.status).toBe(503);
  expect(rig.lines).toContain('error="connection failed: ECONNREFUSED"');
});

test("a source address that the kernel refuses is given up for the own one", () => {
  rig.known();
  const tunnel = rig.request("10.0.1.8:8080");
  const socket = rig.driver.connects[0]?.socket;
  socket?.handler.onError(socket, { kind: "connect", code: "EPERM", detail: "" });
  expect(rig.driver.connects[1]?.options).not.toHaveProperty("sourceIp");
  rig.connected();
  expect(tunnel.status).toBe(200);
  expect(rig.cart.transparent).toBe(false);
});

test("a policy that changes while the application is dialled gives the attempt up", () => {
  rig.known();
  const tunnel = rig.request("10.0.1.8:8080");
  rig.store.upsertPolicy(denyAccount("web"));
  rig.connections.recheck([rig.cart]);
  expect(tunnel.status).toBe(401);
  expect(rig.driver.connects[0]?.socket.ended).toBe("reset");
  expect(rig.connections.size).toBe(0);
});

test("an application tunnel gets the PROXY header first, over loopback", () => {
  rig.known({ applicationTunnel: { protocol: "PROXY", port: 9000 } });
  const tunnel = rig.request("10.0.1.8:8080");
  expect(rig.driver.connects[0]?.options).toEqual({
    ip: "127.0.0.1",
    port: 9000,
    namespaceFd: 7,
    mark: 1337,
    congestionControl: "cubic",
  });
  const upstream = rig.connected();
  expect(upstream.text.startsWith("\r\n\r\n\0\r\nQUIT\n")).toBe(true);
  expect(upstream.text).toContain(identity("web"));
  expect(tunnel.status).toBe(200);
});

test("plaintext is asked about without an identity and relayed from the client's address", () => {
  rig.known();
  const to = { ip: "10.0.1.8", port: 8080 };
  const socket = new FakeSocket({ ip: "127.0.0.1", port: 15006 }, { ip: "10.0.0.6", port: 9 }, to);
  rig.passthrough.accept(socket);
  expect(rig.tcp.begun[0]?.connect).toMatchObject({
    ...to,
    sourceIp: "10.0.0.6",
    transparent: true,
    mark: 1337,
  });
});

test("plaintext to an own port, or refused by STRICT, is closed", () => {
  rig.known();
  const from = { ip: "10.0.0.6", port: 9 };
  const own = new FakeSocket({ ip: "127.0.0.1", port: 15006 }, from, { ip: "10.0.1.8", port: 15008 });
  rig.passthrough.accept(own);
  expect(own.closed).toBe(true);
  const groups = [[[{ ...EMPTY_MATCH, notPrincipals: [{ kind: "presence" as const }] }]]];
  const strict = denyAccount("x", { name: "strict", groups });
  rig.store.upsertPolicy(strict);
  const plain = new FakeSocket({ ip: "127.0.0.1", port: 15006 }, from, { ip: "10.0.1.8", port: 8080 });
  rig.passthrough.accept(plain);
  expect(plain.closed).toBe(true);
  expect(rig.tcp.begun).toEqual([]);
  expect(rig.lines).toContain('error="policy rejection: explicitly denied by: shop/strict"');
});

test("plaintext to a pod that stays unknown is closed after five seconds", async () => {
  const socket = new FakeSocket(
    { ip: "127.0.0.1", port: 15006 },
    { ip: "10.0.0.6", port: 9 },
    { ip: "10.0.1.8", port: 80 },
  );
  rig.passthrough.accept(socket);
  await rig.clock.advance(5_000);
  expect(socket.closed).toBe(true);
});
