import { describe, expect, test } from "vitest";
import { PodAddressPool, planNodes } from "./address-plan.ts";
import { namespaceName, nodeEnd, podEnd, podFiles } from "./pod-sandbox.ts";
import { bridgeSide, nodeSide } from "./topology.ts";

const NODES = planNodes(["node-a", "node-b"]);
const [node, other] = NODES as unknown as [(typeof NODES)[number], (typeof NODES)[number]];
const place = new PodAddressPool(node).allocate();

describe("planNodes()", () => {
  test("gives every node its addresses by its place", () => {
    expect([node.underlay, node.podCidr, node.gateway]).toEqual([
      "172.30.0.11",
      "10.244.1.0/24",
      "10.244.1.1",
    ]);
    expect([other.underlay, other.podCidr, other.gateway]).toEqual([
      "172.30.0.12",
      "10.244.2.0/24",
      "10.244.2.1",
    ]);
  });
});

describe("PodAddressPool", () => {
  test("hands out each address once and a freed one as late as possible", () => {
    const pool = new PodAddressPool(node);
    const first = pool.allocate();
    expect([first.ip, first.ip6]).toEqual(["10.244.1.2", "fd00:10:244:1::2"]);
    pool.release(first.host);
    expect(pool.allocate().ip).toBe("10.244.1.3");
    for (let count = 0; count < 251; count++) pool.allocate();
    expect(pool.allocate().ip).toBe("10.244.1.2");
    expect(() => pool.allocate()).toThrow("no pod address left");
  });
});

describe("nodeSide() and bridgeSide()", () => {
  test("link the node to the bridge and route to the other nodes' pods", () => {
    expect(bridgeSide(node)).toEqual([
      "link add node1 type veth peer name eth0 netns node-a",
      "link set node1 master ambit0 up",
    ]);
    const lines = nodeSide(node, NODES, false);
    expect(lines).toContain("addr add 10.96.0.10/32 dev lo");
    expect(lines).toContain("addr add 169.254.7.127/32 dev lo");
    expect(lines).toContain("route add 10.244.2.0/24 via 172.30.0.12");
    expect(lines.some((line) => line.includes("10.244.1.0/24"))).toBe(false);
    expect(lines.some((line) => line.includes("fd00"))).toBe(false);
    expect(nodeSide(node, NODES, true)).toContain("route add fd00:10:244:2::/64 via fd00:172:30::12");
  });
});

describe("nodeEnd() and podEnd()", () => {
  test("link the pod to its node, both families", () => {
    expect(nodeEnd(node, place, "pod-x", true)).toEqual([
      "link add pod2 type veth peer name eth0 netns pod-x",
      "addr add fe80::1/64 dev pod2 nodad",
      "link set pod2 up",
      "route add 10.244.1.2/32 dev pod2 src 10.244.1.1",
      "route add fd00:10:244:1::2/128 dev pod2",
    ]);
    expect(podEnd(node, place, false)).toEqual([
      "link set lo up",
      "link set eth0 up",
      "addr add 10.244.1.2/32 dev eth0",
      "route add 10.244.1.1 dev eth0 scope link",
      "route add default via 10.244.1.1 dev eth0",
    ]);
  });
});

describe("namespaceName()", () => {
  test("is the pod's name, with a namespace other than default behind a sign no name contains", () => {
    expect(namespaceName({ namespace: "default", name: "web-1" })).toBe("pod-web-1");
    expect(namespaceName({ namespace: "shop", name: "web-1" })).toBe("pod-web-1@shop");
  });
});

describe("podFiles()", () => {
  test("names the cluster's resolver and the pod itself", () => {
    const request = {
      uid: "u1",
      namespace: "shop",
      name: "db-0",
      hostname: "db-0",
      domain: "db.shop.svc.cluster.local",
      node,
      addresses: place,
    };
    expect(podFiles(request, { clusterDomain: "cluster.local", ipv6: true })).toEqual({
      "resolv.conf":
        "nameserver 10.96.0.10\nsearch shop.svc.cluster.local svc.cluster.local cluster.local\noptions ndots:5 timeout:1 attempts:5\n",
      hosts:
        "127.0.0.1 localhost\n::1 localhost ip6-localhost\n" +
        "10.244.1.2 db-0.db.shop.svc.cluster.local db-0\nfd00:10:244:1::2 db-0.db.shop.svc.cluster.local db-0\n",
      hostname: "db-0\n",
    });
  });
});
