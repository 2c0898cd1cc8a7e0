import type { Cidr } from "@ambit/base/ip.ts";
import type { Match, Policy, StringMatch } from "@ambit/model/policy.ts";
import type { Connection } from "../connection.ts";

/** The reference's verdict: the sentence of the table's row, and who decided by matching. */
export interface ReferenceVerdict {
  readonly allow: boolean;
  readonly reason: string;
  /** Keys of every enforced policy of the deciding action that matches, in order. */
  readonly deciding: readonly string[];
  /** `ACTION namespace/name` of each dry-run policy that is noted, in order. */
  readonly noted: readonly string[];
}

/**
 * The tables of ambient.md 6.2 and 6.3 written down word by word: no compilation, no early exit, nothing shared with
 * the evaluator but the types. Exists only to be compared with it.
 */
export function referenceEvaluate(
  policies: readonly Policy[],
  missing: readonly string[],
  connection: Connection,
): ReferenceVerdict {
  const matching = policies.filter((policy) => policyMatches(policy, connection));
  const key = (policy: Policy): string => `${policy.namespace}/${policy.name}`;
  const of = (list: readonly Policy[], action: string, dryRun: boolean): readonly Policy[] =>
    list.filter((policy) => policy.action === action && policy.dryRun === dryRun);
  const notedDeny = of(matching, "DENY", true).map((policy) => `DENY ${key(policy)}`);
  const notedAllow = of(matching, "ALLOW", true).map((policy) => `ALLOW ${key(policy)}`);
  const denying = of(matching, "DENY", false).map(key);
  if (denying.length > 0)
    return { allow: false, reason: "explicitly-denied", deciding: denying, noted: notedDeny };
  if (missing.length > 0)
    return { allow: false, reason: "policy-not-received", deciding: [], noted: notedDeny };
  const noted = [...notedDeny, ...notedAllow];
  if (of(policies, "ALLOW", false).length === 0)
    return { allow: true, reason: "no-allow-policy", deciding: [], noted };
  const allowing = of(matching, "ALLOW", false).map(key);
  if (allowing.length > 0) return { allow: true, reason: "explicitly-allowed", deciding: allowing, noted };
  return { allow: false, reason: "not-allowed", deciding: [], noted };
}

function policyMatches(policy: Policy, connection: Connection): boolean {
  return policy.groups.some((group) =>
    group.every((clause) => clause.length === 0 || clause.some((match) => matchMatches(match, connection))),
  );
}

function matchMatches(match: Match, connection: Connection): boolean {
  if (Object.values(match).every((values: readonly unknown[]) => values.length === 0)) return false;
  const { identity, sourceIp, destinationIp, destinationPort } = connection;
  const principal =
    identity === undefined
      ? undefined
      : `${identity.trustDomain}/ns/${identity.namespace}/sa/${identity.serviceAccount}`;
  const namespace = identity?.namespace ?? "";
  const field = <T>(values: readonly T[], not: readonly T[], equals: (value: T) => boolean): boolean =>
    (values.length === 0 || values.some(equals)) && !not.some(equals);
  return (
    field(match.namespaces, match.notNamespaces, (value) => textMatches(value, namespace)) &&
    field(match.principals, match.notPrincipals, (value) => textMatches(value, principal)) &&
    field(
      match.serviceAccounts,
      match.notServiceAccounts,
      (value) => value.namespace === identity?.namespace && value.serviceAccount === identity.serviceAccount,
    ) &&
    field(match.sourceIps, match.notSourceIps, (value) => blockContains(value, sourceIp)) &&
    field(match.destinationIps, match.notDestinationIps, (value) => blockContains(value, destinationIp)) &&
    field(match.destinationPorts, match.notDestinationPorts, (value) => value === destinationPort)
  );
}

function textMatches(match: StringMatch, text: string | undefined): boolean {
  if (text === undefined) return false;
  if (match.kind === "presence") return text.length > 0;
  if (match.kind === "exact") return text === match.value;
  if (match.kind === "prefix") return text.slice(0, match.value.length) === match.value;
  return text.length >= match.value.length && text.slice(text.length - match.value.length) === match.value;
}

/** Compares the first `length` bits as text. */
function blockContains(block: Cidr, address: Uint8Array): boolean {
  const bits = (bytes: Uint8Array): string =>
    [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return (
    block.bytes.length === address.length &&
    bits(block.bytes).slice(0, block.length) === bits(address).slice(0, block.length)
  );
}
