import { list, oneOf, text } from "../scalars.ts";
import { optional, record, required, withDefault, type Path, type Report, type Schema } from "../schema.ts";
import type { Definition, Resource } from "./definition.ts";
import { policySelector, targetRef, type PolicySelector, type TargetRef } from "./policy-target.ts";

/** Who is asking: every field that is set must hold. */
export interface PolicySource {
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

/** What is asked for: every field that is set must hold. */
export interface PolicyOperation {
  readonly hosts: readonly string[];
  readonly notHosts: readonly string[];
  readonly ports: readonly string[];
  readonly notPorts: readonly string[];
  readonly methods: readonly string[];
  readonly notMethods: readonly string[];
  readonly paths: readonly string[];
  readonly notPaths: readonly string[];
}

export interface PolicyCondition {
  readonly key: string;
  readonly values: readonly string[];
  readonly notValues: readonly string[];
}

export interface PolicyRule {
  readonly from: readonly { readonly source: PolicySource }[];
  readonly to: readonly { readonly operation: PolicyOperation }[];
  readonly when: readonly PolicyCondition[];
}

/** security.istio.io AuthorizationPolicy. */
export interface AuthorizationPolicy extends Resource<"AuthorizationPolicy"> {
  readonly spec: {
    readonly selector: PolicySelector | undefined;
    readonly targetRefs: readonly TargetRef[];
    readonly action: "ALLOW" | "DENY" | "AUDIT" | "CUSTOM";
    /** Absent or empty rules of an ALLOW policy deny everything. */
    readonly rules: readonly PolicyRule[];
    readonly provider: string | undefined;
  };
}

const word = text({ allowEmpty: false, expected: "a value" });
const words = withDefault(list(word, { min: 1 }), () => []);

const source: Schema<PolicySource> = record({
  principals: words,
  notPrincipals: words,
  requestPrincipals: words,
  notRequestPrincipals: words,
  namespaces: words,
  notNamespaces: words,
  serviceAccounts: words,
  notServiceAccounts: words,
  ipBlocks: words,
  notIpBlocks: words,
  remoteIpBlocks: words,
  notRemoteIpBlocks: words,
});

const portText: Schema<string> = text({
  pattern: /^([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])$/,
  expected: 'a port in quotes, such as "8080"',
});
const ports = withDefault(list(portText, { min: 1 }), () => []);

const operation: Schema<PolicyOperation> = record({
  hosts: words,
  notHosts: words,
  ports,
  notPorts: ports,
  methods: words,
  notMethods: words,
  paths: words,
  notPaths: words,
});

/** A source or operation without any field would match everything by accident: refused, as Istio's validation does. */
function filled<T extends object>(schema: Schema<T>, what: string): Schema<T> {
  return (value, path, report) => {
    const before = report.problems.length;
    const read = schema(value, path, report);
    if (read === undefined || report.problems.length > before) return read;
    if (Object.values(read).some((entry) => (entry as readonly string[]).length > 0)) return read;
    return report.add("AMB0007", path, `the ${what} is empty`, `name at least one field of the ${what}`);
  };
}

const condition: Schema<PolicyCondition> = (value, path, report) => {
  const read = record({ key: required(word), values: words, notValues: words })(value, path, report);
  if (read === undefined || read.values.length + read.notValues.length > 0) return read;
  return report.add("AMB0005", path, "the condition has neither values nor notValues", "add values");
};

const rule: Schema<PolicyRule> = record({
  from: withDefault(list(record({ source: required(filled(source, "source")) }), { min: 1 }), () => []),
  to: withDefault(
    list(record({ operation: required(filled(operation, "operation")) }), { min: 1 }),
    () => [],
  ),
  when: withDefault(list(condition, { min: 1 }), () => []),
});

const specFields = record({
  selector: optional(policySelector),
  targetRef: optional(targetRef),
  targetRefs: withDefault(list(targetRef), () => []),
  action: withDefault(oneOf(["ALLOW", "DENY", "AUDIT", "CUSTOM"]), () => "ALLOW" as const),
  rules: withDefault(list(rule), () => []),
  provider: optional(record({ name: required(word) })),
});

const spec: Schema<AuthorizationPolicy["spec"]> = (value, path, report) => {
  rejectNulls(value, path, report);
  const read = specFields(value, path, report);
  if (read === undefined) return undefined;
  const { targetRef: single, targetRefs: several, provider, ...rest } = read;
  const targetRefs = single === undefined ? several : [single, ...several];
  if (targetRefs.length > 0 && rest.selector !== undefined) {
    return report.add("AMB0007", path, "selector and targetRefs cannot be used together", "keep one of them");
  }
  if (rest.rules.length === 0 && rest.action !== "ALLOW") {
    return report.add("AMB0005", path, `a policy with action ${rest.action} needs rules`, "add spec.rules");
  }
  if ((rest.action === "CUSTOM") !== (provider !== undefined)) {
    return report.add(
      "AMB0007",
      path,
      "provider goes with action CUSTOM, and only with it",
      "correct spec.action",
    );
  }
  return { ...rest, targetRefs, provider: provider?.name };
};

// An empty `from:` or `values:` reads as null. As "absent" it would let everybody in, so it is refused.
function rejectNulls(value: unknown, path: Path | undefined, report: Report, depth = 0): void {
  if (typeof value !== "object" || value === null || depth > 8) return;
  for (const [name, entry] of Object.entries(value)) {
    const at: Path = { parent: path, key: Array.isArray(value) ? Number(name) : name };
    if (entry === null && !(depth === 0 && name === "rules")) {
      report.add("AMB0005", at, "the field is written but has no value", "give it a value, or remove it", {
        at: "key",
      });
    }
    rejectNulls(entry, at, report, depth + 1);
  }
}

const EMPTY_SPEC: AuthorizationPolicy["spec"] = {
  selector: undefined,
  targetRefs: [],
  action: "ALLOW",
  rules: [],
  provider: undefined,
};

export const authorizationPolicyDefinition: Definition<AuthorizationPolicy> = {
  kind: "AuthorizationPolicy",
  apiVersions: ["security.istio.io/v1", "security.istio.io/v1beta1"],
  namespaced: true,
  strict: true,
  body: record({ spec: withDefault(spec, () => EMPTY_SPEC) }, { ignored: ["status"] }),
};
