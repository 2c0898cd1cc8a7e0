import { seededRandom } from "@ambit/base/random.ts";
import type { Service } from "@ambit/model/service.ts";
import type { Workload } from "@ambit/model/workload.ts";
import { describe, expect, it } from "vitest";
import { defaultSearchDomains, dnsAliases, dnsWildcards } from "./dns-names.ts";
import { resolveName } from "./dns.ts";
import type { DnsOptions } from "./dns.ts";
import { MeshStore } from "./mesh-store.ts";
import { serves, service, vip, workload } from "./testing/build.ts";

const client = workload("client", { namespace: "shop", addresses: ["10.0.0.5"] });
const cart = service("cart", { addresses: [vip("10.96.0.7")] });

function ask(
  known: { readonly services: readonly Service[]; readonly workloads?: readonly Workload[] },
  name: string,
  type = "A",
  options: Partial<DnsOptions> = {},
): unknown {
  const store = new MeshStore();
  for (const item of known.workloads ?? []) store.upsertWorkload(item);
  for (const item of known.services) store.upsertService(item);
  const all = { clusterDomain: "cluster.local", random: seededRandom(1), ...options };
  const answer = resolveName(store, client, { name, type }, all);
  if (answer.kind === "forward") return "forward";
  return answer.records.map((record) =>
    record.type === "CNAME"
      ? `${record.name} CNAME ${record.target}`
      : `${record.name} ${record.type} ${record.ip}`,
  );
}

describe("dnsAliases() lists the forms of ambient.md 10", () => {
  const of = (name: string): string[] =>
    dnsAliases(name, "shop", "cluster.local", defaultSearchDomains("shop", "cluster.local")).map((alias) =>
      alias.stripped === undefined ? alias.name : `${alias.name} (${alias.stripped})`,
    );

  it("adds the own namespace to one label", () => {
    expect(of("cart")).toEqual(["cart", "cart.shop.svc.cluster.local"]);
  });

  it("adds the service domain and the own namespace to two labels", () => {
    expect(of("cart.web")).toEqual([
      "cart.web",
      "cart.web.svc.cluster.local",
      "cart.web.shop.svc.cluster.local",
    ]);
  });

  it("adds the cluster domain to three labels that end in svc, and nothing to others", () => {
    expect(of("cart.web.svc")).toEqual(["cart.web.svc", "cart.web.svc.cluster.local"]);
    expect(of("www.example.com")).toEqual(["www.example.com"]);
  });

  it("repeats that after cutting off each search domain", () => {
    expect(of("db.example.shop.svc.cluster.local")).toEqual([
      "db.example.shop.svc.cluster.local",
      "db.example (db.example)",
      "db.example.svc.cluster.local (db.example)",
      "db.example.shop (db.example.shop)",
      "db.example.shop.svc (db.example.shop.svc)",
    ]);
  });

  it("wildcards go from the longest suffix to the shortest", () => {
    expect(dnsWildcards("a.b.c")).toEqual(["*.b.c", "*.c"]);
  });
});

describe("resolveName() answers after the table of ambient.md 10", () => {
  it("finds a service by its short, namespaced and full names", () => {
    for (const name of [
      "cart",
      "cart.shop",
      "cart.shop.svc",
      "cart.shop.svc.cluster.local",
      "CART.shop.svc.cluster.local.",
    ]) {
      expect(ask({ services: [cart] }, name)).toEqual([`${name.replace(/\.$/, "")} A 10.96.0.7`]);
    }
  });

  it("forwards unknown names and other types", () => {
    expect(ask({ services: [cart] }, "www.example.com")).toBe("forward");
    expect(ask({ services: [cart] }, "cart", "SRV")).toBe("forward");
  });

  it("answers nothing, not even an error, for a family the name does not have", () => {
    expect(ask({ services: [cart] }, "cart", "AAAA")).toEqual([]);
  });

  it("answers AAAA only while IPv6 is on", () => {
    const dual = { ...cart, addresses: [vip("10.96.0.7"), vip("fd00::7")] };
    expect(ask({ services: [dual] }, "cart", "AAAA")).toEqual(["cart AAAA fd00::7"]);
    expect(ask({ services: [dual] }, "cart", "AAAA", { ipv6: false })).toEqual([]);
  });

  it("gives one address per endpoint of a headless service, healthy ones of the own network only", () => {
    const headless = service("db");
    const workloads = [
      workload("db-0", { addresses: ["10.0.1.1", "10.0.9.1", "fd00::1"], services: serves("db") }),
      workload("db-1", { addresses: ["10.0.1.2"], services: serves("db"), status: "UNHEALTHY" }),
      workload("db-2", { addresses: ["10.0.1.3"], services: serves("db"), network: "west" }),
    ];
    expect(ask({ services: [headless], workloads }, "db")).toEqual(["db A 10.0.1.1"]);
    expect(ask({ services: [headless], workloads }, "db", "AAAA")).toEqual(["db AAAA fd00::1"]);
  });

  it("includes unready endpoints of a headless service that publishes them", () => {
    const headless = service("db", {
      loadBalancing: { mode: "UNSPECIFIED", routingPreference: [], healthPolicy: "ALLOW_ALL" },
    });
    const down = workload("db-1", { addresses: ["10.0.1.2"], services: serves("db"), status: "UNHEALTHY" });
    expect(ask({ services: [headless], workloads: [down] }, "db")).toEqual(["db A 10.0.1.2"]);
  });

  it("forwards a name outside Kubernetes that has no single address", () => {
    const external = service("ext", { hostname: "api.example.com", addresses: [] });
    expect(ask({ services: [external] }, "api.example.com")).toBe("forward");
    expect(ask({ services: [{ ...external, addresses: [vip("10.9.0.0", 16)] }] }, "api.example.com")).toBe(
      "forward",
    );
  });

  it("never answers with a block, but with the single addresses beside it", () => {
    const external = service("ext", {
      hostname: "api.example.com",
      addresses: [vip("10.9.0.0", 16), vip("10.9.9.9", 32)],
    });
    expect(ask({ services: [external] }, "api.example.com")).toEqual(["api.example.com A 10.9.9.9"]);
  });

  it("leaves out addresses of other networks", () => {
    const elsewhere = { ...cart, addresses: [{ network: "west", ip: "10.96.0.7", length: undefined }] };
    expect(ask({ services: [elsewhere] }, "cart")).toEqual([]);
  });

  it("prefers the exact name, then the longest wildcard", () => {
    const any = service("any", { hostname: "*.com", addresses: [vip("10.96.1.1")] });
    const wild = service("wild", { hostname: "*.example.com", addresses: [vip("10.96.1.2")] });
    const exact = service("exact", { hostname: "www.example.com", addresses: [vip("10.96.1.3")] });
    expect(ask({ services: [any, wild, exact] }, "www.example.com")).toEqual(["www.example.com A 10.96.1.3"]);
    expect(ask({ services: [any, wild] }, "www.example.com")).toEqual(["www.example.com A 10.96.1.2"]);
    expect(ask({ services: [any] }, "www.example.com")).toEqual(["www.example.com A 10.96.1.1"]);
  });

  it("points a CNAME at the name without the search domain, except for a wildcard", () => {
    const exact = service("exact", { hostname: "www.example.com", addresses: [vip("10.96.1.3")] });
    const asked = "www.example.com.shop.svc.cluster.local";
    expect(ask({ services: [exact] }, asked)).toEqual([
      `${asked} CNAME www.example.com`,
      "www.example.com A 10.96.1.3",
    ]);
    const wild = { ...exact, hostname: "*.example.com" };
    expect(ask({ services: [wild] }, asked)).toEqual([`${asked} A 10.96.1.3`]);
  });

  it("chooses the client's namespace, then canonical, then the preferred one, then the first", () => {
    const at = (namespace: string, ip: string, canonical = false): Service =>
      service("x", { namespace, hostname: "api.example.com", addresses: [vip(ip)], canonical });
    const one = at("one", "10.0.0.1");
    const two = at("two", "10.0.0.2");
    const canonical = at("three", "10.0.0.3", true);
    const own = at("shop", "10.0.0.4");
    const first = (services: readonly Service[]): unknown =>
      ask({ services }, "api.example.com", "A", { preferredNamespace: "two" });
    expect(first([one, two, canonical, own])).toEqual(["api.example.com A 10.0.0.4"]);
    expect(first([one, two, canonical])).toEqual(["api.example.com A 10.0.0.3"]);
    expect(first([one, two])).toEqual(["api.example.com A 10.0.0.2"]);
    expect(ask({ services: [one, two] }, "api.example.com")).toEqual(["api.example.com A 10.0.0.1"]);
  });

  it("does not answer with a service the client's namespace may not use", () => {
    const hidden = service("x", {
      namespace: "one",
      hostname: "api.example.com",
      addresses: [vip("10.0.0.1")],
      visibility: "NAMESPACE",
    });
    expect(ask({ services: [hidden] }, "api.example.com")).toBe("forward");
  });
});
