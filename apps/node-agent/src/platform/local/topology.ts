import { existsSync, writeFileSync } from "node:fs";
import { PROBE_SOURCE, PROBE_SOURCE_6 } from "../../probe-source.ts";
import { writeKernelSettings } from "../../kernel-settings.ts";
import { ipBatch, runCommand } from "../../command.ts";
import {
  CLUSTER_DNS,
  UNDERLAY_GATEWAY,
  UNDERLAY_GATEWAY_6,
  UNDERLAY_PREFIX,
  type NodeAddresses,
} from "./address-plan.ts";

/** The bridge between the simulated nodes. */
const BRIDGE = "ambit0";

/** True when this kernel has IPv6; without it the mesh is IPv4 alone. */
export function kernelHasIpv6(): boolean {
  return existsSync("/proc/sys/net/ipv6/conf/all/forwarding");
}

/**
 * Makes the simulated nodes: a bridge in the sandbox's own namespace, one namespace per node, routes between them.
 * Nodes that are there already are kept, because their proxies live in them.
 */
export async function createTopology(nodes: readonly NodeAddresses[], ipv6: boolean): Promise<void> {
  await ensureBridge(ipv6);
  for (const node of nodes) {
    if (existsSync(node.netnsPath)) continue;
    await runCommand(["ip", "netns", "add", node.name]);
    await ipBatch(bridgeSide(node));
    setForwarding(node.netnsPath, ipv6);
    await ipBatch(nodeSide(node, nodes, ipv6), node.netnsPath);
  }
  await ipBatch(
    nodes.flatMap((node) => [
      `route replace ${node.podCidr} via ${node.underlay}`,
      ...(ipv6 ? [`route replace ${node.podCidr6} via ${node.underlay6}`] : []),
    ]),
  );
}

/**
 * The bridge, and an end for everything that wants to leave: the sandbox has no way out, and a clear answer at once is better
 * than a silence that every program waits through.
 */
async function ensureBridge(ipv6: boolean): Promise<void> {
  const links = await runCommand(["ip", "-o", "link", "show"]);
  if (links.includes(` ${BRIDGE}:`)) return;
  await ipBatch([
    `link add ${BRIDGE} type bridge`,
    `addr add ${UNDERLAY_GATEWAY}/${UNDERLAY_PREFIX} dev ${BRIDGE}`,
    ...(ipv6 ? [`addr add ${UNDERLAY_GATEWAY_6}/64 dev ${BRIDGE} nodad`] : []),
    `link set ${BRIDGE} up`,
    "link set lo up",
    "route add unreachable default",
    ...(ipv6 ? ["route add unreachable ::/0"] : []),
  ]);
  // Only a router tells the sender that there is no route.
  writeFileSync("/proc/sys/net/ipv4/ip_forward", "1");
  if (ipv6) writeFileSync("/proc/sys/net/ipv6/conf/all/forwarding", "1");
}

/** Commands in the sandbox's own namespace for one node. */
export function bridgeSide(node: NodeAddresses): readonly string[] {
  return [
    `link add ${node.bridgePort} type veth peer name eth0 netns ${node.name}`,
    `link set ${node.bridgePort} master ${BRIDGE} up`,
  ];
}

/** Commands inside a node's namespace. */
export function nodeSide(
  node: NodeAddresses,
  nodes: readonly NodeAddresses[],
  ipv6: boolean,
): readonly string[] {
  const others = nodes.filter((other) => other.name !== node.name);
  return [
    "link set lo up",
    "link set eth0 up",
    `addr add ${node.underlay}/${UNDERLAY_PREFIX} dev eth0`,
    ...[node.gateway, CLUSTER_DNS, PROBE_SOURCE].map((address) => `addr add ${address}/32 dev lo`),
    `route add default via ${UNDERLAY_GATEWAY}`,
    ...others.map((other) => `route add ${other.podCidr} via ${other.underlay}`),
    ...(ipv6
      ? [
          `addr add ${node.underlay6}/64 dev eth0 nodad`,
          `addr add ${PROBE_SOURCE_6}/128 dev lo nodad`,
          `route add default via ${UNDERLAY_GATEWAY_6}`,
          ...others.map((other) => `route add ${other.podCidr6} via ${other.underlay6}`),
        ]
      : []),
  ];
}

function setForwarding(netnsPath: string, ipv6: boolean): void {
  writeKernelSettings(netnsPath, {
    "net/ipv4/ip_forward": "1",
    "net/ipv4/conf/all/rp_filter": "0",
    "net/ipv4/conf/default/rp_filter": "0",
    ...(ipv6 ? { "net/ipv6/conf/all/forwarding": "1" } : {}),
  });
}

/** Takes a namespace away; harmless when it is gone already. */
export async function deleteNamespace(name: string): Promise<void> {
  if (!existsSync(`/run/netns/${name}`)) return;
  await runCommand(["ip", "netns", "delete", name]);
}
