import { formatIp, parseIp } from "@ambit/base/ip.ts";
import type { Random } from "@ambit/base/random.ts";
import { EMPTY_MATCH, type Match, type Policy, type StringMatch } from "@ambit/model/policy.ts";
import type { Service } from "@ambit/model/service.ts";
import type { GatewayAddress, PortMapping, Workload } from "@ambit/model/workload.ts";
import { ipText, once, pick, portNumber, several, word } from "./words.ts";

/** Text as the wire holds it: no lone half of a surrogate pair. */
export function text(random: Random): string {
  return word(random).toWellFormed();
}

/** Any workload; names are few, so that two of them often meet. */
export function someWorkload(random: Random): Workload {
  return {
    uid: `c//Pod/${pick(random, ["shop", "web"])}/${random.below(4)}`,
    name: text(random),
    namespace: pick(random, ["shop", "web"]),
    addresses: several(random, 3, () => ipText(random)),
    hostname: text(random),
    network: pick(random, ["", "", "n2"]),
    tunnelProtocol: pick(random, ["NONE", "HBONE"]),
    trustDomain: pick(random, ["cluster.local", "other"]),
    serviceAccount: pick(random, ["default", "web"]),
    waypoint: once(random, 4) ? someGateway(random) : undefined,
    networkGateway: once(random, 8) ? someGateway(random) : undefined,
    node: text(random),
    canonicalName: text(random),
    canonicalRevision: text(random),
    workloadType: pick(random, ["deployment", "cronjob", "pod", "job"]),
    workloadName: text(random),
    nativeTunnel: once(random, 8),
    applicationTunnel: once(random, 6) ? { protocol: "PROXY", port: portNumber(random) } : undefined,
    services: new Map(
      several(random, 2, () => [serviceName(random), several(random, 2, () => somePort(random))] as const),
    ),
    authorizationPolicies: several(random, 2, () => policyName(random)),
    status: pick(random, ["HEALTHY", "UNHEALTHY"]),
    clusterId: text(random),
    locality: { region: text(random), zone: text(random), subzone: "" },
    hostNetwork: once(random, 8),
    capacity: pick(random, [0, 1, 1, 5, 4_294_967_295]),
  };
}

/** Any service. */
export function someService(random: Random): Service {
  const [namespace = "", hostname = ""] = serviceName(random).split("/");
  return {
    name: text(random),
    namespace,
    hostname,
    addresses: several(random, 3, () => someServiceAddress(random)),
    ports: several(random, 3, () => somePort(random)),
    subjectAltNames: several(random, 2, () => text(random)),
    waypoint: once(random, 4) ? someGateway(random) : undefined,
    weightedWaypoints: several(random, 1, () => ({
      destination: someGateway(random),
      weight: random.below(101),
    })),
    loadBalancing: once(random, 3)
      ? { routingPreference: ["NODE", "ZONE"], mode: "FAILOVER", healthPolicy: "ALLOW_ALL" }
      : undefined,
    ipFamilies: pick(random, ["AUTOMATIC", "IPV4_ONLY", "IPV6_ONLY", "DUAL"]),
    canonical: once(random, 2),
    ingressUseWaypoint: once(random, 8),
    visibility: pick(random, ["PUBLIC", "NAMESPACE"]),
  };
}

/** Any policy. */
export function somePolicy(random: Random): Policy {
  const [namespace = "", name = ""] = policyName(random).split("/");
  return {
    name,
    namespace,
    scope: pick(random, ["GLOBAL", "NAMESPACE", "WORKLOAD_SELECTOR"]),
    action: pick(random, ["ALLOW", "DENY"]),
    groups: several(random, 2, () => several(random, 2, () => several(random, 2, () => someMatch(random)))),
    dryRun: once(random, 8),
  };
}

/** `namespace/name` of one of a few policies. */
function policyName(random: Random): string {
  return `${pick(random, ["shop", "web", "ambit-system"])}/p${random.below(4)}`;
}

function serviceName(random: Random): string {
  return `${pick(random, ["shop", "web"])}/s${random.below(3)}.svc.cluster.local`;
}

function someMatch(random: Random): Match {
  const strings = (): StringMatch[] => (once(random, 3) ? several(random, 2, () => someString(random)) : []);
  const blocks = (): Match["sourceIps"] =>
    once(random, 4) ? several(random, 2, () => someBlock(random)) : [];
  const accounts = (): Match["serviceAccounts"] =>
    once(random, 4) ? [{ namespace: "shop", serviceAccount: pick(random, ["default", "web"]) }] : [];
  const ports = (): number[] => (once(random, 4) ? [portNumber(random), 8_080] : []);
  return {
    ...EMPTY_MATCH,
    namespaces: strings(),
    notNamespaces: strings(),
    principals: strings(),
    notPrincipals: strings(),
    serviceAccounts: accounts(),
    notServiceAccounts: accounts(),
    sourceIps: blocks(),
    notSourceIps: blocks(),
    destinationIps: blocks(),
    destinationPorts: ports(),
    notDestinationPorts: ports(),
  };
}

function someString(random: Random): StringMatch {
  const kind = pick(random, ["exact", "prefix", "suffix", "presence"] as const);
  if (kind === "presence") return { kind };
  return { kind, value: pick(random, ["shop", "web", "cluster.local/ns/web/sa/web", text(random)]) };
}

function someBlock(random: Random): Match["sourceIps"][number] {
  const bytes = parseIp(ipText(random)) ?? new Uint8Array(4);
  return { bytes, length: random.below(bytes.length * 8 + 1) };
}

function someServiceAddress(random: Random): Service["addresses"][number] {
  const bytes = parseIp(ipText(random)) ?? new Uint8Array(4);
  const length = once(random, 3) ? random.below(bytes.length * 8 + 1) : undefined;
  return { network: pick(random, ["", "n2"]), ip: formatIp(bytes), length };
}

function somePort(random: Random): PortMapping {
  return {
    servicePort: portNumber(random),
    targetPort: portNumber(random),
    appProtocol: pick(random, ["UNKNOWN", "HTTP11", "HTTP2", "GRPC", "TCP", "TLS"]),
  };
}

function someGateway(random: Random): GatewayAddress {
  if (once(random, 2))
    return { kind: "hostname", namespace: "web", hostname: text(random), hbonePort: 15_008 };
  const address = { network: pick(random, ["", "n2"]), ip: ipText(random) };
  return { kind: "address", address, hbonePort: portNumber(random) };
}
