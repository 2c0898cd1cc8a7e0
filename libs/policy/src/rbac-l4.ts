import type { Policy, PolicyAction } from "@ambit/model/policy.ts";
import { compile, matchingGroup, matchingMatch } from "./compile.ts";
import type { CompiledPolicy } from "./compile.ts";
import { subjectOf } from "./connection.ts";
import type { Connection, Subject } from "./connection.ts";

/** Every policy that applies to one workload. */
export interface PolicySet {
  readonly policies: readonly Policy[];
  /** `namespace/name` of policies the workload names that were never received. */
  readonly missing: readonly string[];
}

/** Why a connection is allowed or refused. */
export type DecisionReason =
  /** An enforced DENY matched. */
  | "explicitly-denied"
  /** The workload names a policy that has not arrived, so nobody knows what it forbids. */
  | "policy-not-received"
  /** No enforced ALLOW applies to the workload: everything not denied is allowed. */
  | "no-allow-policy"
  /** An enforced ALLOW matched. */
  | "explicitly-allowed"
  /** Enforced ALLOW policies apply and none matched. */
  | "not-allowed";

/** A policy in dry run that would have matched. */
export interface DryRunMatch {
  /** `namespace/name`. */
  readonly policy: string;
  readonly action: PolicyAction;
  readonly group: number;
}

export interface Decision {
  readonly allow: boolean;
  readonly reason: DecisionReason;
  /** `namespace/name` of the policy that decided; undefined when none did. */
  readonly policy: string | undefined;
  /** Index of the group that matched; undefined when no policy decided by matching. */
  readonly group: number | undefined;
  /** Per clause of that group, the index of the match that held; -1 for an empty clause. */
  readonly matches: readonly number[];
  /** One sentence for the access log, in the words of ambient.md 6.2 for refusals. */
  readonly message: string;
  readonly dryRun: readonly DryRunMatch[];
}

/** No policy at all: everything is allowed. */
export const NO_POLICIES: PolicySet = { policies: [], missing: [] };

const NONE: readonly DryRunMatch[] = [];

/**
 * Decides one connection in the order of ambient.md 6.2: dry-run DENY is noted, an enforced DENY refuses, dry-run
 * ALLOW is noted, without an enforced ALLOW the connection is accepted, else one of them has to match.
 *
 * Stricter than the contract in one place: a policy that the workload names and that has not arrived refuses (after
 * explicit denials), because what it forbids is unknown. Istio's proxy skips such a name, which fails open.
 */
export function evaluate(set: PolicySet, connection: Connection): Decision {
  const { policies, missing } = set;
  if (policies.length === 0 && missing.length === 0) return allowed("no-allow-policy", NONE);
  const subject = subjectOf(connection);
  const dryRun: DryRunMatch[] = [];
  let allows = 0;
  for (const policy of policies) {
    if (policy.dryRun) {
      if (policy.action === "DENY") note(policy, subject, dryRun);
    } else if (policy.action === "ALLOW") allows += 1;
  }
  const denial = firstMatching(policies, "DENY", subject);
  if (denial !== undefined) return decided(denial, "explicitly-denied", subject, dryRun);
  if (missing.length > 0) return refusedForMissing(missing, dryRun);
  for (const policy of policies)
    if (policy.dryRun && policy.action === "ALLOW") note(policy, subject, dryRun);
  if (allows === 0) return allowed("no-allow-policy", dryRun);
  const permission = firstMatching(policies, "ALLOW", subject);
  if (permission !== undefined) return decided(permission, "explicitly-allowed", subject, dryRun);
  return {
    allow: false,
    reason: "not-allowed",
    policy: undefined,
    group: undefined,
    matches: [],
    message: "allow policies exist, but none allowed",
    dryRun,
  };
}

interface Hit {
  readonly compiled: CompiledPolicy;
  readonly group: number;
}

function firstMatching(policies: readonly Policy[], action: PolicyAction, subject: Subject): Hit | undefined {
  for (const policy of policies) {
    if (policy.dryRun || policy.action !== action) continue;
    const compiled = compile(policy);
    const group = matchingGroup(compiled, subject);
    if (group >= 0) return { compiled, group };
  }
  return undefined;
}

function note(policy: Policy, subject: Subject, into: DryRunMatch[]): void {
  const compiled = compile(policy);
  const group = matchingGroup(compiled, subject);
  if (group >= 0) into.push({ policy: compiled.key, action: policy.action, group });
}

function decided(
  hit: Hit,
  reason: "explicitly-denied" | "explicitly-allowed",
  subject: Subject,
  dryRun: readonly DryRunMatch[],
): Decision {
  const { key, groups } = hit.compiled;
  const words = reason === "explicitly-denied" ? "explicitly denied by" : "explicitly allowed by";
  return {
    allow: reason === "explicitly-allowed",
    reason,
    policy: key,
    group: hit.group,
    matches: (groups[hit.group] ?? []).map((clause) => matchingMatch(clause, subject)),
    message: `${words}: ${key}`,
    dryRun,
  };
}

function refusedForMissing(missing: readonly string[], dryRun: readonly DryRunMatch[]): Decision {
  return {
    allow: false,
    reason: "policy-not-received",
    policy: missing[0],
    group: undefined,
    matches: [],
    message: `policy not received yet: ${missing.join(", ")}`,
    dryRun,
  };
}

function allowed(reason: "no-allow-policy", dryRun: readonly DryRunMatch[]): Decision {
  return {
    allow: true,
    reason,
    policy: undefined,
    group: undefined,
    matches: [],
    message: "no allow policy applies",
    dryRun,
  };
}
