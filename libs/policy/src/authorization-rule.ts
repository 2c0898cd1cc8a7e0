import type { Cidr } from "@ambit/base/ip.ts";
import { EMPTY_MATCH } from "@ambit/model/policy.ts";
import type { Clause, Group, Match, PolicyAction, StringMatch } from "@ambit/model/policy.ts";
import type { PolicyProblem } from "./policy-problem.ts";
import { RulePart } from "./rule-part.ts";
import type { RuleContext } from "./rule-part.ts";

/** Who asks; absent fields are empty. */
export interface SourceInput {
  readonly principals: readonly string[];
  readonly notPrincipals: readonly string[];
  readonly requestPrincipals: readonly string[];
  readonly notRequestPrincipals: readonly string[];
  readonly namespaces: readonly string[];
  readonly notNamespaces: readonly string[];
  readonly serviceAccounts: readonly string[];
  readonly notServiceAccounts: readonly string[];
  readonly ipBlocks: readonly string[];
  readonly notIpBlocks: readonly string[];
  readonly remoteIpBlocks: readonly string[];
  readonly notRemoteIpBlocks: readonly string[];
}

/** What is asked for; absent fields are empty. */
export interface OperationInput {
  readonly hosts: readonly string[];
  readonly notHosts: readonly string[];
  readonly ports: readonly string[];
  readonly notPorts: readonly string[];
  readonly methods: readonly string[];
  readonly notMethods: readonly string[];
  readonly paths: readonly string[];
  readonly notPaths: readonly string[];
}

export interface ConditionInput {
  readonly key: string;
  readonly values: readonly string[];
  readonly notValues: readonly string[];
}

export interface RuleInput {
  readonly from: readonly { readonly source: SourceInput }[];
  readonly to: readonly { readonly operation: OperationInput }[];
  readonly when: readonly ConditionInput[];
}

export interface ConvertedRule {
  /** Undefined for an ALLOW rule that was dropped. */
  readonly group: Group | undefined;
  readonly problems: readonly PolicyProblem[];
}

/** One condition of a rule, before it is a match. */
interface Draft {
  readonly match: Match;
  /** Some part of it cannot be evaluated at layer 4. */
  readonly clipped: boolean;
}

/** A match that never holds. */
const NEVER: Clause = [EMPTY_MATCH];

const L7_SOURCE = [
  "requestPrincipals",
  "notRequestPrincipals",
  "remoteIpBlocks",
  "notRemoteIpBlocks",
] as const;
const L7_OPERATION = ["hosts", "notHosts", "methods", "notMethods", "paths", "notPaths"] as const;

/**
 * One rule to one group: a clause for `from`, one for `to`, one per `when` entry.
 *
 * What layer 4 cannot evaluate (layer-7 fields, unknown `when` keys, values that cannot be read) counts against the
 * connection:
 * - ALLOW: the whole rule is dropped, so it allows less. A list that keeps at least one readable value stands.
 * - DENY: the part is left out, so the rest denies more: `ports: [8080], methods: [GET]` denies all of port 8080.
 *   A condition with nothing left counts as true, so `from: a` with `methods: [GET]` denies everything from a. Istio
 *   leaves an empty match there instead, which never holds, and the rule silently denies nothing. Only a rule of
 *   which nothing at all remains keeps that form, because the alternative is to deny all traffic; its problem says so.
 */
export function convertRule(
  rule: RuleInput,
  action: PolicyAction,
  policyNamespace: string,
  path: string,
): ConvertedRule {
  const problems: PolicyProblem[] = [];
  const context: RuleContext = { action, policyNamespace, problems };
  const parts: Draft[][] = [];
  if (rule.from.length > 0) {
    parts.push(
      rule.from.map((entry, index) => readSource(entry.source, context, `${path}.from[${index}].source`)),
    );
  }
  if (rule.to.length > 0) {
    parts.push(
      rule.to.map((entry, index) =>
        readOperation(entry.operation, context, `${path}.to[${index}].operation`),
      ),
    );
  }
  rule.when.forEach((entry, index) => parts.push([readCondition(entry, context, `${path}.when[${index}]`)]));
  const clipped = parts.some((drafts) => drafts.some((draft) => draft.clipped));
  if (action === "ALLOW") {
    return {
      group: clipped ? undefined : parts.map((drafts) => drafts.map((draft) => draft.match)),
      problems,
    };
  }
  const group = parts.map((drafts) => denyClause(drafts)).filter((clause) => clause.length > 0);
  if (parts.length > 0 && group.length === 0) {
    problems.push(noEffect(path));
    return { group: [NEVER], problems };
  }
  return { group, problems };
}

/** Empty, which is true, as soon as one alternative has nothing left to compare. */
function denyClause(drafts: readonly Draft[]): Clause {
  return drafts.some((draft) => draft.clipped && isEmpty(draft.match))
    ? []
    : drafts.map((draft) => draft.match);
}

function isEmpty(match: Match): boolean {
  return Object.values(match).every((values: readonly unknown[]) => values.length === 0);
}

function readSource(source: SourceInput, context: RuleContext, path: string): Draft {
  const part = new RulePart(path, context);
  part.refuse(source, L7_SOURCE);
  const match = {
    ...EMPTY_MATCH,
    principals: part.texts("principals", source.principals),
    notPrincipals: part.texts("notPrincipals", source.notPrincipals),
    namespaces: part.texts("namespaces", source.namespaces),
    notNamespaces: part.texts("notNamespaces", source.notNamespaces),
    serviceAccounts: part.accounts("serviceAccounts", source.serviceAccounts),
    notServiceAccounts: part.accounts("notServiceAccounts", source.notServiceAccounts),
    sourceIps: part.blocks("ipBlocks", source.ipBlocks),
    notSourceIps: part.blocks("notIpBlocks", source.notIpBlocks),
  };
  return { match, clipped: part.clipped };
}

function readOperation(operation: OperationInput, context: RuleContext, path: string): Draft {
  const part = new RulePart(path, context);
  part.refuse(operation, L7_OPERATION);
  const match = {
    ...EMPTY_MATCH,
    destinationPorts: part.ports("ports", operation.ports),
    notDestinationPorts: part.ports("notPorts", operation.notPorts),
  };
  return { match, clipped: part.clipped };
}

function readCondition(condition: ConditionInput, context: RuleContext, path: string): Draft {
  const part = new RulePart(path, context);
  const { values, notValues } = condition;
  const read = <T>(
    make: (field: string, list: readonly string[]) => readonly T[],
  ): [readonly T[], readonly T[]] => [make("values", values), make("notValues", notValues)];
  const texts = (field: string, list: readonly string[]): readonly StringMatch[] => part.texts(field, list);
  const blocks = (field: string, list: readonly string[]): readonly Cidr[] => part.blocks(field, list);
  let match = EMPTY_MATCH;
  switch (condition.key) {
    case "source.ip": {
      const [sourceIps, notSourceIps] = read(blocks);
      match = { ...match, sourceIps, notSourceIps };
      break;
    }
    case "source.namespace": {
      const [namespaces, notNamespaces] = read(texts);
      match = { ...match, namespaces, notNamespaces };
      break;
    }
    case "source.principal": {
      const [principals, notPrincipals] = read(texts);
      match = { ...match, principals, notPrincipals };
      break;
    }
    case "destination.ip": {
      const [destinationIps, notDestinationIps] = read(blocks);
      match = { ...match, destinationIps, notDestinationIps };
      break;
    }
    case "destination.port": {
      const [destinationPorts, notDestinationPorts] = read((field, list) => part.ports(field, list));
      match = { ...match, destinationPorts, notDestinationPorts };
      break;
    }
    default:
      part.unsupported("key", `condition "${condition.key.slice(0, 80)}"`);
  }
  return { match, clipped: part.clipped };
}

function noEffect(path: string): PolicyProblem {
  return {
    path,
    code: "UnsupportedValue",
    message: "nothing of this DENY rule can be evaluated at layer 4, so it has no effect at node proxies",
    remedy: "attach the policy to a waypoint with spec.targetRefs",
  };
}
