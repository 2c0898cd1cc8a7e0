import { expect, test } from "vitest";
import { seededRandom } from "@ambit/base/random.ts";
import { MeshStore } from "@ambit/store/mesh-store.ts";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { certificate, identity, pod, service, workload } from "../testing/build.ts";
import { FakeSocket } from "../testing/fake-driver.ts";
import { FakePool, FakeRelay, FakeTcp } from "../testing/fake-tunnels.ts";
import { AccessLog } from "./access-log.ts";
import { Certificates } from "./certificates.ts";
import { Connections } from "./connections.ts";
import type { DoubleTunnelJob } from "./double-tunnel.ts";
import { HoldingArea } from "./held-socket.ts";
import { LocalWorkloads } from "./local-workloads.ts";
import { Outbound } from "./outbound.ts";
import type { Pod } from "./pod.ts";
import { TrafficMetrics } from "./traffic-metrics.ts";
import { TunnelHeaders } from "./tunnel-headers.ts";

const CART = "shop/cart.shop.svc.cluster.local";

class Rig {
  readonly clock = new FakeClock();
  readonly store = new MeshStore();
  readonly pool = new FakePool();
  readonly tcp = new FakeTcp();
  readonly wanted: string[] = [];
  readonly asked: { key: string; answer: () => void }[] = [];
  readonly doubles: DoubleTunnelJob[] = [];
  readonly holding = new HoldingArea(2);
  readonly web: Pod = pod("web");
  readonly certificates: Certificates;
  readonly local: LocalWorkloads;
  readonly outbound: Outbound;
  readonly #accessLog: AccessLog;
  #lines = "";
  addresses: readonly string[] = [];

  constructor(onDemand = false) {
    const { clock, store } = this;
    const random = seededRandom(1);
    this.#accessLog = new AccessLog("text", {
      clock,
      write: (text) => (this.#lines += text),
      enabled: () => true,
    });
    const metrics = new TrafficMetrics();
    const connections = new Connections({ clock, store, metrics, accessLog: this.#accessLog });
    this.local = new LocalWorkloads({ clock, store, clusterId: "Kubernetes" });
    this.certificates = new Certificates({
      clock,
      load: () => ({ release: () => undefined }),
      want: (id) => this.wanted.push(id),
      onReplaced: () => undefined,
    });
    this.outbound = new Outbound(
      this.web,
      this.pool,
      { mark: 1337, onDemand },
      {
        random,
        store,
        local: this.local,
        certificates: this.certificates,
        connections,
        accessLog: this.#accessLog,
        holding: this.holding,
        headers: new TunnelHeaders({ responseBaggage: true }, random),
        relayTcp: this.tcp.relay,
        doubleTunnel: (job, _downstream, events) => {
          this.doubles.push(job);
          return new FakeRelay(events);
        },
        askFor: (key, answer) => this.asked.push({ key, answer }),
        lookup: (_hostname, done) => done(this.addresses),
      },
    );
    this.local.add(this.web);
  }

  /** Makes the mesh known: web here, cart behind a service. */
  known(): this {
    const ports = [{ servicePort: 80, targetPort: 8080, appProtocol: "UNKNOWN" as const }];
    this.store.upsertWorkload(workload("web", { addresses: ["10.0.0.5"] }));
    this.store.upsertWorkload(
      workload("cart", { addresses: ["10.0.1.8"], services: new Map([[CART, ports]]) }),
    );
    const addresses = [{ network: "", ip: "10.96.0.7", length: undefined }];
    this.store.upsertService(service("cart", { addresses }));
    this.local.takeTouched();
    return this;
  }

  certified(): this {
    this.certificates.put(certificate("web", "01", this.clock.now() + 3_600_000));
    return this;
  }

  dial(ip: string, port: number): FakeSocket {
    const socket = new FakeSocket(
      { ip: "127.0.0.1", port: 15001 },
      { ip: "10.0.0.5", port: 41522 },
      { ip, port },
    );
    this.outbound.accept(socket);
    return socket;
  }

  get lines(): string {
    this.#accessLog.flush();
    return this.#lines;
  }
}

test("accept() opens a tunnel with the contract's key, authority and headers", () => {
  const rig = new Rig().known().certified();
  const socket = rig.dial("10.96.0.7", 80);
  const [opened] = rig.pool.opened;
  expect(opened?.downstream).toBe(socket);
  expect(opened?.authority).toBe("10.0.1.8:8080");
  expect(opened?.destination).toMatchObject({
    key: `${identity("web")}|${identity("cart")}|10.0.1.8|15008|10.0.0.5`,
    expectedIdentities: [identity("cart")],
    connect: { ip: "10.0.1.8", port: 15008, namespaceFd: 7, mark: 1337 },
  });
  expect(opened?.headers.slice(0, 2)).toEqual([
    [
      "baggage",
      "k8s.cluster.name=Kubernetes,k8s.namespace.name=shop,k8s.deployment.name=web-deployment,service.name=web,service.version=v1",
    ],
    ["forwarded", 'for="10.0.0.5:41522";host=cart.shop.svc.cluster.local'],
  ]);
  expect(opened?.headers[2]?.[1]).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  opened?.relay.complete(5, 7);
  expect(rig.lines).toMatch(
    /info\taccess\tconnection complete.*dst.hbone_addr=10.0.1.8:8080 .*bytes_sent=5 bytes_recv=7/,
  );
});

test("accept() holds the connection until workload and certificate are there, and never sends it in plaintext", () => {
  const rig = new Rig();
  const socket = rig.dial("10.96.0.7", 80);
  expect(rig.holding.held).toBe(1);
  rig.known();
  expect(rig.wanted).toEqual([identity("web")]);
  expect(rig.tcp.begun).toEqual([]);
  rig.certified();
  expect(rig.pool.opened).toHaveLength(1);
  expect(rig.holding.held).toBe(0);
  expect(socket.closed).toBe(false);
});

test("accept() refuses after five seconds without a workload", async () => {
  const rig = new Rig();
  const socket = rig.dial("10.96.0.7", 80);
  await rig.clock.advance(5_000);
  expect(socket.closed).toBe(true);
  expect(rig.holding.held).toBe(0);
  expect(rig.lines).toContain(
    "warn\taccess\tconnection failed\tsrc.addr=10.0.0.5:41522 dst.addr=10.96.0.7:80",
  );
});

test("accept() closes the connection without a certificate and says so", () => {
  const rig = new Rig().known();
  const socket = rig.dial("10.96.0.7", 80);
  rig.certificates.fail(identity("web"), "the CA refused");
  expect(socket.closed).toBe(true);
  expect(rig.pool.opened).toEqual([]);
  expect(rig.lines).toContain('error="no identity to connect with: the CA refused"');
});

test("accept() closes what would be too much to hold", () => {
  const rig = new Rig();
  rig.dial("10.96.0.7", 80);
  rig.dial("10.96.0.7", 80);
  expect(rig.dial("10.96.0.7", 80).closed).toBe(true);
});

test("accept() forgets a client that leaves while it is held", () => {
  const rig = new Rig();
  rig.dial("10.96.0.7", 80).fail();
  rig.known().certified();
  expect(rig.pool.opened).toEqual([]);
  expect(rig.holding.held).toBe(0);
});

test("accept() passes unknown destinations through as plain TCP", () => {
  const rig = new Rig().known().certified();
  const socket = rig.dial("93.184.216.34", 443);
  expect(rig.tcp.begun[0]).toMatchObject({
    downstream: socket,
    connect: { ip: "93.184.216.34", port: 443, namespaceFd: 7, mark: 1337 },
  });
});

test("accept() refuses a call to the proxy itself", () => {
  const rig = new Rig().known().certified();
  expect(rig.dial("127.0.0.1", 15001).closed).toBe(true);
  expect(rig.lines).toContain("own port 15001");
});

test("accept() fails a service without a healthy endpoint", () => {
  const rig = new Rig().known().certified();
  rig.store.removeAddress("Kubernetes//Pod/shop/cart");
  expect(rig.dial("10.96.0.7", 80).closed).toBe(true);
  expect(rig.lines).toContain(`error="no healthy upstream for ${CART}:80"`);
});

test("accept() asks discovery once in on-demand mode, then decides again", () => {
  const rig = new Rig(true).known().certified();
  rig.dial("10.0.9.9", 8080);
  expect(rig.tcp.begun).toEqual([]);
  expect(rig.asked[0]?.key).toBe("/10.0.9.9");
  rig.store.upsertWorkload(workload("late", { addresses: ["10.0.9.9"] }));
  rig.asked[0]?.answer();
  expect(rig.pool.opened[0]?.authority).toBe("10.0.9.9:8080");
  rig.dial("10.0.9.10", 8080);
  rig.asked[1]?.answer();
  expect(rig.asked).toHaveLength(2);
  expect(rig.tcp.begun[0]?.connect.ip).toBe("10.0.9.10");
});

test("accept() resolves an endpoint that has a hostname only, or fails without an address", () => {
  const rig = new Rig().known().certified();
  rig.store.removeAddress("Kubernetes//Pod/shop/cart");
  const fields = {
    hostname: "cart.example.com",
    services: new Map([[CART, []]]),
    tunnelProtocol: "NONE",
  } as const;
  rig.store.upsertWorkload(workload("outside", fields));
  expect(rig.dial("10.96.0.7", 80).closed).toBe(true);
  expect(rig.lines).toContain('error="no address for cart.example.com"');
  rig.addresses = ["fd00::1", "192.0.2.9"];
  rig.dial("10.96.0.7", 80);
  expect(rig.tcp.begun[0]?.connect).toMatchObject({ ip: "192.0.2.9", port: 8080 });
});

test("accept() goes through the other network's gateway with a tunnel in a tunnel", () => {
  const rig = new Rig().known().certified();
  const gateway = { kind: "address", address: { network: "", ip: "10.0.7.7" }, hbonePort: 15008 } as const;
  rig.store.upsertWorkload(workload("gateway", { addresses: ["10.0.7.7"] }));
  rig.store.removeAddress("Kubernetes//Pod/shop/cart");
  rig.store.upsertWorkload(
    workload("remote", { network: "east", networkGateway: gateway, services: new Map([[CART, []]]) }),
  );
  rig.store.upsertService(
    service("cart", {
      addresses: [{ network: "", ip: "10.96.0.7", length: undefined }],
      subjectAltNames: [identity("remote")],
    }),
  );
  rig.dial("10.96.0.7", 80);
  expect(rig.doubles[0]).toMatchObject({
    authority: "cart.shop.svc.cluster.local:80",
    outer: { connect: { ip: "10.0.7.7", port: 15008 } },
    inner: { expectedIdentities: [identity("remote")] },
  });
  expect(rig.doubles[0]?.inner.headers.at(-1)).toEqual(["x-forwarded-network", ""]);
});
