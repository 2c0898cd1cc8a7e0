import { describe, expect, it } from "vitest";
import { byAddress, byHostname, port, vip, workload } from "./testing/build.ts";
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
} from "./testing/outbound-mesh.ts";
import type { Mesh } from "./testing/outbound-mesh.ts";

describe("resolveOutbound() follows the table of ambient.md 5.1", () => {
  const rows: readonly [string, Mesh, string, number, Record<string, unknown>][] = [
    [
      "row 1: the proxy's own port on loopback",
      {},
      "127.0.0.1",
      15001,
      { row: 1, kind: "refuse", reason: "self-call" },
    ],
    ["row 1: also 15006 on ::1", {}, "::1", 15006, { row: 1, kind: "refuse", reason: "self-call" }],
    [
      "row 1 only on loopback: 15008 of a foreign address passes",
      {},
      "198.51.100.1",
      15008,
      { row: 9, kind: "passthrough", to: "198.51.100.1 15008" },
    ],
    [
      "row 2: weighted waypoints win over the single one",
      {
        workloads: [cart, proxy],
        services: [
          {
            ...cartService,
            waypoint: byHostname("absent"),
            weightedWaypoints: [{ destination: byHostname("proxy"), weight: 1 }],
          },
          proxyService,
        ],
      },
      "10.96.0.7",
      80,
      { row: 2, kind: "waypoint", to: "10.0.2.2 15008", authority: "10.96.0.7:80" },
    ],
    [
      "row 2: all weights 0 fall back to the single one",
      {
        workloads: [cart, proxy],
        services: [
          {
            ...cartService,
            waypoint: byHostname("proxy"),
            weightedWaypoints: [{ destination: byHostname("absent"), weight: 0 }],
          },
          proxyService,
        ],
      },
      "10.96.0.7",
      80,
      { row: 3, kind: "waypoint", to: "10.0.2.2 15008", authority: "10.96.0.7:80" },
    ],
    [
      "row 3: a waypoint by virtual address",
      {
        workloads: [cart, proxy],
        services: [{ ...cartService, waypoint: byAddress("10.96.0.9") }, proxyService],
      },
      "10.96.0.7",
      80,
      { row: 3, kind: "waypoint", to: "10.0.2.2 15008", authority: "10.96.0.7:80" },
    ],
    [
      "row 3: a waypoint by workload address",
      {
        workloads: [cart, proxy],
        services: [{ ...cartService, waypoint: byAddress("10.0.2.2", "", 15088) }],
      },
      "10.96.0.7",
      80,
      { row: 3, kind: "waypoint", to: "10.0.2.2 15088", authority: "10.96.0.7:80" },
    ],
    [
      "row 3: an unset port of the waypoint means 15008",
      { workloads: [cart, proxy], services: [{ ...cartService, waypoint: byAddress("10.0.2.2", "", 0) }] },
      "10.96.0.7",
      80,
      { row: 3, kind: "waypoint", to: "10.0.2.2 15008", authority: "10.96.0.7:80" },
    ],
    [
      "row 3: a waypoint with an application tunnel needs no service port",
      {
        workloads: [cart, { ...proxy, applicationTunnel: { protocol: "PROXY", port: 15088 } }],
        services: [
          { ...cartService, waypoint: byHostname("proxy") },
          { ...proxyService, ports: [] },
        ],
      },
      "10.96.0.7",
      80,
      { row: 3, kind: "waypoint", to: "10.0.2.2 15008", authority: "10.96.0.7:80" },
    ],
    [
      "row 4: an unknown waypoint fails instead of being bypassed",
      { workloads: [cart], services: [{ ...cartService, waypoint: byHostname("absent") }] },
      "10.96.0.7",
      80,
      { row: 4, kind: "fail", reason: "waypoint-unavailable" },
    ],
    [
      "row 4: so does one without a healthy endpoint",
      {
        workloads: [cart, { ...proxy, status: "UNHEALTHY" }],
        services: [{ ...cartService, waypoint: byHostname("proxy") }, proxyService],
      },
      "10.96.0.7",
      80,
      { row: 4, kind: "fail", reason: "waypoint-unavailable" },
    ],
    [
      "row 5: a waypoint in another network is reached through its gateway",
      {
        workloads: [cart, { ...proxy, ...REMOTE }, gateway],
        services: [{ ...cartService, waypoint: byHostname("proxy") }, proxyService, gatewayService],
      },
      "10.96.0.7",
      80,
      { row: 5, kind: "double-hbone", to: "192.0.2.1 15009", authority: "cart.shop.svc.cluster.local:80" },
    ],
    [
      "row 6: a PASSTHROUGH service",
      {
        workloads: [cart],
        services: [
          {
            ...cartService,
            loadBalancing: { mode: "PASSTHROUGH", routingPreference: [], healthPolicy: "ALLOW_ALL" },
          },
        ],
      },
      "10.96.0.7",
      80,
      { row: 6, kind: "passthrough", to: "10.96.0.7 80" },
    ],
    [
      "row 7 then 12: the service's target port",
      { workloads: [cart], services: [cartService] },
      "10.96.0.7",
      80,
      { row: 12, kind: "hbone", to: "10.0.1.8 15008", authority: "10.0.1.8:8080" },
    ],
    [
      "row 7: the endpoint's own mapping comes first",
      {
        workloads: [{ ...cart, services: new Map([["shop/cart.shop.svc.cluster.local", [port(80, 9999)]]]) }],
        services: [cartService],
      },
      "10.96.0.7",
      80,
      { row: 12, kind: "hbone", to: "10.0.1.8 15008", authority: "10.0.1.8:9999" },
    ],
    [
      "row 7: a service reached by a block of addresses",
      { workloads: [cart], services: [{ ...cartService, addresses: [vip("10.97.0.0", 16)] }] },
      "10.97.3.4",
      80,
      { row: 12, kind: "hbone", to: "10.0.1.8 15008", authority: "10.0.1.8:8080" },
    ],
    [
      "row 8: no endpoint",
      { services: [cartService] },
      "10.96.0.7",
      80,
      { row: 8, kind: "fail", reason: "no-healthy-upstream" },
    ],
    [
      "row 8: not a port of the service",
      { workloads: [cart], services: [cartService] },
      "10.96.0.7",
      81,
      { row: 8, kind: "fail", reason: "no-healthy-upstream" },
    ],
    [
      "row 8: a named target port that no endpoint maps",
      { workloads: [cart], services: [{ ...cartService, ports: [port(80, 0)] }] },
      "10.96.0.7",
      80,
      { row: 8, kind: "fail", reason: "no-healthy-upstream" },
    ],
    [
      "row 9: nothing known",
      { workloads: [cart] },
      "203.0.113.9",
      443,
      { row: 9, kind: "passthrough", to: "203.0.113.9 443" },
    ],
    [
      "row 9: a host-network pod dialled directly",
      { workloads: [{ ...cart, hostNetwork: true }] },
      "10.0.1.8",
      80,
      { row: 9, kind: "passthrough", to: "10.0.1.8 80" },
    ],
    [
      "row 9: a service of another namespace that is not visible",
      { workloads: [cart], services: [{ ...cartService, visibility: "NAMESPACE" }] },
      "10.96.0.7",
      80,
      { row: 9, kind: "passthrough", to: "10.96.0.7 80" },
    ],
    [
      "row 10: an endpoint in another network",
      { workloads: [{ ...cart, ...REMOTE }, gateway], services: [cartService, gatewayService] },
      "10.96.0.7",
      80,
      { row: 10, kind: "double-hbone", to: "192.0.2.1 15009", authority: "cart.shop.svc.cluster.local:80" },
    ],
    [
      "row 10: without a gateway",
      { workloads: [{ ...cart, network: "west" }], services: [cartService] },
      "10.96.0.7",
      80,
      { row: 10, kind: "fail", reason: "no-network-gateway" },
    ],
    [
      "row 10: with a gateway that is not known",
      { workloads: [{ ...cart, ...REMOTE }], services: [cartService] },
      "10.96.0.7",
      80,
      { row: 10, kind: "fail", reason: "no-network-gateway" },
    ],
    [
      "row 11: a workload addressed by its own address, with a waypoint",
      {
        workloads: [{ ...cart, waypoint: byHostname("proxy") }, proxy],
        services: [cartService, proxyService],
      },
      "10.0.1.8",
      8080,
      { row: 11, kind: "waypoint", to: "10.0.2.2 15008", authority: "10.0.1.8:8080" },
    ],
    [
      "row 11: the waypoint itself goes straight",
      { source: proxy, workloads: [{ ...cart, waypoint: byHostname("proxy") }], services: [proxyService] },
      "10.0.1.8",
      8080,
      { row: 12, kind: "hbone", to: "10.0.1.8 15008", authority: "10.0.1.8:8080" },
    ],
    [
      "row 11: the waypoint's identity from another address does not count",
      {
        source: workload("proxy2", { serviceAccount: "proxy", addresses: ["10.0.2.3"] }),
        workloads: [{ ...cart, waypoint: byHostname("proxy") }, proxy],
        services: [proxyService],
      },
      "10.0.1.8",
      8080,
      { row: 11, kind: "waypoint", to: "10.0.2.2 15008", authority: "10.0.1.8:8080" },
    ],
    [
      "note b: the workload's waypoint is skipped when the service was addressed",
      {
        workloads: [{ ...cart, waypoint: byHostname("proxy") }, proxy],
        services: [cartService, proxyService],
      },
      "10.96.0.7",
      80,
      { row: 12, kind: "hbone", to: "10.0.1.8 15008", authority: "10.0.1.8:8080" },
    ],
    [
      "row 12: by pod address, IPv6",
      { workloads: [{ ...cart, addresses: ["10.0.1.8", "fd00::8"] }] },
      "fd00::8",
      8080,
      { row: 12, kind: "hbone", to: "fd00::8 15008", authority: "[fd00::8]:8080" },
    ],
    [
      "row 13: an endpoint outside the mesh",
      { workloads: [{ ...cart, tunnelProtocol: "NONE" }], services: [cartService] },
      "10.96.0.7",
      80,
      { row: 13, kind: "tcp", to: "10.0.1.8 8080" },
    ],
    [
      "note e: a host-network pod through a service",
      { workloads: [{ ...cart, hostNetwork: true, tunnelProtocol: "NONE" }], services: [cartService] },
      "10.96.0.7",
      80,
      { row: 13, kind: "tcp", to: "10.0.1.8 8080" },
    ],
    [
      "note f: an endpoint with a hostname only",
      {
        workloads: [{ ...cart, addresses: [], hostname: "db.example.com", tunnelProtocol: "NONE" }],
        services: [cartService],
      },
      "10.96.0.7",
      80,
      { row: 13, kind: "resolve", hostname: "db.example.com" },
    ],
    [
      "no address of a family that the service allows",
      { workloads: [cart], services: [{ ...cartService, ipFamilies: "IPV6_ONLY" }] },
      "10.96.0.7",
      80,
      { row: 12, kind: "fail", reason: "no-valid-address" },
    ],
  ];
  it.each(rows)("%s", (_name, mesh, ip, to, expected) => {
    expect(essence(ask(mesh, ip, to))).toEqual(expected);
  });
});
