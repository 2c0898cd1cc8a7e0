import { envoy } from "@ambit/contract/gen/ambit.js";
import { TYPE_URLS } from "@ambit/contract/type-urls.ts";
import { parseCidr } from "@ambit/base/ip.ts";
import { seededRandom, type Random } from "@ambit/base/random.ts";
import { EMPTY_MATCH, policyKey, type Match, type Policy } from "@ambit/model/policy.ts";
import { serviceKey } from "@ambit/model/service.ts";
import { encodeAddress } from "@ambit/xds/resources/address.ts";
import { encodeAuthorization } from "@ambit/xds/resources/authorization.ts";
import { somePolicy, someService, someWorkload } from "./mesh-model.ts";
import { mutate } from "./mutate.ts";
import { once, pick, several, word } from "./words.ts";

const { DeltaDiscoveryResponse } = envoy.service.discovery.v3;

interface Row {
  readonly name: string;
  readonly value: Uint8Array;
}

/**
 * Responses as a server could send them, and as one that is out of its mind could: content that was damaged, of another
 * type, under another name, twice, or missing. Names are those of the good mesh more often than not.
 */
export function someResponse(random: Random): Uint8Array {
  const isPolicy = once(random, 2);
  const rows = Array.from({ length: random.below(4) }, () => someRow(random, isPolicy));
  const resources = rows.map((row) => someResource(row, random, isPolicy));
  if (once(random, 12) && resources[0] !== undefined) resources.push(resources[0]);
  const removedResources = once(random, 3)
    ? several(random, 2, () =>
        once(random, 4) ? word(random).toWellFormed() : nameIn(rows, random, isPolicy),
      )
    : [];
  const typeUrl = once(random, 30) ? word(random).toWellFormed() : typeOf(isPolicy);
  return DeltaDiscoveryResponse.encode({ typeUrl, nonce: "n", resources, removedResources }).finish();
}

function someResource(row: Row, random: Random, isPolicy: boolean) {
  const name = once(random, 16) ? pick(random, ["", "shop/p0", word(random).toWellFormed()]) : row.name;
  const version = once(random, 16) ? word(random).toWellFormed() : String(random.below(9));
  if (once(random, 40)) return { name, version };
  return { name, version, resource: { typeUrl: typeOf(isPolicy), value: someValue(row, random, isPolicy) } };
}

// Damage within an envelope that is whole reaches the resource's own decoder, whatever it does to lengths.
function someValue(row: Row, random: Random, isPolicy: boolean): Uint8Array {
  if (once(random, 4)) return mutate(row.value, random, () => someRow(random, isPolicy).value);
  if (once(random, 20)) return someRow(random, !isPolicy).value;
  return row.value;
}

function someRow(random: Random, isPolicy: boolean): Row {
  return isPolicy ? policyRow(somePolicy(random)) : addressRow(random);
}

function policyRow(policy: Policy): Row {
  return { name: policyKey(policy), value: encodeAuthorization(policy) };
}

function addressRow(random: Random): Row {
  if (once(random, 2)) {
    const workload = someWorkload(random);
    return { name: workload.uid, value: encodeAddress({ kind: "workload", workload }) };
  }
  const service = someService(random);
  return { name: serviceKey(service), value: encodeAddress({ kind: "service", service }) };
}

function nameIn(rows: readonly Row[], random: Random, isPolicy: boolean): string {
  return rows[0] !== undefined && once(random, 3) ? rows[0].name : someRow(random, isPolicy).name;
}

function typeOf(isPolicy: boolean): string {
  return isPolicy ? TYPE_URLS.authorization : TYPE_URLS.address;
}

const RULES: readonly [
  name: string,
  fields: Omit<Policy, "name" | "namespace" | "groups" | "dryRun">,
  Match,
][] = [
  [
    "ambit-system/p0",
    { scope: "GLOBAL", action: "DENY" },
    { ...EMPTY_MATCH, sourceIps: [block("10.0.2.0/24")] },
  ],
  ["shop/p0", { scope: "NAMESPACE", action: "ALLOW" }, { ...EMPTY_MATCH, principals: [principal("web")] }],
  [
    "shop/p1",
    { scope: "WORKLOAD_SELECTOR", action: "DENY" },
    { ...EMPTY_MATCH, namespaces: [{ kind: "exact", value: "web" }] },
  ],
  [
    "web/p0",
    { scope: "WORKLOAD_SELECTOR", action: "ALLOW" },
    { ...EMPTY_MATCH, notPrincipals: [principal("default")] },
  ],
];

/** The state that every input begins with: workloads, services, and policies of every scope and action. */
export const GOOD_RESPONSES: readonly Uint8Array[] = [
  encode(
    true,
    RULES.map(([key, fields, match]) => {
      const [namespace = "", name = ""] = key.split("/");
      return policyRow({ name, namespace, ...fields, groups: [[[match]]], dryRun: false });
    }),
  ),
  encode(false, goodAddresses(seededRandom(100))),
];

function goodAddresses(random: Random): Row[] {
  const names: [uid: string, namespace: string, policies: readonly string[]][] = [
    ["c//Pod/shop/0", "shop", ["shop/p1"]],
    ["c//Pod/shop/1", "shop", []],
    ["c//Pod/web/0", "web", ["web/p0"]],
    // What it names has not arrived: refused until it does.
    ["c//Pod/web/1", "web", ["web/p3"]],
    ["c//Pod/web/2", "web", []],
  ];
  const workloads = names.map(([uid, namespace, authorizationPolicies], index) => ({
    name: uid,
    value: encodeAddress({
      kind: "workload",
      workload: {
        ...someWorkload(random),
        uid,
        namespace,
        authorizationPolicies,
        addresses: [`10.0.1.${index}`],
      },
    }),
  }));
  const service = { ...someService(random), namespace: "shop", hostname: "s0.svc.cluster.local" };
  return [...workloads, { name: serviceKey(service), value: encodeAddress({ kind: "service", service }) }];
}

function encode(isPolicy: boolean, rows: readonly Row[]): Uint8Array {
  const resources = rows.map(({ name, value }) => ({
    name,
    version: "good",
    resource: { typeUrl: typeOf(isPolicy), value },
  }));
  return DeltaDiscoveryResponse.encode({ typeUrl: typeOf(isPolicy), nonce: "n", resources }).finish();
}

function block(text: string): Match["sourceIps"][number] {
  const parsed = parseCidr(text);
  if (parsed === undefined) throw new Error(`${text} is no block`);
  return parsed;
}

function principal(account: string): Match["principals"][number] {
  return { kind: "exact", value: `cluster.local/ns/web/sa/${account}` };
}
