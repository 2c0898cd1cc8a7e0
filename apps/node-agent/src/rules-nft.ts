import { PORTS } from "@ambit/contract/ports.ts";
import { PROBE_SOURCE, PROBE_SOURCE_6 } from "./probe-source.ts";

/** Mark of the proxy's own packets: they are never captured again. */
const PROXY_MARK = 0x539;
/** Mark of connections the proxy opened; their answers are routed back to it. */
const CONNECTION_MARK = 0x111;
const MARK_MASK = 0xfff;
/** Place of our rule among the routing rules, and the table it leads to. */
const RULE_PRIORITY = 32_764;
const ROUTE_TABLE = 100;

/** How one pod is captured. */
export interface CaptureOptions {
  /** Name lookups go through the proxy. */
  readonly dnsCapture: boolean;
  /** The pod receives its traffic itself: nothing inbound is captured. */
  readonly bypassInbound: boolean;
  /** Interfaces inside the pod whose traffic counts as the pod's own outbound traffic (virtual machines). */
  readonly rerouteInterfaces: readonly string[];
  readonly ipv6: boolean;
  /** IPv4 loopback address of a resolver inside the pod: only lookups sent there are captured. */
  readonly localResolver?: string;
}

/** Names of our tables; the same as Istio's in its nftables mode, so that either agent finds the other's. */
const TABLES = ["istio-ambient-nat", "istio-ambient-mangle", "istio-ambient-raw"] as const;

const fromProxy = `meta mark & ${hex(MARK_MASK)} == ${hex(PROXY_MARK)}`;
const notFromProxy = `meta mark & ${hex(MARK_MASK)} != ${hex(PROXY_MARK)}`;

/**
 * Every packet of the pod passes here, so each rule begins with what is rarely so, and no hook is used twice.
 *
 * While nobody listens on the proxy's ports, the kernel's refusals are dropped (a RST that answers a SYN has sequence 0,
 * RFC 9293 3.10.7.1; port unreachable names our port behind 8 + 20 + 2 bytes). So clients try again until a proxy that
 * died has come back, instead of being refused.
 */
const HOLD_RULES = [
  `tcp flags & (rst | ack) == rst | ack tcp sequence 0 tcp sport { ${[PORTS.ztunnelOutbound, PORTS.ztunnelInboundPlaintext, PORTS.hbone, PORTS.ztunnelDns].join(", ")} } drop`,
  `icmp type destination-unreachable icmp code port-unreachable @th,240,16 ${PORTS.ztunnelDns} drop`,
];

interface Family {
  readonly source: string;
  readonly destination: string;
  readonly loopback: string;
  readonly probes: string;
}

const IPV4: Family = {
  source: "ip saddr",
  destination: "ip daddr",
  loopback: "127.0.0.1",
  probes: PROBE_SOURCE,
};
const IPV6: Family = {
  source: "ip6 saddr",
  destination: "ip6 daddr",
  loopback: "::1",
  probes: PROBE_SOURCE_6,
};

/**
 * The redirection inside a pod as one nftables transaction that replaces whatever was there: the rules of the in-pod
 * contract (ambient.md 7.1). Everything is redirected to the proxy's listeners in the same namespace.
 */
export function captureRules(options: CaptureOptions): string {
  const families = options.ipv6 ? [IPV4, IPV6] : [IPV4];
  const { localResolver } = options;
  // A resolver inside the pod is reached by a redirection of its own, at -100: the first one that matches counts.
  const outputPriority = localResolver === undefined ? -100 : -110;
  return [
    removalRules(),
    table("istio-ambient-nat", [
      chain("prerouting", "type nat hook prerouting priority -100; policy accept;", ["jump istio-prert"]),
      chain("output", `type nat hook output priority ${outputPriority}; policy accept;`, [
        "jump istio-output",
      ]),
      chain("istio-prert", "", inboundRules(options, families)),
      chain("istio-output", "", outboundRules(options, families)),
    ]),
    table("istio-ambient-mangle", [
      // Only what the proxy opened, not what it answers: a captured client's packets need no other route.
      chain("prerouting", "type filter hook prerouting priority -150; policy accept;", [
        `${fromProxy} ct direction original ct mark set ct mark & ${hex(0xffffffff - MARK_MASK)} | ${hex(CONNECTION_MARK)}`,
      ]),
      // A connection's first packet: with tcp_fwmark_accept the workload's socket takes its mark, so that every answer
      // has a route of its own from the start and none is routed a second time.
      chain("input", "type filter hook input priority -150; policy accept;", [
        `${fromProxy} ct state new meta mark set ${hex(CONNECTION_MARK)}`,
      ]),
      // "route": a changed mark makes the kernel look for a route again.
      chain("output", "type route hook output priority -150; policy accept;", [
        ...HOLD_RULES,
        `ct direction reply ct mark & ${hex(MARK_MASK)} == ${hex(CONNECTION_MARK)} meta mark set ct mark`,
      ]),
    ]),
    ...(options.dnsCapture && localResolver === undefined ? [rawTable()] : []),
    "",
  ].join("\n");
}

/** Takes the redirection away; harmless when it is not there. */
export function removalRules(): string {
  // Adding a table that exists changes nothing, so the deletion never fails.
  return TABLES.flatMap((name) => [`add table inet ${name}`, `delete table inet ${name}`]).join("\n");
}

function inboundRules(options: CaptureOptions, families: readonly Family[]): readonly string[] {
  const rerouted = options.rerouteInterfaces.flatMap((name) => [
    `iifname "${name}" meta l4proto tcp redirect to :${PORTS.ztunnelOutbound}`,
    `iifname "${name}" return`,
  ]);
  if (options.bypassInbound) return rerouted;
  return [
    ...rerouted,
    ...families.map(({ source, probes }) => `${source} ${probes} meta l4proto tcp accept`),
    ...families.map(
      ({ destination, loopback }) =>
        `${destination} != ${loopback} tcp dport != ${PORTS.hbone} ${notFromProxy} redirect to :${PORTS.ztunnelInboundPlaintext}`,
    ),
  ];
}

function outboundRules(options: CaptureOptions, families: readonly Family[]): readonly string[] {
  const dns = dnsRules(options, families);
  return [
    ...families.map(({ destination, probes }) => `${destination} ${probes} meta l4proto tcp accept`),
    ...dns,
    `meta l4proto tcp meta mark & ${hex(MARK_MASK)} == ${hex(CONNECTION_MARK)} accept`,
    ...families.map(({ destination, loopback }) => `oifname "lo" ${destination} != ${loopback} accept`),
    ...families.map(
      ({ destination, loopback }) =>
        `${destination} != ${loopback} meta l4proto tcp ${notFromProxy} redirect to :${PORTS.ztunnelOutbound}`,
    ),
  ];
}

function dnsRules(options: CaptureOptions, families: readonly Family[]): readonly string[] {
  const { dnsCapture, localResolver } = options;
  if (!dnsCapture) return [];
  if (localResolver !== undefined) {
    return ["udp", "tcp"].map(
      (protocol) =>
        `ip daddr ${localResolver} ${protocol} dport 53 ${notFromProxy} redirect to :${PORTS.ztunnelDns}`,
    );
  }
  return [
    `oifname != "lo" udp dport 53 ${notFromProxy} redirect to :${PORTS.ztunnelDns}`,
    ...families.map(
      ({ destination, loopback }) =>
        `${destination} != ${loopback} tcp dport 53 ${notFromProxy} redirect to :${PORTS.ztunnelDns}`,
    ),
  ];
}

// The proxy's own lookups get a connection-tracking zone of their own, or they would meet the redirected ones' entries.
function rawTable(): string {
  return table("istio-ambient-raw", [
    chain("prerouting", "type filter hook prerouting priority -300; policy accept;", [
      `udp sport 53 ${notFromProxy} ct zone set 1`,
    ]),
    chain("output", "type filter hook output priority -300; policy accept;", [
      `udp dport 53 ${fromProxy} ct zone set 1`,
    ]),
  ]);
}

function table(name: string, chains: readonly string[]): string {
  return `table inet ${name} {\n${chains.join("\n")}\n}`;
}

function chain(name: string, hook: string, rules: readonly string[]): string {
  const lines = hook === "" ? rules : [hook, ...rules];
  return `\tchain ${name} {\n${lines.map((line) => `\t\t${line}\n`).join("")}\t}`;
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, "0")}`;
}

/** Arguments of `ip` for the routing half, once for `-4` and once for `-6`; each line may exist already. */
export function captureRouting(): { readonly add: readonly string[]; readonly remove: readonly string[] } {
  const rule = `fwmark ${hex(CONNECTION_MARK)}/${hex(MARK_MASK)} pref ${RULE_PRIORITY} lookup ${ROUTE_TABLE}`;
  return {
    add: [`route replace local default dev lo table ${ROUTE_TABLE}`, `rule add ${rule}`],
    remove: [`rule delete ${rule}`, `route flush table ${ROUTE_TABLE}`],
  };
}
