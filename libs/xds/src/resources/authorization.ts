import { isMapped, type Cidr } from "@ambit/base/ip.ts";
import { istio } from "@ambit/contract/gen/ambit.js";
import type {
  Match,
  Policy,
  PolicyAction,
  PolicyScope,
  ServiceAccountMatch,
  StringMatch,
} from "@ambit/model/policy.ts";
import { decodePortNumber, decoding, enumName, Rejection, type Decoded } from "./decoded.ts";

type WireMatch = istio.security.Match.$Properties;
type WireString = istio.security.StringMatch.$Properties;

const SCOPES: readonly PolicyScope[] = ["GLOBAL", "NAMESPACE", "WORKLOAD_SELECTOR"];
const ACTIONS: readonly PolicyAction[] = ["ALLOW", "DENY"];

/**
 * Decodes one policy. A value that could silently widen the policy (an unset string match, a malformed block) rejects
 * the whole policy instead of being dropped: the last good version stays in force.
 */
export function decodeAuthorization(bytes: Uint8Array): Decoded<Policy> {
  return decoding(() => {
    const wire = istio.security.Authorization.decode(bytes);
    if (wire.name === "") throw new Rejection("name: empty");
    return {
      name: wire.name,
      namespace: wire.namespace,
      scope: enumName(SCOPES, wire.scope, "scope"),
      action: enumName(ACTIONS, wire.action, "action"),
      groups: wire.groups.map((group) =>
        (group.rules ?? []).map((rule) => (rule.matches ?? []).map(decodeMatch)),
      ),
      dryRun: wire.dryRun,
    };
  });
}

function decodeMatch(wire: WireMatch): Match {
  return {
    namespaces: (wire.namespaces ?? []).map(decodeString),
    notNamespaces: (wire.notNamespaces ?? []).map(decodeString),
    principals: (wire.principals ?? []).map(decodeString),
    notPrincipals: (wire.notPrincipals ?? []).map(decodeString),
    serviceAccounts: (wire.serviceAccounts ?? []).map(decodeAccount),
    notServiceAccounts: (wire.notServiceAccounts ?? []).map(decodeAccount),
    sourceIps: (wire.sourceIps ?? []).map(decodeBlock),
    notSourceIps: (wire.notSourceIps ?? []).map(decodeBlock),
    destinationIps: (wire.destinationIps ?? []).map(decodeBlock),
    notDestinationIps: (wire.notDestinationIps ?? []).map(decodeBlock),
    destinationPorts: (wire.destinationPorts ?? []).map(decodePolicyPort),
    notDestinationPorts: (wire.notDestinationPorts ?? []).map(decodePolicyPort),
  };
}

function decodeString(wire: WireString): StringMatch {
  if (wire.exact !== null && wire.exact !== undefined) return { kind: "exact", value: wire.exact };
  if (wire.prefix !== null && wire.prefix !== undefined) return { kind: "prefix", value: wire.prefix };
  if (wire.suffix !== null && wire.suffix !== undefined) return { kind: "suffix", value: wire.suffix };
  if (wire.presence !== null && wire.presence !== undefined) return { kind: "presence" };
  throw new Rejection("a string match without a value");
}

function decodePolicyPort(port: number): number {
  return decodePortNumber(port, "destination_ports");
}

function decodeAccount(wire: istio.security.ServiceAccountMatch.$Properties): ServiceAccountMatch {
  return { namespace: wire.namespace ?? "", serviceAccount: wire.serviceAccount ?? "" };
}

function decodeBlock(wire: istio.security.Address.$Properties): Cidr {
  const bytes = wire.address ?? new Uint8Array();
  const length = wire.length ?? 0;
  if ((bytes.length !== 4 && bytes.length !== 16) || length > bytes.length * 8) {
    throw new Rejection(`a block of ${bytes.length} bytes and length ${length}`);
  }
  // Connections have plain IPv4 addresses: a block of mapped ones would match none of them, and a denial nobody.
  if (isMapped(bytes) && length >= 96)
    return { bytes: Uint8Array.from(bytes.subarray(12)), length: length - 96 };
  // Copied: what the reader gives is a window on the whole response, which would stay in memory with it.
  return { bytes: Uint8Array.from(bytes), length };
}

/** The bytes of one policy. */
export function encodeAuthorization(policy: Policy): Uint8Array {
  return istio.security.Authorization.encode({
    name: policy.name,
    namespace: policy.namespace,
    scope: SCOPES.indexOf(policy.scope),
    action: ACTIONS.indexOf(policy.action),
    groups: policy.groups.map((group) => ({
      rules: group.map((clause) => ({ matches: clause.map(encodeMatch) })),
    })),
    dryRun: policy.dryRun,
  }).finish();
}

function encodeMatch(match: Match): WireMatch {
  return {
    namespaces: match.namespaces.map(encodeString),
    notNamespaces: match.notNamespaces.map(encodeString),
    principals: match.principals.map(encodeString),
    notPrincipals: match.notPrincipals.map(encodeString),
    serviceAccounts: match.serviceAccounts.map((account) => ({ ...account })),
    notServiceAccounts: match.notServiceAccounts.map((account) => ({ ...account })),
    sourceIps: match.sourceIps.map(encodeBlock),
    notSourceIps: match.notSourceIps.map(encodeBlock),
    destinationIps: match.destinationIps.map(encodeBlock),
    notDestinationIps: match.notDestinationIps.map(encodeBlock),
    destinationPorts: [...match.destinationPorts],
    notDestinationPorts: [...match.notDestinationPorts],
  };
}

function encodeBlock(block: Cidr): istio.security.Address.$Properties {
  return { address: block.bytes, length: block.length };
}

function encodeString(match: StringMatch): WireString {
  switch (match.kind) {
    case "exact":
      return { exact: match.value };
    case "prefix":
      return { prefix: match.value };
    case "suffix":
      return { suffix: match.value };
    case "presence":
      return { presence: {} };
  }
}
