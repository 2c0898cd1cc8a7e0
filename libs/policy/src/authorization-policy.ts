import type { Group, Policy, PolicyScope } from "@ambit/model/policy.ts";
import { convertRule } from "./authorization-rule.ts";
import type { RuleInput } from "./authorization-rule.ts";
import type { PolicyProblem } from "./policy-problem.ts";

/** An AuthorizationPolicy of security.istio.io/v1 with defaults filled in: absent lists are empty. */
export interface AuthorizationPolicyInput {
  readonly name: string;
  readonly namespace: string;
  /** Value of the annotation `istio.io/dry-run`. */
  readonly dryRun: string | undefined;
  readonly spec: {
    readonly action: "ALLOW" | "DENY" | "AUDIT" | "CUSTOM";
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> } | undefined;
    /** Only whether there is one matters here. */
    readonly targetRefs: readonly unknown[];
    readonly rules: readonly RuleInput[];
  };
}

export interface AuthorizationPolicyOptions {
  /** Policies in this namespace concern the whole mesh. */
  readonly rootNamespace: string;
  /**
   * Send dry-run policies to the proxies, as Istio's AMBIENT_ENABLE_DRY_RUN_AUTHORIZATION_POLICY does. Proxies older
   * than the field enforce such a policy.
   */
  readonly dryRun: boolean;
}

/** Reason of the condition `ZtunnelAccepted`; undefined when the policy is not for the node proxies. */
export type AcceptedReason = "Accepted" | "PartiallyInvalid" | "UnsupportedValue" | "Invalid";

/** What the node proxies get of a policy. */
export interface ConvertedPolicy {
  /** Undefined when the proxies get nothing. */
  readonly policy: Policy | undefined;
  /** Labels a workload must have, for scope WORKLOAD_SELECTOR; see `policySelects`. */
  readonly selector: Readonly<Record<string, string>> | undefined;
  readonly reason: AcceptedReason | undefined;
  readonly problems: readonly PolicyProblem[];
}

/**
 * Converts an AuthorizationPolicy for the node proxies (ambient.md 6.4). Never throws. What layer 4 cannot evaluate
 * counts against the connection: it makes an ALLOW rule disappear and a DENY rule wider (see `convertRule`).
 */
export function convertAuthorizationPolicy(
  input: AuthorizationPolicyInput,
  options: AuthorizationPolicyOptions,
): ConvertedPolicy {
  const { action, rules, selector, targetRefs } = input.spec;
  if (targetRefs.length > 0) return notSent(undefined, []);
  if (action === "AUDIT" || action === "CUSTOM")
    return notSent("UnsupportedValue", [unsupportedAction(action)]);
  const dryRun = readDryRun(input.dryRun);
  const problems: PolicyProblem[] = dryRun === undefined ? [badDryRun(input.dryRun ?? "")] : [];
  if (dryRun === true && !options.dryRun) return notSent("UnsupportedValue", [dryRunOff()]);
  const groups: Group[] = [];
  rules.forEach((rule, index) => {
    const converted = convertRule(rule, action, input.namespace, `spec.rules[${index}]`);
    problems.push(...converted.problems);
    if (converted.group !== undefined) groups.push(converted.group);
  });
  if (action === "ALLOW" && rules.length > 0 && groups.length === 0) problems.push(deniesAll());
  const labels = selector?.matchLabels ?? {};
  const selects = Object.keys(labels).length > 0;
  const scope = scopeOf(selects, input.namespace === options.rootNamespace);
  const { name, namespace } = input;
  return {
    // An annotation that cannot be read must not switch a policy off: it stays enforced.
    policy: { name, namespace, scope, action, groups, dryRun: dryRun === true },
    selector: selects ? labels : undefined,
    reason: reasonOf(problems),
    problems,
  };
}

/** True when a selector policy is attached to the workload: in its own namespace, or anywhere from the root namespace. */
export function policySelects(
  policyNamespace: string,
  selector: Readonly<Record<string, string>>,
  workload: { readonly namespace: string; readonly labels: Readonly<Record<string, string>> },
  rootNamespace: string,
): boolean {
  if (policyNamespace !== workload.namespace && policyNamespace !== rootNamespace) return false;
  return Object.entries(selector).every(([key, value]) => workload.labels[key] === value);
}

// An empty selector selects everything, as no selector does; the wider scope needs no list on each workload.
function scopeOf(selects: boolean, inRoot: boolean): PolicyScope {
  if (selects) return "WORKLOAD_SELECTOR";
  return inRoot ? "GLOBAL" : "NAMESPACE";
}

function reasonOf(problems: readonly PolicyProblem[]): AcceptedReason {
  if (problems.some((problem) => problem.code === "Invalid")) return "PartiallyInvalid";
  return problems.length > 0 ? "UnsupportedValue" : "Accepted";
}

function notSent(reason: AcceptedReason | undefined, problems: readonly PolicyProblem[]): ConvertedPolicy {
  return { policy: undefined, selector: undefined, reason, problems };
}

/** The texts that Istio's annotation takes for a boolean; undefined for any other. */
function readDryRun(text: string | undefined): boolean | undefined {
  if (text === undefined || /^(0|f|F|false|False|FALSE)$/.test(text)) return false;
  return /^(1|t|T|true|True|TRUE)$/.test(text) ? true : undefined;
}

function unsupportedAction(action: string): PolicyProblem {
  return {
    path: "spec.action",
    code: "UnsupportedValue",
    message: `action ${action} needs layer 7, node proxies enforce nothing of this policy`,
    remedy: "attach the policy to a waypoint with spec.targetRefs",
  };
}

function badDryRun(text: string): PolicyProblem {
  return {
    path: "metadata.annotations[istio.io/dry-run]",
    code: "Invalid",
    message: `"${text.slice(0, 40)}" is neither true nor false, so the policy is enforced`,
    remedy: 'write "true" or "false"',
  };
}

function dryRunOff(): PolicyProblem {
  return {
    path: "metadata.annotations[istio.io/dry-run]",
    code: "DryRun",
    message: "dry run is switched off for node proxies, so the policy is neither enforced nor logged",
    remedy: "remove the annotation to enforce the policy, or switch dry run on",
  };
}

function deniesAll(): PolicyProblem {
  return {
    path: "spec.rules",
    code: "UnsupportedValue",
    message: "no rule of this ALLOW policy can be evaluated at layer 4, so it denies everything",
    remedy: "attach the policy to a waypoint with spec.targetRefs, or add a rule for layer 4",
  };
}
