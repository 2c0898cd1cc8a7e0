import fc from "fast-check";
import { formatIp } from "@ambit/base/ip.ts";
import type { Match, Policy, StringMatch } from "@ambit/model/policy.ts";
import type { Service } from "@ambit/model/service.ts";
import type { GatewayAddress, PortMapping, Workload } from "@ambit/model/workload.ts";

const text = fc.string({ unit: "binary", maxLength: 12 });
const word = fc.string({ unit: "binary", minLength: 1, maxLength: 12 });
const port = fc.nat(65_535);
const v4 = fc.uint8Array({ minLength: 4, maxLength: 4 });
// Never ::ffff:0:0/96: the text form of such an address reads as IPv4.
const v6 = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => {
  bytes[0] = 0xfd;
  return bytes;
});
const ipBytes = fc.oneof(v4, v6);
const ip = ipBytes.map((bytes) => formatIp(bytes));

const portMapping: fc.Arbitrary<PortMapping> = fc.record({
  servicePort: port,
  targetPort: port,
  appProtocol: fc.constantFrom("UNKNOWN", "HTTP11", "HTTP2", "GRPC", "TCP", "TLS"),
});

const gateway: fc.Arbitrary<GatewayAddress> = fc.oneof(
  fc.record({ kind: fc.constant("hostname" as const), namespace: text, hostname: text, hbonePort: port }),
  fc.record({
    kind: fc.constant("address" as const),
    address: fc.record({ network: text, ip }),
    hbonePort: port,
  }),
);

const maybeGateway = fc.option(gateway, { nil: undefined });

/** Any workload the model can hold. */
export const anyWorkload: fc.Arbitrary<Workload> = fc.record({
  uid: word,
  name: text,
  namespace: text,
  addresses: fc.array(ip, { maxLength: 3 }),
  hostname: text,
  network: text,
  tunnelProtocol: fc.constantFrom("NONE", "HBONE"),
  trustDomain: fc.oneof(fc.constant("cluster.local"), word),
  serviceAccount: fc.oneof(fc.constant("default"), word),
  waypoint: maybeGateway,
  networkGateway: maybeGateway,
  node: text,
  canonicalName: text,
  canonicalRevision: text,
  workloadType: fc.constantFrom("deployment", "cronjob", "pod", "job"),
  workloadName: text,
  nativeTunnel: fc.boolean(),
  applicationTunnel: fc.option(
    fc.record({ protocol: fc.constantFrom("NONE" as const, "PROXY" as const), port }),
    { nil: undefined },
  ),
  services: fc
    .array(
      fc.tuple(
        fc.tuple(text, text).map(([namespace, host]) => `${namespace}/${host}`),
        fc.array(portMapping, { maxLength: 3 }),
      ),
      { maxLength: 4 },
    )
    .map((entries) => new Map(entries)),
  authorizationPolicies: fc.array(text, { maxLength: 3 }),
  status: fc.constantFrom("HEALTHY", "UNHEALTHY"),
  clusterId: text,
  locality: fc.record({ region: text, zone: text, subzone: text }),
  hostNetwork: fc.boolean(),
  capacity: fc.oneof(fc.constantFrom(0, 1), fc.nat(4_294_967_295)),
});

/** Any service the model can hold. */
export const anyService: fc.Arbitrary<Service> = fc.record({
  name: text,
  namespace: text,
  hostname: word,
  addresses: fc.array(
    fc.tuple(text, ipBytes, fc.option(fc.nat(128), { nil: undefined })).map(([network, bytes, length]) => ({
      network,
      ip: formatIp(bytes),
      length: length === undefined ? undefined : Math.min(length, bytes.length * 8),
    })),
    { maxLength: 3 },
  ),
  ports: fc.array(portMapping, { maxLength: 3 }),
  subjectAltNames: fc.array(text, { maxLength: 3 }),
  waypoint: maybeGateway,
  weightedWaypoints: fc.array(fc.record({ destination: gateway, weight: fc.nat() }), { maxLength: 3 }),
  loadBalancing: fc.option(
    fc.record({
      routingPreference: fc.array(
        fc.constantFrom(
          "REGION" as const,
          "ZONE" as const,
          "SUBZONE" as const,
          "NODE" as const,
          "CLUSTER" as const,
          "NETWORK" as const,
        ),
        { maxLength: 6 },
      ),
      mode: fc.constantFrom("UNSPECIFIED", "STRICT", "FAILOVER", "PASSTHROUGH"),
      healthPolicy: fc.constantFrom("ONLY_HEALTHY", "ALLOW_ALL"),
    }),
    { nil: undefined },
  ),
  ipFamilies: fc.constantFrom("AUTOMATIC", "IPV4_ONLY", "IPV6_ONLY", "DUAL"),
  canonical: fc.boolean(),
  ingressUseWaypoint: fc.boolean(),
  visibility: fc.constantFrom("PUBLIC", "NAMESPACE"),
});

const stringMatch: fc.Arbitrary<StringMatch> = fc.oneof(
  fc.record({ kind: fc.constantFrom("exact", "prefix", "suffix"), value: text }) as fc.Arbitrary<StringMatch>,
  fc.constant({ kind: "presence" as const }),
);
const strings = fc.array(stringMatch, { maxLength: 2 });
const accounts = fc.array(fc.record({ namespace: text, serviceAccount: text }), { maxLength: 2 });
const blocks = fc.array(
  fc
    .tuple(ipBytes, fc.nat(128))
    .map(([bytes, length]) => ({ bytes, length: Math.min(length, bytes.length * 8) })),
  { maxLength: 2 },
);
const ports = fc.array(port, { maxLength: 2 });

const match: fc.Arbitrary<Match> = fc.record({
  namespaces: strings,
  notNamespaces: strings,
  principals: strings,
  notPrincipals: strings,
  serviceAccounts: accounts,
  notServiceAccounts: accounts,
  sourceIps: blocks,
  notSourceIps: blocks,
  destinationIps: blocks,
  notDestinationIps: blocks,
  destinationPorts: ports,
  notDestinationPorts: ports,
});

/** Any policy the model can hold, with every neighbouring empty: no group, no clause, no match, a match of nothing. */
export const anyPolicy: fc.Arbitrary<Policy> = fc.record({
  name: word,
  namespace: text,
  scope: fc.constantFrom("GLOBAL", "NAMESPACE", "WORKLOAD_SELECTOR"),
  action: fc.constantFrom("ALLOW", "DENY"),
  groups: fc.array(fc.array(fc.array(match, { maxLength: 2 }), { maxLength: 2 }), { maxLength: 2 }),
  dryRun: fc.boolean(),
});
