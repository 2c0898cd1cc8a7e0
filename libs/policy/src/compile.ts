import type { Cidr, IpBytes } from "@ambit/base/ip.ts";
import { cidrContains } from "@ambit/base/ip.ts";
import { policyKey } from "@ambit/model/policy.ts";
import type { Clause, Group, Match, Policy, ServiceAccountMatch, StringMatch } from "@ambit/model/policy.ts";
import type { Subject } from "./connection.ts";

/** Names of the fields of a match, as the model spells them. */
export type MatchField = keyof Match;

/** One non-empty field of a match. */
export interface FieldTest {
  readonly field: MatchField;
  /** True when the field holds for the subject, negation already applied. */
  readonly holds: (subject: Subject) => boolean;
}

/** All fields must hold; a match without any field never holds. */
export interface CompiledMatch {
  readonly source: Match;
  readonly tests: readonly FieldTest[];
}

export interface CompiledPolicy {
  readonly policy: Policy;
  /** `namespace/name`. */
  readonly key: string;
  /** Groups, clauses, matches: nested as in the policy, so that indexes are the same. */
  readonly groups: readonly (readonly (readonly CompiledMatch[])[])[];
}

/** How many literal values are compared one by one before a set pays. */
const LINEAR_LIMIT = 4;

// Policies are immutable, so their compiled form is remembered for as long as somebody holds the policy.
const compiled = new WeakMap<Policy, CompiledPolicy>();

/** The compiled form of an immutable policy; the same object every time for the same policy. */
export function compile(policy: Policy): CompiledPolicy {
  const known = compiled.get(policy);
  if (known !== undefined) return known;
  const fresh: CompiledPolicy = {
    policy,
    key: policyKey(policy),
    groups: policy.groups.map((group: Group) =>
      group.map((clause: Clause) => clause.map((match) => compileMatch(match))),
    ),
  };
  compiled.set(policy, fresh);
  return fresh;
}

/** The group that matches the subject, or -1. No group: never matches. */
export function matchingGroup(policy: CompiledPolicy, subject: Subject): number {
  const { groups } = policy;
  for (let index = 0; index < groups.length; index++) {
    const group = groups[index];
    if (group !== undefined && group.every((clause) => matchingMatch(clause, subject) !== NO_MATCH))
      return index;
  }
  return -1;
}

/** Result of `matchingMatch` when no match of a non-empty clause holds. */
export const NO_MATCH = -2;

/** Result of `matchingMatch` for a clause without matches, which holds for everything. */
export const EMPTY_CLAUSE = -1;

/** The first match of the clause that holds, `EMPTY_CLAUSE` or `NO_MATCH`. */
export function matchingMatch(clause: readonly CompiledMatch[], subject: Subject): number {
  if (clause.length === 0) return EMPTY_CLAUSE;
  for (let index = 0; index < clause.length; index++) {
    const match = clause[index];
    if (match !== undefined && matchHolds(match, subject)) return index;
  }
  return NO_MATCH;
}

function matchHolds(match: CompiledMatch, subject: Subject): boolean {
  // An empty match is false although an empty clause is true (ambient.md 6.3).
  if (match.tests.length === 0) return false;
  for (const test of match.tests) if (!test.holds(subject)) return false;
  return true;
}

/** The first field of a match that does not hold; undefined when all hold, or when the match has no field. */
export function firstFailure(match: CompiledMatch, subject: Subject): FieldTest | undefined {
  return match.tests.find((test) => !test.holds(subject));
}

function compileMatch(match: Match): CompiledMatch {
  const tests: FieldTest[] = [];
  const add = <T>(
    field: MatchField,
    notField: MatchField,
    values: readonly T[],
    not: readonly T[],
    make: Maker<T>,
  ) => {
    if (values.length > 0) tests.push({ field, holds: make(values) });
    if (not.length > 0) {
      const any = make(not);
      tests.push({ field: notField, holds: (subject) => !any(subject) });
    }
  };
  // Cheapest first: a port is one comparison, a list of blocks is a walk.
  add("destinationPorts", "notDestinationPorts", match.destinationPorts, match.notDestinationPorts, anyPort);
  add("principals", "notPrincipals", match.principals, match.notPrincipals, (values) =>
    anyText(values, (subject) => subject.principal),
  );
  add("namespaces", "notNamespaces", match.namespaces, match.notNamespaces, (values) =>
    anyText(values, (subject) => subject.namespace),
  );
  add("serviceAccounts", "notServiceAccounts", match.serviceAccounts, match.notServiceAccounts, anyAccount);
  add("sourceIps", "notSourceIps", match.sourceIps, match.notSourceIps, (values) =>
    anyBlock(values, (subject) => subject.sourceIp),
  );
  add("destinationIps", "notDestinationIps", match.destinationIps, match.notDestinationIps, (values) =>
    anyBlock(values, (subject) => subject.destinationIp),
  );
  return { source: match, tests };
}

/** Builds the test "some value matches". */
type Maker<T> = (values: readonly T[]) => (subject: Subject) => boolean;

function anyPort(ports: readonly number[]): (subject: Subject) => boolean {
  const [only] = ports;
  if (ports.length === 1 && only !== undefined) return (subject) => subject.destinationPort === only;
  const set = new Set(ports);
  return (subject) => set.has(subject.destinationPort);
}

function anyAccount(accounts: readonly ServiceAccountMatch[]): (subject: Subject) => boolean {
  // Neither part can hold a slash, so the joined text is unambiguous. The trust domain is not compared.
  const set = new Set(accounts.map((account) => `${account.namespace}/${account.serviceAccount}`));
  return (subject) => subject.account !== undefined && set.has(subject.account);
}

function anyBlock(
  blocks: readonly Cidr[],
  read: (subject: Subject) => IpBytes,
): (subject: Subject) => boolean {
  return (subject) => {
    const address = read(subject);
    for (const block of blocks) if (cidrContains(block, address)) return true;
    return false;
  };
}

function anyText(
  values: readonly StringMatch[],
  read: (subject: Subject) => string | undefined,
): (subject: Subject) => boolean {
  const literals = values.flatMap((value) => (value.kind === "exact" ? [value.value] : []));
  const prefixes = values.flatMap((value) => (value.kind === "prefix" ? [value.value] : []));
  const suffixes = values.flatMap((value) => (value.kind === "suffix" ? [value.value] : []));
  const presence = values.some((value) => value.kind === "presence");
  const set = literals.length > LINEAR_LIMIT ? new Set(literals) : undefined;
  return (subject) => {
    const text = read(subject);
    // Without an identity no positive value matches, not even presence.
    if (text === undefined) return false;
    if (presence && text !== "") return true;
    if (set === undefined ? literals.includes(text) : set.has(text)) return true;
    for (const prefix of prefixes) if (text.startsWith(prefix)) return true;
    for (const suffix of suffixes) if (text.endsWith(suffix)) return true;
    return false;
  };
}
