import type { PolicyAction } from "@ambit/model/policy.ts";
import { compile, firstFailure, matchingGroup, matchingMatch, EMPTY_CLAUSE, NO_MATCH } from "./compile.ts";
import type { CompiledMatch, CompiledPolicy, MatchField } from "./compile.ts";
import { subjectOf } from "./connection.ts";
import type { Connection, Subject } from "./connection.ts";
import { describeActual, describeValues } from "./describe.ts";
import { evaluate } from "./rbac-l4.ts";
import type { Decision, PolicySet } from "./rbac-l4.ts";

/** Why one match of a clause did not hold; a match without fields never does. */
export interface MatchFailure {
  readonly match: number;
  /** The first field that failed; undefined for a match without fields. */
  readonly field: MatchField | undefined;
  readonly wanted: string;
  readonly actual: string;
}

export interface ClauseTrace {
  readonly clause: number;
  readonly holds: boolean;
  /** The match that held; undefined for a clause without matches, and when none held. */
  readonly match: number | undefined;
  /** One entry per match that was tried and failed. */
  readonly failures: readonly MatchFailure[];
}

export interface GroupTrace {
  readonly group: number;
  readonly holds: boolean;
  /** Up to the first clause that does not hold. */
  readonly clauses: readonly ClauseTrace[];
}

export interface PolicyTrace {
  /** `namespace/name`. */
  readonly policy: string;
  readonly action: PolicyAction;
  readonly dryRun: boolean;
  readonly matches: boolean;
  /** This policy decided the connection. */
  readonly decides: boolean;
  /** Up to the first group that holds. */
  readonly groups: readonly GroupTrace[];
}

export interface Explanation {
  readonly decision: Decision;
  /** In the order of evaluation: dry-run DENY, DENY, dry-run ALLOW, ALLOW. */
  readonly policies: readonly PolicyTrace[];
  readonly missing: readonly string[];
}

/**
 * How `evaluate` comes to its decision: every policy of the set, with the clause that held or the first field that did
 * not. Uses the same compiled tests, so it cannot disagree. Policies behind the deciding one are traced as well,
 * because a reader wants to know what would come next.
 */
export function explain(set: PolicySet, connection: Connection): Explanation {
  const decision = evaluate(set, connection);
  const subject = subjectOf(connection);
  const order = (policy: CompiledPolicy): number =>
    (policy.policy.action === "DENY" ? 0 : 2) + (policy.policy.dryRun ? 0 : 1);
  const sorted = set.policies
    .map((policy) => compile(policy))
    .toSorted((left, right) => order(left) - order(right));
  const decider =
    decision.group === undefined ? undefined : sorted.find((policy) => decides(policy, decision));
  return {
    decision,
    policies: sorted.map((policy) => tracePolicy(policy, subject, policy === decider)),
    missing: set.missing,
  };
}

/** The explanation as lines of text: the decision first, then one indented block per policy. */
export function formatExplanation(explanation: Explanation): readonly string[] {
  const { decision, policies, missing } = explanation;
  const lines = [`${decision.allow ? "ALLOWED" : "REFUSED"}: ${decision.message}`];
  for (const name of missing) lines.push(`  ${name}: named by the workload, not received`);
  for (const entry of policies) {
    const mode = entry.dryRun ? `dry-run ${entry.action}` : entry.action;
    const mark = entry.decides ? ", decides" : "";
    lines.push(`  ${entry.policy} (${mode}): ${entry.matches ? "matches" : "does not match"}${mark}`);
    if (entry.groups.length === 0) lines.push("    has no rule, so it never matches");
    for (const group of entry.groups) lines.push(...groupLines(group));
  }
  return lines;
}

function groupLines(group: GroupTrace): string[] {
  if (group.holds && group.clauses.length === 0)
    return [`    rule ${group.group}: has no condition, so it holds`];
  const lines: string[] = [];
  for (const clause of group.clauses) {
    const where = `    rule ${group.group}, clause ${clause.clause}`;
    if (clause.holds) {
      lines.push(
        clause.match === undefined
          ? `${where}: is empty, so it holds`
          : `${where}: match ${clause.match} holds`,
      );
      continue;
    }
    for (const failure of clause.failures) {
      lines.push(
        failure.field === undefined
          ? `${where}: match ${failure.match} is empty, so it never holds`
          : `${where}: ${failure.field} wants ${failure.wanted}, is ${failure.actual}`,
      );
    }
  }
  return lines;
}

function decides(policy: CompiledPolicy, decision: Decision): boolean {
  const action = decision.allow ? "ALLOW" : "DENY";
  return policy.key === decision.policy && !policy.policy.dryRun && policy.policy.action === action;
}

function tracePolicy(policy: CompiledPolicy, subject: Subject, decider: boolean): PolicyTrace {
  const holding = matchingGroup(policy, subject);
  const tried = holding < 0 ? policy.groups : policy.groups.slice(0, holding + 1);
  return {
    policy: policy.key,
    action: policy.policy.action,
    dryRun: policy.policy.dryRun,
    matches: holding >= 0,
    decides: decider,
    groups: tried.map((group, index) => traceGroup(group, index, index === holding, subject)),
  };
}

function traceGroup(
  group: readonly (readonly CompiledMatch[])[],
  index: number,
  holds: boolean,
  subject: Subject,
): GroupTrace {
  const clauses: ClauseTrace[] = [];
  for (const [position, clause] of group.entries()) {
    const trace = traceClause(clause, position, subject);
    clauses.push(trace);
    if (!trace.holds) break;
  }
  return { group: index, holds, clauses };
}

function traceClause(clause: readonly CompiledMatch[], index: number, subject: Subject): ClauseTrace {
  const result = matchingMatch(clause, subject);
  const failed = result === NO_MATCH ? clause : result === EMPTY_CLAUSE ? [] : clause.slice(0, result);
  return {
    clause: index,
    holds: result !== NO_MATCH,
    match: result >= 0 ? result : undefined,
    failures: failed.map((match, position) => failureOf(match, position, subject)),
  };
}

function failureOf(match: CompiledMatch, index: number, subject: Subject): MatchFailure {
  const test = firstFailure(match, subject);
  if (test === undefined) return { match: index, field: undefined, wanted: "", actual: "" };
  return {
    match: index,
    field: test.field,
    wanted: describeValues(match.source, test.field),
    actual: describeActual(subject, test.field),
  };
}
