import type { Cidr } from "@ambit/base/ip.ts";
import { parseIp } from "@ambit/base/ip.ts";
import type { Random } from "@ambit/base/random.ts";
import type { Clause, Group, Match, Policy, ServiceAccountMatch, StringMatch } from "@ambit/model/policy.ts";
import type { SpiffeId } from "@ambit/model/spiffe-id.ts";
import type { Connection } from "../connection.ts";

// Few values, so that policies and connections meet often; prefixes of one another, so that near misses are common.
const NAMESPACES = ["shop", "shop-2", "web", "op", "s"];
const ACCOUNTS = ["cart", "web", "cart-2"];
const DOMAINS = ["cluster.local", "td"];
const ADDRESSES = [
  "10.0.1.8",
  "10.0.1.9",
  "10.0.128.1",
  "192.168.0.1",
  "fd00::8",
  "fd00::9",
  "fd00:1::1",
  "::1",
];
const PORTS = [80, 8080, 9090, 65535];

/** A random choice of policies, names that are missing, and a connection; each kind of emptiness is frequent. */
export interface RandomCase {
  readonly policies: readonly Policy[];
  readonly missing: readonly string[];
  readonly connection: Connection;
}

export function randomCase(random: Random): RandomCase {
  const policies = listOf(random, 5, (index) => randomPolicy(random, index));
  return {
    policies,
    missing: chance(random, 0.03) ? ["shop/late"] : [],
    connection: randomConnection(random),
  };
}

/** A connection; one in four has no identity. */
export function randomConnection(random: Random): Connection {
  return {
    sourceIp: address(one(random, ADDRESSES)),
    destinationIp: address(one(random, ADDRESSES)),
    destinationPort: one(random, PORTS),
    identity: chance(random, 0.25) ? undefined : randomIdentity(random),
  };
}

function randomPolicy(random: Random, index: number): Policy {
  return {
    name: `p${index}`,
    namespace: one(random, NAMESPACES),
    scope: "NAMESPACE",
    action: chance(random, 0.5) ? "ALLOW" : "DENY",
    groups: listOf(random, 3, () => randomGroup(random)),
    dryRun: chance(random, 0.2),
  };
}

function randomGroup(random: Random): Group {
  return listOf(random, 3, () => randomClause(random));
}

function randomClause(random: Random): Clause {
  return listOf(random, 3, () => randomMatch(random));
}

/** Each field is empty most of the time; all of them in about one match of ten. */
function randomMatch(random: Random): Match {
  const field = <T>(make: () => T): T[] => (chance(random, 0.2) ? listOf(random, 7, make) : []);
  const namespace = (): StringMatch => randomText(random, one(random, NAMESPACES));
  const principal = (): StringMatch => {
    const { trustDomain, namespace: ns, serviceAccount } = randomIdentity(random);
    return randomText(random, `${trustDomain}/ns/${ns}/sa/${serviceAccount}`);
  };
  return {
    namespaces: field(namespace),
    notNamespaces: field(namespace),
    principals: field(principal),
    notPrincipals: field(principal),
    serviceAccounts: field(() => randomAccount(random)),
    notServiceAccounts: field(() => randomAccount(random)),
    sourceIps: field(() => randomBlock(random)),
    notSourceIps: field(() => randomBlock(random)),
    destinationIps: field(() => randomBlock(random)),
    notDestinationIps: field(() => randomBlock(random)),
    destinationPorts: field(() => one(random, PORTS)),
    notDestinationPorts: field(() => one(random, PORTS)),
  };
}

/** The text whole, a piece of it from either end (which may be empty), or just its presence. */
function randomText(random: Random, text: string): StringMatch {
  const cut = random.below(text.length + 1);
  const choice = random.below(4);
  if (choice === 0) return { kind: "presence" };
  if (choice === 1) return { kind: "prefix", value: text.slice(0, cut) };
  if (choice === 2) return { kind: "suffix", value: text.slice(cut) };
  return { kind: "exact", value: chance(random, 0.1) ? "" : text };
}

function randomAccount(random: Random): ServiceAccountMatch {
  return { namespace: one(random, NAMESPACES), serviceAccount: one(random, ACCOUNTS) };
}

function randomBlock(random: Random): Cidr {
  const bytes = address(one(random, ADDRESSES));
  return { bytes, length: random.below(bytes.length * 8 + 1) };
}

function randomIdentity(random: Random): SpiffeId {
  return {
    trustDomain: one(random, DOMAINS),
    namespace: one(random, NAMESPACES),
    serviceAccount: one(random, ACCOUNTS),
  };
}

function address(text: string): Uint8Array {
  return parseIp(text) ?? new Uint8Array(4);
}

function chance(random: Random, probability: number): boolean {
  return random.next() < probability;
}

function one<T>(random: Random, values: readonly T[]): T {
  return values[random.below(values.length)] as T;
}

/** 0 to `limit` minus 1 items. */
function listOf<T>(random: Random, limit: number, make: (index: number) => T): T[] {
  return Array.from({ length: random.below(limit) }, (_, index) => make(index));
}
