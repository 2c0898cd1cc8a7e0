import { describe, expect, test } from "vitest";
import { lineOfField, parseFieldPath, readDocument } from "./read-resources.ts";
import { podValue, policyValue, serviceValue, yamlDocument } from "./testing/yaml-builder.ts";

/** Code, severity, line and field of each diagnostic. */
function found(text: string): string[] {
  return readDocument(text).diagnostics.map(({ code, severity, line, field }) =>
    `${code} ${severity} ${line} ${field}`.trimEnd(),
  );
}

function objectOf(text: string) {
  return readDocument(text).entries[0]?.object;
}

const POLICY = `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  name: deny
spec:
  action: DENY
  rules:
  - from:
    - source:
        principals: ["*"]
`;

describe("readDocument()", () => {
  test("reads a resource, fills in defaults and the namespace", () => {
    const object = objectOf(POLICY);
    expect(readDocument(POLICY).diagnostics).toEqual([]);
    expect(object).toMatchObject({
      kind: "AuthorizationPolicy",
      metadata: { name: "deny", namespace: "default" },
      spec: { action: "DENY", targetRefs: [], selector: undefined },
    });
  });

  test("leaves the namespace of a cluster-wide kind empty", () => {
    const text = "apiVersion: v1\nkind: Namespace\nmetadata: { name: shop, namespace: x }\n";
    expect(objectOf(text)?.metadata.namespace).toBe("");
  });

  test("opens a List and reports each item with its place", () => {
    const text = `apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: ServiceAccount
  metadata: { name: a }
- apiVersion: v1
  kind: ServiceAccount
  metadata: { name: B }
`;
    const read = readDocument(text);
    expect(read.entries.map((entry) => [entry.object?.metadata.name, entry.line])).toEqual([
      ["a", 4],
      [undefined, 7],
    ]);
    expect(found(text)).toEqual(["AMB0014 error 9 items[1].metadata.name"]);
  });

  test.each([
    ["a syntax error", "a: [1\nb: 2\n", ["AMB0001 error 2"]],
    ["text that is no mapping", "just text\n", ["AMB0002 error 1"]],
    ["a missing kind", "apiVersion: v1\nmetadata: { name: a }\n", ["AMB0002 error 1"]],
    ["an unused kind", "apiVersion: v1\nkind: ConfigMap\n", ["AMB0003 info 2 kind"]],
    [
      "a kind of another group",
      "apiVersion: serving.knative.dev/v1\nkind: Service\n",
      ["AMB0003 info 2 kind"],
    ],
    ["an unsupported version", POLICY.replace("/v1", "/v9"), ["AMB0015 error 1 apiVersion"]],
    ["a missing name", POLICY.replace("name: deny", "labels: {}"), ["AMB0005 error 3 metadata"]],
    ["a bad name", POLICY.replace("name: deny", "name: Deny_1"), ["AMB0014 error 4 metadata.name"]],
    ["a key twice", POLICY.replace("  action: DENY", "  action: DENY\n  action: ALLOW"), ["AMB0009 error 7"]],
    ["a prototype key", "apiVersion: v1\n__proto__: { a: 1 }\n", ["AMB0013 error 2"]],
    ["half a surrogate pair", 'a: b\nc: "\\ud800"\n', ["AMB0001 error 2"]],
    ["half a surrogate pair in a key", '"\\udfff": b\n', ["AMB0001 error 1"]],
    ["an undefined alias", "a: *b\n", ["AMB0001 error 1"]],
    ["an alias of itself", "a: &a [*a]\n", ["AMB0016 error 1"]],
  ])("reports %s with code and line", (_what, text, expected) => {
    expect(found(text)).toEqual(expected);
  });

  test("a policy with an unknown field is refused and told what was meant", () => {
    const read = readDocument(POLICY.replace("action: DENY", "acton: DENY"));
    expect(read.entries[0]?.object).toBeUndefined();
    expect(read.entries[0]?.resource?.name).toBe("deny");
    expect(read.diagnostics).toMatchObject([
      { code: "AMB0004", severity: "error", line: 6, field: "spec.acton", remedy: 'did you mean "action"?' },
    ]);
  });

  test("an unknown field elsewhere is a warning and the resource is taken", () => {
    const text = yamlDocument(serviceValue({ name: "a", spec: { selectors: {} } }));
    expect(found(text)).toEqual(["AMB0004 warning 13 spec.selectors"]);
    expect(objectOf(text)).toBeDefined();
  });

  test.each([
    ["an empty source", { rules: [{ from: [{ source: {} }] }] }, "AMB0007 spec.rules[0].from[0].source"],
    ["an empty list", { rules: [{ from: [] }] }, "AMB0007 spec.rules[0].from"],
    ["a field without value", { rules: [{ from: null }] }, "AMB0005 spec.rules[0].from"],
    ["DENY without rules", { action: "DENY" }, "AMB0005 spec"],
    [
      "a port that is none",
      { rules: [{ to: [{ operation: { ports: ["70000"] } }] }] },
      "AMB0007 spec.rules[0].to[0].operation.ports[0]",
    ],
    [
      "a condition without values",
      { rules: [{ when: [{ key: "source.ip" }] }] },
      "AMB0005 spec.rules[0].when[0]",
    ],
    ["a provider without CUSTOM", { provider: { name: "x" } }, "AMB0007 spec"],
    [
      "a wildcard in the selector",
      { selector: { matchLabels: { app: "a*" } } },
      "AMB0007 spec.selector.matchLabels.app",
    ],
    ["selector and target", { selector: {}, targetRefs: [{ kind: "Service", name: "a" }] }, "AMB0007 spec"],
  ])("an AuthorizationPolicy with %s is refused", (_what, spec, expected) => {
    const read = readDocument(yamlDocument(policyValue("p", spec)));
    expect(read.entries[0]?.object).toBeUndefined();
    expect(read.diagnostics.map(({ code, field }) => `${code} ${field}`)).toContain(expected);
  });

  test("`spec: {}` and absent rules stay what they mean: deny everything", () => {
    for (const spec of [{}, { rules: null }, { rules: [] }]) {
      expect(objectOf(yamlDocument(policyValue("p", spec)))).toMatchObject({
        spec: { action: "ALLOW", rules: [] },
      });
    }
  });

  test("a PeerAuthentication's ports are checked", () => {
    const text = (port: string): string => `apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: p }
spec:
  selector: { matchLabels: { app: a } }
  portLevelMtls: { ${port}: { mode: PERMISSIVE } }
`;
    expect(found(text("8080"))).toEqual([]);
    expect(found(text("0"))).toEqual(["AMB0007 error 6 spec.portLevelMtls.0"]);
  });

  test("a pod's deprecated fields and its single address are understood", () => {
    const value = podValue({ name: "p", ip: "10.0.0.9" }) as {
      spec: Record<string, unknown>;
      status: Record<string, unknown>;
    };
    delete value.spec["serviceAccountName"];
    delete value.status["podIPs"];
    value.spec["serviceAccount"] = "cart";
    expect(objectOf(yamlDocument(value))).toMatchObject({
      spec: { serviceAccountName: "cart" },
      status: { podIPs: ["10.0.0.9"] },
    });
  });

  test("numbers where text belongs are refused with the remedy to quote them", () => {
    const text = "apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: a, labels: { v: 1 } }\n";
    expect(readDocument(text).diagnostics).toMatchObject([{ code: "AMB0006", remedy: "put it in quotes" }]);
  });

  test("an alias bomb is refused, ordinary anchors and merge keys work", () => {
    const rows = ["a: &a [x, x, x, x, x, x, x, x, x, x]"];
    for (const [from, to] of ["ab", "bc", "cd", "de", "ef"].map((pair) => pair.split(""))) {
      rows.push(`${to}: &${to} [${Array.from({ length: 10 }, () => `*${from}`).join(", ")}]`);
    }
    expect(found(rows.join("\n"))[0]).toMatch(/^AMB0010 error/);
    const merged = `apiVersion: v1
kind: ServiceAccount
metadata:
  name: a
  labels: &labels { app: a }
  annotations: { <<: *labels, b: c }
`;
    expect(objectOf(merged)?.metadata.annotations).toEqual({ app: "a", b: "c" });
  });

  test("deep nesting is refused, not followed", () => {
    expect(found(`a: ${"[".repeat(200)}${"]".repeat(200)}`)).toEqual(["AMB0016 error 1"]);
    expect(found("[".repeat(100_000))).toHaveLength(1);
  });
});

describe("lineOfField()", () => {
  test("finds the line of a path, also when its last part is not there", () => {
    const [entry] = readDocument(POLICY).entries;
    if (entry === undefined) throw new Error("no entry");
    expect(lineOfField(POLICY, entry, "spec.rules[0].from[0].source.principals")).toBe(10);
    expect(lineOfField(POLICY, entry, "spec.selector")).toBe(5);
  });
});

describe("parseFieldPath()", () => {
  test("reads names, positions and quoted keys", () => {
    expect(parseFieldPath("metadata.annotations[istio.io/dry-run]")).toEqual([
      "metadata",
      "annotations",
      "istio.io/dry-run",
    ]);
    expect(parseFieldPath('metadata.labels["a/b"]')).toEqual(["metadata", "labels", "a/b"]);
    expect(parseFieldPath("spec.rules[0].to")).toEqual(["spec", "rules", 0, "to"]);
  });
});
