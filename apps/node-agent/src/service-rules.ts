import { formatHostPort } from "@ambit/base/ip.ts";
import { SERVICE_CIDRS } from "@ambit/kube/cluster-ip.ts";
import type { ServicePort } from "@ambit/kube/resources/service.ts";
import { targetPort, type ServiceView } from "./service-view.ts";

/** Table of a node's namespace that sends virtual addresses to pods. */
const TABLE = "ambit-services";

/**
 * What kube-proxy does, for traffic that no node proxy carries: one nftables transaction for a node's namespace in which
 * each virtual address and port leads to one of the ready pods at random. A port without any is refused.
 */
export function serviceRules(views: readonly ServiceView[], ipv6: boolean): string {
  const rules: string[] = [];
  const hairpins = { v4: new Set<string>(), v6: new Set<string>() };
  for (const view of views) {
    for (const vip of view.vips) {
      const isV6 = vip.includes(":");
      if (isV6 && !ipv6) continue;
      for (const port of view.service.spec.ports) {
        const targets = targetsOf(view, port, isV6);
        for (const [ip] of targets) (isV6 ? hairpins.v6 : hairpins.v4).add(ip);
        if (targets.length > 0) rules.push(portRule(vip, port, targets, isV6));
      }
    }
  }
  return [
    `add table inet ${TABLE}`,
    `delete table inet ${TABLE}`,
    `table inet ${TABLE} {`,
    ...chain("services", rules),
    ...chain("prerouting", ["type nat hook prerouting priority -100; policy accept;", "jump services"]),
    ...chain("output", ["type nat hook output priority -100; policy accept;", "jump services"]),
    ...chain("postrouting", [
      "type nat hook postrouting priority 100; policy accept;",
      ...hairpinRules("ip", hairpins.v4),
      ...hairpinRules("ip6", hairpins.v6),
    ]),
    ...chain("forward", [
      "type filter hook forward priority 0; policy accept;",
      `ip daddr ${SERVICE_CIDRS.IPv4} reject`,
      `ip6 daddr ${SERVICE_CIDRS.IPv6} reject`,
    ]),
    "}",
    "",
  ].join("\n");
}

function targetsOf(
  view: ServiceView,
  port: ServicePort,
  isV6: boolean,
): readonly (readonly [string, number])[] {
  return view.backends.flatMap((pod) => {
    const ip = pod.ips.find((address) => address.includes(":") === isV6);
    const number = targetPort(port, pod);
    return ip === undefined || number === undefined ? [] : [[ip, number] as const];
  });
}

function portRule(
  vip: string,
  port: ServicePort,
  targets: readonly (readonly [string, number])[],
  isV6: boolean,
): string {
  const family = isV6 ? "ip6" : "ip";
  const match = `${family} daddr ${vip} ${port.protocol.toLowerCase()} dport ${port.port}`;
  const [only] = targets;
  if (targets.length === 1 && only !== undefined)
    return `${match} dnat ${family} to ${formatHostPort(...only)}`;
  const choices = targets.map(([ip, number], index) => `${index} : ${ip} . ${number}`);
  return `${match} dnat ${family} to numgen random mod ${targets.length} map { ${choices.join(", ")} }`;
}

// A pod that reaches itself by a virtual address must not see its own address as the peer: it would answer itself.
function hairpinRules(family: "ip" | "ip6", ips: ReadonlySet<string>): readonly string[] {
  if (ips.size === 0) return [];
  const pairs = [...ips].map((ip) => `${ip} . ${ip}`);
  return [`ct status dnat ${family} saddr . ${family} daddr { ${pairs.join(", ")} } masquerade`];
}

function chain(name: string, lines: readonly string[]): readonly string[] {
  return [`\tchain ${name} {`, ...lines.map((line) => `\t\t${line}`), "\t}"];
}
