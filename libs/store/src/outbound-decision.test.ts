import type { Service } from "@ambit/model/service.ts";
import { describe, expect, it } from "vitest";
import { byAddress, byHostname, service, vip } from "./testing/build.ts";
import {
  ask,
  cart,
  cartService,
  essence,
  gateway,
  gatewayService,
  proxy,
  proxyService,
  REMOTE,
  web,
} from "./testing/outbound-mesh.ts";
import type { Mesh } from "./testing/outbound-mesh.ts";

describe("resolveOutbound() carries what the proxy needs", () => {
  it("the worked example of ambient.md 13.3: identities, target and authority", () => {
    const named = {
      ...cartService,
      subjectAltNames: ["spiffe://cluster.local/ns/shop/sa/cart-2", "not a SPIFFE name"],
    };
    expect(ask({ workloads: [cart], services: [named] }, "10.96.0.7", 80)).toEqual({
      kind: "hbone",
      row: 12,
      service: named,
      target: { ip: "10.0.1.8", port: 15008 },
      authority: "10.0.1.8:8080",
      expectedIdentities: [
        "spiffe://cluster.local/ns/shop/sa/cart",
        "spiffe://cluster.local/ns/shop/sa/cart-2",
      ],
      workload: cart,
      destination: { ip: "10.0.1.8", port: 8080 },
    });
  });

  it("the same with a service waypoint: the waypoint's identity and the address that was dialled", () => {
    const behind = {
      ...cartService,
      waypoint: byHostname("proxy"),
      subjectAltNames: ["spiffe://td/ns/not/sa/used"],
    };
    const decision = ask({ workloads: [cart, proxy], services: [behind, proxyService] }, "10.96.0.7", 80);
    expect(decision).toMatchObject({
      target: { ip: "10.0.2.2", port: 15008 },
      authority: "10.96.0.7:80",
      expectedIdentities: ["spiffe://cluster.local/ns/shop/sa/proxy"],
      service: behind,
      workload: proxy,
    });
  });

  it("two sets of identities for two networks: the gateway's outside, the addressed service's inside", () => {
    const named = { ...cartService, subjectAltNames: ["spiffe://west/ns/shop/sa/cart"] };
    const mesh = { workloads: [{ ...cart, ...REMOTE }, gateway], services: [named, gatewayService] };
    expect(ask(mesh, "10.96.0.7", 80)).toMatchObject({
      expectedIdentities: ["spiffe://cluster.local/ns/shop/sa/gw", "spiffe://td/ns/gw/sa/gw"],
      innerIdentities: ["spiffe://west/ns/shop/sa/cart"],
      workload: gateway,
      service: named,
    });
  });

  it("the waypoint's names inside when the waypoint is in another network", () => {
    const remoteProxy = { ...proxyService, subjectAltNames: ["spiffe://west/ns/shop/sa/proxy"] };
    const mesh = {
      workloads: [{ ...proxy, ...REMOTE }, gateway],
      services: [{ ...cartService, waypoint: byHostname("proxy") }, remoteProxy, gatewayService],
    };
    expect(ask(mesh, "10.96.0.7", 80)).toMatchObject({ innerIdentities: ["spiffe://west/ns/shop/sa/proxy"] });
  });

  it("the name to ask discovery for when something is not known", () => {
    const missing = (mesh: Mesh, ip = "10.96.0.7"): unknown => {
      const decision = ask(mesh, ip, 80);
      return "missingKey" in decision ? decision.missingKey : "nothing to ask";
    };
    expect(missing({})).toBe("/10.96.0.7");
    expect(missing({ source: { ...web, network: "east" } })).toBe("east/10.96.0.7");
    const absent = { ...cartService, waypoint: byHostname("absent") };
    expect(missing({ services: [absent] })).toBe("shop/absent.shop.svc.cluster.local");
    expect(missing({ services: [{ ...cartService, waypoint: byAddress("10.9.9.9", "n") }] })).toBe(
      "n/10.9.9.9",
    );
    expect(
      missing({ services: [{ ...cartService, waypoint: byHostname("proxy") }, proxyService] }),
    ).toBeUndefined();
    const remote = { ...cart, ...REMOTE };
    expect(missing({ workloads: [remote], services: [cartService] })).toBe("shop/gw.shop.svc.cluster.local");
    expect(missing({ services: [cartService] })).toBeUndefined();
  });

  it("a sentence that tells an unknown waypoint from one without a healthy endpoint", () => {
    const message = (workloads: Mesh["workloads"] = [], services: Mesh["services"] = []): string => {
      const fronted = { ...cartService, waypoint: byHostname("proxy") };
      const decision = ask({ workloads, services: [fronted, ...services] }, "10.96.0.7", 80);
      return decision.kind === "fail" ? decision.message : decision.kind;
    };
    const name = "waypoint shop/proxy.shop.svc.cluster.local of shop/cart.shop.svc.cluster.local";
    expect(message()).toBe(`${name} is not known`);
    expect(message([], [proxyService])).toBe(`${name} has no healthy endpoint`);
  });

  it("a waypoint by an address that is hidden from the source's namespace", () => {
    const hidden = { ...proxyService, visibility: "NAMESPACE" } as const;
    const fronted = { ...cartService, waypoint: byAddress("10.96.0.9") };
    expect(essence(ask({ workloads: [proxy], services: [fronted, hidden] }, "10.96.0.7", 80))).toMatchObject({
      row: 3,
    });
  });

  it("no detour for a waypoint that is a workload by address, or that has a second entry", () => {
    const byIp = { ...cart, waypoint: byAddress("10.0.2.2") };
    expect(essence(ask({ source: proxy, workloads: [byIp] }, "10.0.1.8", 80))).toMatchObject({ row: 12 });
    expect(essence(ask({ workloads: [byIp, proxy] }, "10.0.1.8", 80))).toMatchObject({ row: 11 });
    const twin = {
      ...proxy,
      uid: "Kubernetes/networking.istio.io/WorkloadEntry/shop/proxy",
      services: new Map(),
    };
    const byName = { ...cart, waypoint: byHostname("proxy") };
    const mesh = { source: twin, workloads: [byName, proxy], services: [proxyService] };
    expect(essence(ask(mesh, "10.0.1.8", 80))).toMatchObject({ row: 12 });
  });

  it("the rest of the decision once a hostname is resolved", () => {
    const remote = { ...cart, addresses: [], hostname: "cart.example.com" };
    const decision = ask({ workloads: [remote], services: [cartService] }, "10.96.0.7", 80);
    expect(decision).toMatchObject({
      kind: "resolve",
      hostname: "cart.example.com",
      preferV6: false,
      row: 12,
    });
    expect(decision.kind === "resolve" && essence(decision.complete("192.0.2.7"))).toEqual({
      row: 12,
      kind: "hbone",
      to: "192.0.2.7 15008",
      authority: "192.0.2.7:8080",
    });
  });

  it("the address that was dialled when a workload has several", () => {
    const dual = { ...cart, addresses: ["10.0.1.8", "10.0.1.9"] };
    expect(essence(ask({ workloads: [dual] }, "10.0.1.9", 8080))).toMatchObject({
      authority: "10.0.1.9:8080",
    });
  });

  it("an address that is both a workload's and a service's: balanced as the service, waypoint of the workload (note a)", () => {
    const both = { ...cartService, addresses: [vip("10.0.1.8")], waypoint: byHostname("absent") };
    const fronted = { ...cart, waypoint: byHostname("proxy") };
    const mesh = { workloads: [fronted, proxy], services: [both, proxyService] };
    expect(essence(ask(mesh, "10.0.1.8", 80))).toMatchObject({
      row: 11,
      kind: "waypoint",
      authority: "10.0.1.8:80",
    });
  });
});

describe("resolveOutbound() chooses among services with one address as ambient.md 5.1", () => {
  const claim = (namespace: string, fields: Partial<Service> = {}): Service =>
    service("api", { namespace, addresses: [vip("10.96.5.5")], ...fields });
  const chosen = (services: readonly Service[]): string | undefined => {
    const decision = ask({ services }, "10.96.5.5", 80);
    return decision.service?.namespace;
  };
  it("own namespace, then canonical, then the first; never an invisible one", () => {
    expect(chosen([claim("one"), claim("two", { canonical: true }), claim("web")])).toBe("web");
    expect(chosen([claim("one"), claim("two", { canonical: true })])).toBe("two");
    expect(chosen([claim("one"), claim("two")])).toBe("one");
    expect(chosen([claim("one", { visibility: "NAMESPACE" }), claim("two")])).toBe("two");
    expect(chosen([claim("one", { visibility: "NAMESPACE" })])).toBeUndefined();
  });

  it("an exact address before a block; of blocks own namespace, longest prefix, canonical", () => {
    const inBlock = (namespace: string, length: number, canonical = false): Service =>
      claim(namespace, { addresses: [vip("10.96.0.0", length)], canonical });
    expect(chosen([inBlock("web", 24), claim("one")])).toBe("one");
    expect(chosen([inBlock("one", 20), inBlock("web", 16)])).toBe("web");
    expect(chosen([inBlock("one", 16, true), inBlock("two", 20)])).toBe("two");
    expect(chosen([inBlock("one", 16), inBlock("two", 16, true)])).toBe("two");
    expect(chosen([inBlock("two", 16, true), inBlock("one", 16)])).toBe("two");
    expect(chosen([{ ...inBlock("one", 20), visibility: "NAMESPACE" }, inBlock("two", 16)])).toBe("two");
  });
});
