import type { Service } from "@ambit/model/service.ts";
import type { ApplicationTunnel, Workload } from "@ambit/model/workload.ts";
import { describe, expect, it } from "vitest";
import { resolveInbound, resolveInboundPlaintext } from "./inbound.ts";
import type { InboundDecision, InboundDeps } from "./inbound.ts";
import { MeshStore } from "./mesh-store.ts";
import { byAddress, byHostname, port, serves, service, vip, workload } from "./testing/build.ts";

const cart = workload("cart", { addresses: ["10.0.1.8"], services: serves("cart") });
const cartService = service("cart", {
  addresses: [vip("10.96.0.7"), vip("fd00::7")],
  ports: [port(80, 8080), port(90, 0)],
});
const proxy = workload("proxy", { addresses: ["10.0.2.2"], services: serves("proxy") });
const proxyService = service("proxy", { addresses: [vip("10.96.0.9")], ports: [port(15008, 15008)] });
const HOST = "cart.shop.svc.cluster.local";

interface Case {
  readonly local?: Workload | undefined;
  readonly workloads?: readonly Workload[];
  readonly services?: readonly Service[];
  readonly method?: string;
  readonly localIp?: string;
  readonly deps?: InboundDeps;
}

function ask(authority: string | undefined, situation: Case = {}): InboundDecision {
  const store = new MeshStore();
  const local = "local" in situation ? situation.local : cart;
  for (const item of [...(situation.workloads ?? []), ...(local === undefined ? [] : [local])])
    store.upsertWorkload(item);
  for (const item of situation.services ?? [cartService]) store.upsertService(item);
  const localIp = situation.localIp ?? local?.addresses[0] ?? "10.0.1.8";
  return resolveInbound(
    store,
    local,
    { method: situation.method ?? "CONNECT", authority, localIp },
    situation.deps,
  );
}

function essence(decision: InboundDecision): string {
  if (decision.kind === "refuse") return `${decision.status} ${decision.reason}`;
  const { destination, connect, proxyDestination } = decision;
  const to = connect.ip === destination.ip ? "" : ` via ${connect.ip}:${connect.port}`;
  const header =
    proxyDestination === undefined ? "" : ` header ${proxyDestination.ip}:${proxyDestination.port}`;
  return `${destination.ip}:${destination.port}${to}${header}`;
}

const tunnel = (protocol: ApplicationTunnel["protocol"], to: number): Workload => ({
  ...cart,
  applicationTunnel: { protocol, port: to },
});

describe("resolveInbound() refuses as ambient.md 4.5", () => {
  it.each<[string, string | undefined, Case, string]>([
    ["another method", "10.0.1.8:8080", { method: "GET" }, "400 not-connect"],
    ["no authority", undefined, {}, "400 bad-authority"],
    ["an authority without port", "10.0.1.8", {}, "400 bad-authority"],
    ["an authority with port 0", "10.0.1.8:0", {}, "400 bad-authority"],
    ["a local workload that is not known", "10.0.1.8:8080", { local: undefined }, "503 unknown-workload"],
    ["a bad authority before an unknown workload", "x", { local: undefined }, "400 bad-authority"],
    ["a foreign address", "10.0.9.9:8080", {}, "400 not-for-this-workload"],
    ["a hostname nobody has", "db.shop.svc.cluster.local:80", {}, "503 not-for-this-workload"],
    ["a hostname that leads to others", HOST, { services: [cartService] }, "400 bad-authority"],
    [
      "a hostname of a service this pod is not behind",
      `${HOST}:80`,
      { local: proxy },
      "503 not-for-this-workload",
    ],
    ["a port the service does not have", `${HOST}:81`, {}, "503 no-such-port"],
    ["a named port this pod does not map", `${HOST}:90`, {}, "503 no-such-port"],
    ["port 15001", "10.0.1.8:15001", {}, "503 own-port"],
    ["port 15006", "10.0.1.8:15006", {}, "503 own-port"],
    ["port 15008", "10.0.1.8:15008", {}, "503 own-port"],
    [
      "an own port behind a hostname",
      `${HOST}:80`,
      { services: [{ ...cartService, ports: [port(80, 15008)] }] },
      "503 own-port",
    ],
  ])("%s", (_name, authority, situation, wanted) => {
    expect(essence(ask(authority, situation))).toBe(wanted);
  });
});

describe("resolveInbound() follows the rows of ambient.md 5.3", () => {
  it("row 1: a hostname is mapped to the target port on this pod", () => {
    const decision = ask(`${HOST}:80`);
    expect(essence(decision)).toBe("10.0.1.8:8080");
    expect(decision).toMatchObject({ service: { name: "cart" } });
    const maps = { ...cart, services: new Map([[`shop/${HOST}`, [port(80, 9000)]]]) };
    expect(essence(ask(`${HOST}:80`, { local: maps }))).toBe("10.0.1.8:9000");
  });

  it("row 1: of several services with the hostname, the one in the pod's namespace, else one it serves", () => {
    const foreign = { ...cartService, namespace: "web", ports: [port(80, 7000)] };
    expect(essence(ask(`${HOST}:80`, { services: [foreign, cartService] }))).toBe("10.0.1.8:8080");
    const servesForeign = { ...cart, services: new Map([[`web/${HOST}`, []]]) };
    expect(essence(ask(`${HOST}:80`, { services: [foreign], local: servesForeign }))).toBe("10.0.1.8:7000");
  });

  it("row 2: the own address, IPv6 in any spelling", () => {
    expect(essence(ask("10.0.1.8:8080"))).toBe("10.0.1.8:8080");
    const v6 = { ...cart, addresses: ["fd00::8"] };
    expect(essence(ask("[fd00:0:0::8]:8080", { local: v6 }))).toBe("fd00::8:8080");
  });

  it.each([
    ["NONE with a port", tunnel("NONE", 15088), "10.0.1.8:15088"],
    ["NONE without a port", tunnel("NONE", 0), "10.0.1.8:80"],
    ["PROXY over loopback", tunnel("PROXY", 15088), "10.0.1.8:15088 via 127.0.0.1:15088 header 10.96.0.1:80"],
  ])("row 3: any address for an application tunnel: %s", (_name, local, wanted) => {
    expect(essence(ask("10.96.0.1:80", { local }))).toBe(wanted);
  });

  it("row 3: PROXY without loopback, over IPv6, and for a hostname", () => {
    const local = tunnel("PROXY", 0);
    const deps = { localhostAppTunnel: false };
    expect(essence(ask("10.96.0.1:80", { local, deps }))).toBe("10.0.1.8:80 header 10.96.0.1:80");
    const v6 = { ...local, addresses: ["fd00::8"] };
    expect(essence(ask("[fd00::99]:80", { local: v6 }))).toBe("fd00::8:80 via ::1:80 header fd00::99:80");
    expect(essence(ask(`${HOST}:80`, { local, deps }))).toBe("10.0.1.8:8080 header 10.96.0.7:80");
  });

  it("row 3: the PROXY header names an address of the own network first, then IPv4", () => {
    const west = { network: "west", ip: "10.96.9.9", length: undefined };
    const deps = { localhostAppTunnel: false };
    const local = tunnel("PROXY", 0);
    const named = (addresses: Service["addresses"]): string =>
      essence(ask(`${HOST}:80`, { local, deps, services: [{ ...cartService, addresses }] }));
    expect(named([west, vip("fd00::7"), vip("10.96.0.7")])).toContain("header 10.96.0.7:80");
    expect(named([west, vip("fd00::7")])).toContain("header fd00::7:80");
    expect(named([west])).toContain("header 10.96.9.9:80");
    expect(named([])).toBe("503 no-virtual-address");
  });

  const sandwiched: readonly [string, string, readonly Workload[], readonly Service[]][] = [
    [
      "a service by its waypoint's hostname",
      "10.96.0.7:80",
      [],
      [{ ...cartService, waypoint: byHostname("proxy") }, proxyService],
    ],
    [
      "a service by its waypoint's virtual address",
      "10.96.0.7:80",
      [],
      [{ ...cartService, waypoint: byAddress("10.96.0.9") }, proxyService],
    ],
    [
      "a service by this pod's address",
      "10.96.0.7:80",
      [],
      [{ ...cartService, waypoint: byAddress("10.0.2.2") }],
    ],
    [
      "a service by a weighted waypoint",
      "10.96.0.7:80",
      [],
      [
        { ...cartService, weightedWaypoints: [{ destination: byHostname("proxy"), weight: 1 }] },
        proxyService,
      ],
    ],
    ["a workload", "10.0.1.8:80", [{ ...cart, waypoint: byHostname("proxy") }], [proxyService]],
  ];
  it.each(sandwiched)("row 4: the pod is the waypoint of %s", (_name, authority, workloads, services) => {
    expect(essence(ask(authority, { local: proxy, workloads, services }))).toBe("10.0.2.2:80");
  });

  it("row 1 for a waypoint: a hostname of a service it stands before, or any when it has an application tunnel", () => {
    const before = [{ ...cartService, waypoint: byHostname("proxy") }, proxyService];
    expect(essence(ask(`${HOST}:80`, { local: proxy, services: before }))).toBe("10.0.2.2:8080");
    const tunnelled = { ...proxy, applicationTunnel: { protocol: "PROXY", port: 15088 } } as const;
    const wanted = "10.0.2.2:15088 via 127.0.0.1:15088 header 10.96.0.7:90";
    expect(essence(ask(`${HOST}:90`, { local: tunnelled }))).toBe(wanted);
  });

  it("row 4: also of a service that hides from the waypoint's namespace", () => {
    const hidden = {
      ...cartService,
      namespace: "web",
      visibility: "NAMESPACE",
      waypoint: byHostname("proxy"),
    } as const;
    expect(essence(ask("10.96.0.7:80", { local: proxy, services: [hidden, proxyService] }))).toBe(
      "10.0.2.2:80",
    );
  });

  it("row 5: a waypoint of others is no reason", () => {
    const services = [{ ...cartService, waypoint: byHostname("other") }, proxyService];
    expect(essence(ask("10.96.0.7:80", { local: proxy, services }))).toBe("400 not-for-this-workload");
  });
});

describe("resolveInboundPlaintext()", () => {
  it("goes to the original destination, but not to the proxy's own ports", () => {
    expect(essence(resolveInboundPlaintext(cart, { ip: "10.0.1.8", port: 8080 }))).toBe("10.0.1.8:8080");
    expect(essence(resolveInboundPlaintext(cart, { ip: "10.0.1.8", port: 15006 }))).toBe("503 own-port");
    expect(essence(resolveInboundPlaintext(undefined, { ip: "10.0.1.8", port: 8080 }))).toBe(
      "503 unknown-workload",
    );
    const deps = { ownPorts: new Set([15080]) };
    expect(essence(resolveInboundPlaintext(cart, { ip: "10.0.1.8", port: 15080 }, deps))).toBe(
      "503 own-port",
    );
  });
});
