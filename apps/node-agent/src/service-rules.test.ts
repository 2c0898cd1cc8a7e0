import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { serviceRules } from "./service-rules.ts";
import { ServiceAddresses, targetPort, viewServices } from "./service-view.ts";
import { backend, service } from "./testing/services.ts";

describe("serviceRules()", () => {
  test("spreads each port over the ready pods, refuses the rest, and hides a pod from itself", () => {
    const services = [
      service("web", { clusterIPs: ["10.96.0.7", "fd00:10:96::7"] }),
      service("dns", { clusterIPs: ["10.96.0.8"], port: 53, targetPort: 5353, protocol: "UDP" }),
      service("empty", { clusterIPs: ["10.96.0.9"], selector: { app: "nothing" } }),
      service("headless", { clusterIPs: ["None"] }),
    ];
    const pods = [
      backend("web-1", ["10.244.1.2", "fd00:10:244:1::2"]),
      backend("web-2", ["10.244.2.2", "fd00:10:244:2::2"]),
      backend("web-3", ["10.244.2.3"], { ready: false }),
    ];
    const golden = readFileSync(join(import.meta.dirname, "testdata/services.nft"), "utf8");
    expect(serviceRules(viewServices(services, pods, new ServiceAddresses()), true)).toBe(golden);
  });

  test("leaves IPv6 addresses out where the kernel has none", () => {
    const views = viewServices(
      [service("web", { clusterIPs: ["10.96.0.7", "fd00:10:96::7"] })],
      [backend("web-1", ["10.244.1.2", "fd00:10:244:1::2"])],
      new ServiceAddresses(),
    );
    expect(serviceRules(views, false)).not.toContain("fd00:10:96::7 ");
  });
});

describe("viewServices()", () => {
  test("takes ready pods of the namespace that match, and unready ones where they are published", () => {
    const pods = [
      backend("web-1", ["10.244.1.2"]),
      backend("web-2", ["10.244.1.3"], { ready: false }),
      backend("web-3", ["10.244.1.4"], { namespace: "other" }),
      backend("db-1", ["10.244.1.5"], { labels: { app: "db" } }),
      backend("web-4", []),
    ];
    const services = [service("web"), service("eager", { publishNotReadyAddresses: true })];
    const views = viewServices(services, pods, new ServiceAddresses());
    expect(views.map((view) => view.backends.map((pod) => pod.name))).toEqual([
      ["web-1"],
      ["web-1", "web-2"],
    ]);
  });

  test("keeps to the service's address families: IPv4 alone unless it asks for more", () => {
    const pods = [backend("web-1", ["10.244.1.2", "fd00::2"])];
    const services = [
      service("plain", { clusterIPs: ["None"] }),
      service("six", { clusterIPs: ["None"], ipFamilies: ["IPv6"] }),
      service("dual", { clusterIPs: ["None"], ipFamilyPolicy: "PreferDualStack" }),
    ];
    const views = viewServices(services, pods, new ServiceAddresses());
    expect(views.map((view) => view.backends[0]?.ips)).toEqual([
      ["10.244.1.2"],
      ["fd00::2"],
      ["10.244.1.2", "fd00::2"],
    ]);
  });

  test("gives a service without a selector no pods", () => {
    const [view] = viewServices(
      [service("any", { selector: {} })],
      [backend("a", ["10.0.0.1"])],
      new ServiceAddresses(),
    );
    expect(view?.backends).toEqual([]);
  });
});

describe("ServiceAddresses", () => {
  test("gives the same service the same address every time, and both families when asked", () => {
    const [first, second] = [new ServiceAddresses(), new ServiceAddresses()];
    const web = service("web", { ipFamilyPolicy: "PreferDualStack" });
    first.update([web]);
    second.update([service("other"), web]);
    expect(first.of(web)).toEqual(second.of(web));
    expect(first.of(web)).toEqual([
      expect.stringMatching(/^10\.96\./),
      expect.stringMatching(/^fd00:10:96::/),
    ]);
  });

  test("takes an address back with its service", () => {
    const addresses = new ServiceAddresses();
    const web = service("web");
    addresses.update([web]);
    addresses.update([]);
    expect(addresses.of(web)).toEqual([]);
  });
});

describe("targetPort()", () => {
  test("finds a named port by name and protocol", () => {
    const pod = backend("web-1", ["10.0.0.1"], {
      ports: [
        { name: "http", containerPort: 53, protocol: "UDP" },
        { name: "http", containerPort: 8080, protocol: "TCP" },
      ],
    });
    const port = { name: "", port: 80, targetPort: "http", protocol: "TCP" as const, appProtocol: undefined };
    expect(targetPort(port, pod)).toBe(8080);
    expect(targetPort({ ...port, targetPort: "none" }, pod)).toBeUndefined();
  });
});
