import { parseIp } from "@ambit/base/ip.ts";
import type { Match, StringMatch } from "@ambit/model/policy.ts";
import { parseSpiffeId } from "@ambit/model/spiffe-id.ts";
import { describe, expect, it } from "vitest";
import { convertAuthorizationPolicy, policySelects } from "./authorization-policy.ts";
import type { AuthorizationPolicyInput, ConvertedPolicy } from "./authorization-policy.ts";
import { evaluate } from "./rbac-l4.ts";
import { authorizationPolicy, rule } from "./testing/inputs.ts";

const OPTIONS = { rootNamespace: "ambit-system", dryRun: false };

function convert(input: AuthorizationPolicyInput, dryRun = false): ConvertedPolicy {
  return convertAuthorizationPolicy(input, { ...OPTIONS, dryRun });
}

/** Groups as `{field: [values]}` without the empty fields. */
function essence(converted: ConvertedPolicy): unknown {
  return converted.policy?.groups.map((group) => group.map((clause) => clause.map((match) => short(match))));
}

function short(match: Match): Record<string, unknown> {
  const fields = Object.entries(match) as [string, readonly unknown[]][];
  return Object.fromEntries(fields.filter(([, values]) => values.length > 0));
}

const exact = (value: string): StringMatch => ({ kind: "exact", value });
const problems = (converted: ConvertedPolicy): string[] =>
  converted.problems.map((problem) => `${problem.code} ${problem.path}`);

describe("convertAuthorizationPolicy() gives the worked examples of ambient.md 13.4", () => {
  it("row 1: from and to become two clauses", () => {
    const rules = [
      rule({ from: [{ principals: ["cluster.local/ns/web/sa/web"] }], to: [{ ports: ["8080"] }] }),
    ];
    expect(essence(convert(authorizationPolicy({ rules })))).toEqual([
      [[{ principals: [exact("cluster.local/ns/web/sa/web")] }], [{ destinationPorts: [8080] }]],
    ]);
  });

  it("row 2: the fields of one source become one match", () => {
    const rules = [rule({ from: [{ namespaces: ["a", "b*"], notNamespaces: ["bad"] }] })];
    expect(essence(convert(authorizationPolicy({ rules })))).toEqual([
      [[{ namespaces: [exact("a"), { kind: "prefix", value: "b" }], notNamespaces: [exact("bad")] }]],
    ]);
  });

  it("row 3: two sources become two matches of one clause", () => {
    const rules = [rule({ from: [{ namespaces: ["a"] }, { namespaces: ["b"] }] })];
    expect(essence(convert(authorizationPolicy({ rules })))).toEqual([
      [[{ namespaces: [exact("a")] }, { namespaces: [exact("b")] }]],
    ]);
  });

  it("row 4: an ALLOW rule with paths is dropped, and without any rule everything is denied", () => {
    const converted = convert(authorizationPolicy({ rules: [rule({ to: [{ paths: ["/x"] }] })] }));
    expect(essence(converted)).toEqual([]);
    expect(converted.reason).toBe("UnsupportedValue");
    expect(problems(converted)).toEqual([
      "UnsupportedValue spec.rules[0].to[0].operation.paths",
      "UnsupportedValue spec.rules",
    ]);
  });

  it("row 5, stricter than Istio: a DENY rule keeps its layer-4 part instead of becoming a no-op", () => {
    const rules = [rule({ from: [{ namespaces: ["a"] }], to: [{ methods: ["GET"] }] })];
    const converted = convert(authorizationPolicy({ action: "DENY", rules }));
    expect(essence(converted)).toEqual([[[{ namespaces: [exact("a")] }]]]);
    expect(problems(converted)).toEqual(["UnsupportedValue spec.rules[0].to[0].operation.methods"]);
  });
});

describe("convertAuthorizationPolicy() follows the rows of ambient.md 6.4", () => {
  it("sends nothing for a policy with targetRefs, and says nothing about it", () => {
    expect(convert(authorizationPolicy({ targetRefs: [{}] }))).toEqual({
      policy: undefined,
      selector: undefined,
      reason: undefined,
      problems: [],
    });
  });

  it("derives the scope from selector and namespace", () => {
    const selector = { matchLabels: { app: "cart" } };
    const scope = (input: AuthorizationPolicyInput): unknown => convert(input).policy?.scope;
    expect(scope(authorizationPolicy({}))).toBe("NAMESPACE");
    expect(scope(authorizationPolicy({}, { namespace: "ambit-system" }))).toBe("GLOBAL");
    expect(scope(authorizationPolicy({ selector }))).toBe("WORKLOAD_SELECTOR");
    expect(scope(authorizationPolicy({ selector }, { namespace: "ambit-system" }))).toBe("WORKLOAD_SELECTOR");
    expect(scope(authorizationPolicy({ selector: { matchLabels: {} } }))).toBe("NAMESPACE");
    expect(convert(authorizationPolicy({ selector })).selector).toEqual({ app: "cart" });
  });

  it.each(["AUDIT", "CUSTOM"] as const)("sends nothing for action %s and says so", (action) => {
    const converted = convert(authorizationPolicy({ action, rules: [rule({})] }));
    expect(converted.policy).toBeUndefined();
    expect(converted.reason).toBe("UnsupportedValue");
    expect(problems(converted)).toEqual(["UnsupportedValue spec.action"]);
  });

  it("denies everything for an ALLOW policy without rules", () => {
    const converted = convert(authorizationPolicy({}));
    expect(essence(converted)).toEqual([]);
    expect(converted.reason).toBe("Accepted");
  });

  it("matches everything for an empty rule", () => {
    expect(essence(convert(authorizationPolicy({ rules: [rule({})] })))).toEqual([[]]);
    expect(essence(convert(authorizationPolicy({ action: "DENY", rules: [rule({})] })))).toEqual([[]]);
  });

  it("gives each when entry its own clause and understands five keys", () => {
    const rules = [
      rule({
        when: [
          { key: "source.ip", values: ["10.0.0.0/8"] },
          { key: "source.namespace", notValues: ["bad"] },
          { key: "source.principal", values: ["*"] },
          { key: "destination.ip", values: ["fd00::8"] },
          { key: "destination.port", values: ["80"], notValues: ["81"] },
        ],
      }),
    ];
    const converted = convert(authorizationPolicy({ rules }));
    expect(converted.reason).toBe("Accepted");
    expect(essence(converted)).toEqual([
      [
        [{ sourceIps: [{ bytes: parseIp("10.0.0.0"), length: 8 }] }],
        [{ notNamespaces: [exact("bad")] }],
        [{ principals: [{ kind: "presence" }] }],
        [{ destinationIps: [{ bytes: parseIp("fd00::8"), length: 128 }] }],
        [{ destinationPorts: [80], notDestinationPorts: [81] }],
      ],
    ]);
  });

  it("reads *, *x, x* and x, and service accounts with and without namespace", () => {
    const rules = [
      rule({
        from: [
          { principals: ["*", "*x", "x*", "x"], serviceAccounts: ["web/sa", "own"], notIpBlocks: ["::1"] },
        ],
      }),
    ];
    expect(essence(convert(authorizationPolicy({ rules })))).toEqual([
      [
        [
          {
            principals: [
              { kind: "presence" },
              { kind: "suffix", value: "x" },
              { kind: "prefix", value: "x" },
              exact("x"),
            ],
            serviceAccounts: [
              { namespace: "web", serviceAccount: "sa" },
              { namespace: "shop", serviceAccount: "own" },
            ],
            notSourceIps: [{ bytes: parseIp("::1"), length: 128 }],
          },
        ],
      ],
    ]);
  });
});

describe("convertAuthorizationPolicy() counts what layer 4 cannot evaluate against the connection", () => {
  const L7_SOURCES = [
    "requestPrincipals",
    "notRequestPrincipals",
    "remoteIpBlocks",
    "notRemoteIpBlocks",
  ] as const;
  const L7_OPERATIONS = ["hosts", "notHosts", "methods", "notMethods", "paths", "notPaths"] as const;
  const l7Rules = [
    ...L7_SOURCES.map((field) => [`from[0].source.${field}`, rule({ from: [{ [field]: ["x"] }] })] as const),
    ...L7_OPERATIONS.map(
      (field) => [`to[0].operation.${field}`, rule({ to: [{ [field]: ["x"] }] })] as const,
    ),
    ["when[0].key", rule({ when: [{ key: "request.headers[x]", values: ["x"] }] })] as const,
  ];

  it.each(l7Rules)("%s drops an ALLOW rule, beside which others stand", (path, bad) => {
    const converted = convert(authorizationPolicy({ rules: [bad, rule({ to: [{ ports: ["80"] }] })] }));
    expect(essence(converted)).toEqual([[[{ destinationPorts: [80] }]]]);
    expect(problems(converted)).toEqual([`UnsupportedValue spec.rules[0].${path}`]);
  });

  it.each(l7Rules)("%s alone leaves a DENY rule without effect, which is said", (path, bad) => {
    const converted = convert(authorizationPolicy({ action: "DENY", rules: [bad] }));
    expect(essence(converted)).toEqual([[[{}]]]);
    expect(problems(converted)).toEqual([
      `UnsupportedValue spec.rules[0].${path}`,
      "UnsupportedValue spec.rules[0]",
    ]);
    expect(converted.problems[1]?.message).toContain("no effect");
  });

  it("a DENY rule for GET on port 8080 denies all of port 8080", () => {
    const rules = [rule({ to: [{ ports: ["8080"], methods: ["GET"] }] })];
    expect(essence(convert(authorizationPolicy({ action: "DENY", rules })))).toEqual([
      [[{ destinationPorts: [8080] }]],
    ]);
  });

  it("an alternative with nothing left makes its whole DENY condition true", () => {
    const rules = [rule({ from: [{ namespaces: ["a"] }], to: [{ ports: ["80"] }, { methods: ["GET"] }] })];
    expect(essence(convert(authorizationPolicy({ action: "DENY", rules })))).toEqual([
      [[{ namespaces: [exact("a")] }]],
    ]);
  });

  it("a value that cannot be read is left out of a list that keeps another", () => {
    const rules = [rule({ to: [{ ports: ["80", "http"] }] })];
    const converted = convert(authorizationPolicy({ rules }));
    expect(essence(converted)).toEqual([[[{ destinationPorts: [80] }]]]);
    expect(converted.reason).toBe("PartiallyInvalid");
    expect(problems(converted)).toEqual(["Invalid spec.rules[0].to[0].operation.ports[1]"]);
  });

  it.each([
    ["ports", rule({ to: [{ ports: ["0"] }] })],
    ["notPorts", rule({ to: [{ notPorts: ["80", "65536"] }] })],
    ["ipBlocks", rule({ from: [{ ipBlocks: ["10.0.0/8"] }] })],
    ["notIpBlocks", rule({ from: [{ notIpBlocks: ["10.0.0.0/33"] }] })],
    ["principals", rule({ from: [{ principals: ["*x*"] }] })],
    ["serviceAccounts", rule({ from: [{ serviceAccounts: ["a/b/c"] }] })],
    ["serviceAccounts with a wildcard", rule({ from: [{ serviceAccounts: ["web/*"] }] })],
  ])("never widens an ALLOW rule whose %s cannot be read", (_name, bad) => {
    const { policy } = convert(authorizationPolicy({ rules: [bad] }));
    expect(policy?.groups).toEqual([]);
  });

  it("an exception that cannot be read does not weaken a DENY rule", () => {
    const rules = [rule({ from: [{ namespaces: ["a"], notIpBlocks: ["10.0.0/8"] }] })];
    expect(essence(convert(authorizationPolicy({ action: "DENY", rules })))).toEqual([
      [[{ namespaces: [exact("a")] }]],
    ]);
  });
});

describe("convertAuthorizationPolicy() handles the dry-run annotation", () => {
  it("sends nothing while dry run is off, and says so", () => {
    const converted = convert(authorizationPolicy({}, { dryRun: "true" }));
    expect(converted.policy).toBeUndefined();
    expect(problems(converted)).toEqual(["DryRun metadata.annotations[istio.io/dry-run]"]);
  });

  it("sends a dry-run policy while it is on, which decides nothing", () => {
    const { policy } = convert(authorizationPolicy({}, { dryRun: "true" }), true);
    expect(policy?.dryRun).toBe(true);
    const connection = {
      sourceIp: new Uint8Array(4),
      destinationIp: new Uint8Array(4),
      destinationPort: 80,
      identity: parseSpiffeId("spiffe://cluster.local/ns/a/sa/b"),
    };
    expect(evaluate({ policies: policy === undefined ? [] : [policy], missing: [] }, connection).allow).toBe(
      true,
    );
  });

  it("enforces a policy whose annotation is false or cannot be read", () => {
    expect(convert(authorizationPolicy({}, { dryRun: "false" })).policy?.dryRun).toBe(false);
    const unreadable = convert(authorizationPolicy({}, { dryRun: "maybe" }));
    expect(unreadable.policy?.dryRun).toBe(false);
    expect(unreadable.reason).toBe("PartiallyInvalid");
  });
});

describe("policySelects() attaches selector policies", () => {
  const cart = { namespace: "shop", labels: { app: "cart", version: "v1" } };
  it("by labels within the namespace, and from the root namespace everywhere", () => {
    expect(policySelects("shop", { app: "cart" }, cart, "root")).toBe(true);
    expect(policySelects("shop", { app: "cart", version: "v2" }, cart, "root")).toBe(false);
    expect(policySelects("web", { app: "cart" }, cart, "root")).toBe(false);
    expect(policySelects("root", { app: "cart" }, cart, "root")).toBe(true);
  });
});
