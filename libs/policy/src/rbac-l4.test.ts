import { parseCidr, parseIp } from "@ambit/base/ip.ts";
import type { Cidr } from "@ambit/base/ip.ts";
import { EMPTY_MATCH } from "@ambit/model/policy.ts";
import type { Match, Policy, StringMatch } from "@ambit/model/policy.ts";
import { parseSpiffeId } from "@ambit/model/spiffe-id.ts";
import { describe, expect, it } from "vitest";
import type { Connection } from "./connection.ts";
import { explain, formatExplanation } from "./explain.ts";
import { evaluate, NO_POLICIES } from "./rbac-l4.ts";

const web: Connection = {
  sourceIp: address("10.0.0.5"),
  destinationIp: address("10.0.1.8"),
  destinationPort: 8080,
  identity: parseSpiffeId("spiffe://cluster.local/ns/web/sa/web"),
};
const plaintext: Connection = { ...web, identity: undefined };

const everything: Policy["groups"] = [[]];
const nothing: Policy["groups"] = [];

function address(text: string): Uint8Array {
  return parseIp(text) ?? new Uint8Array(4);
}

function block(text: string): Cidr {
  return parseCidr(text) ?? { bytes: new Uint8Array(4), length: 32 };
}

function policy(name: string, fields: Partial<Policy>): Policy {
  return {
    name,
    namespace: "shop",
    scope: "NAMESPACE",
    action: "ALLOW",
    groups: everything,
    dryRun: false,
    ...fields,
  };
}

const text = (kind: "exact" | "prefix" | "suffix", value: string): StringMatch => ({ kind, value });
const presence: StringMatch = { kind: "presence" };

/** Whether an ALLOW policy of one match lets the connection in. */
function matches(fields: Partial<Match>, connection: Connection): boolean {
  const one = policy("p", { groups: [[[{ ...EMPTY_MATCH, ...fields }]]] });
  return evaluate({ policies: [one], missing: [] }, connection).allow;
}

describe("evaluate() keeps the order of ambient.md 6.2", () => {
  const deny = policy("deny", { action: "DENY" });
  const allow = policy("allow", {});
  const allowNothing = policy("none", { groups: nothing });

  it("accepts without any policy", () => {
    expect(evaluate(NO_POLICIES, web)).toMatchObject({
      allow: true,
      reason: "no-allow-policy",
      policy: undefined,
    });
  });

  it("refuses for a matching DENY, whatever else allows, and names it", () => {
    expect(evaluate({ policies: [allow, deny], missing: [] }, web)).toMatchObject({
      allow: false,
      reason: "explicitly-denied",
      policy: "shop/deny",
      message: "explicitly denied by: shop/deny",
    });
  });

  it("accepts when only DENY policies exist and none matches", () => {
    const idle = policy("idle", { action: "DENY", groups: nothing });
    expect(evaluate({ policies: [idle], missing: [] }, web)).toMatchObject({
      allow: true,
      reason: "no-allow-policy",
    });
  });

  it("accepts when one ALLOW of several matches, and names it", () => {
    expect(evaluate({ policies: [allowNothing, allow], missing: [] }, web)).toMatchObject({
      allow: true,
      reason: "explicitly-allowed",
      policy: "shop/allow",
      message: "explicitly allowed by: shop/allow",
    });
  });

  it("refuses when ALLOW policies exist and none matches", () => {
    expect(evaluate({ policies: [allowNothing], missing: [] }, web)).toMatchObject({
      allow: false,
      reason: "not-allowed",
      policy: undefined,
      message: "allow policies exist, but none allowed",
    });
  });

  it("only notes dry-run policies: neither does their DENY refuse nor their ALLOW shut others out", () => {
    const dryDeny = policy("dry-deny", { action: "DENY", dryRun: true });
    const dryAllow = policy("dry-allow", { groups: everything, dryRun: true });
    const idle = policy("dry-idle", { groups: nothing, dryRun: true });
    const decision = evaluate({ policies: [dryAllow, dryDeny, idle], missing: [] }, web);
    expect(decision).toMatchObject({ allow: true, reason: "no-allow-policy" });
    expect(decision.dryRun).toEqual([
      { policy: "shop/dry-deny", action: "DENY", group: 0 },
      { policy: "shop/dry-allow", action: "ALLOW", group: 0 },
    ]);
  });

  it("refuses while a named policy has not arrived, after explicit denials", () => {
    expect(evaluate({ policies: [allow], missing: ["shop/late"] }, web)).toMatchObject({
      allow: false,
      reason: "policy-not-received",
      policy: "shop/late",
    });
    const both = evaluate({ policies: [deny], missing: ["shop/late"] }, web);
    expect(both.reason).toBe("explicitly-denied");
  });

  it("reports the group and the match of each clause", () => {
    const never = { ...EMPTY_MATCH };
    const port = { ...EMPTY_MATCH, destinationPorts: [8080] };
    const groups = [[[never]], [[never, port], []]];
    expect(evaluate({ policies: [policy("p", { groups })], missing: [] }, web)).toMatchObject({
      group: 1,
      matches: [1, -1],
    });
  });
});

describe("evaluate() combines as ambient.md 6.3", () => {
  it.each([
    ["no group never matches", nothing, false],
    ["a group without clauses matches everything", everything, true],
    ["a clause without matches is true", [[[]]], true],
    ["a match without fields is false", [[[EMPTY_MATCH]]], false],
    ["groups are alternatives", [[[EMPTY_MATCH]], []], true],
    ["clauses must all hold", [[[], [EMPTY_MATCH]]], false],
    ["matches are alternatives", [[[EMPTY_MATCH, { ...EMPTY_MATCH, destinationPorts: [8080] }]]], true],
  ] satisfies [string, Policy["groups"], boolean][])("%s", (_name, groups, allowed) => {
    expect(evaluate({ policies: [policy("p", { groups })], missing: [] }, web).allow).toBe(allowed);
  });

  it("fields of one match must all hold", () => {
    expect(matches({ destinationPorts: [8080], namespaces: [text("exact", "web")] }, web)).toBe(true);
    expect(matches({ destinationPorts: [80], namespaces: [text("exact", "web")] }, web)).toBe(false);
  });
});

describe("evaluate() compares fields as ambient.md 6.3", () => {
  const rows: readonly [string, Partial<Match>, boolean, boolean][] = [
    // name, fields, with identity, without
    ["principal exact", { principals: [text("exact", "cluster.local/ns/web/sa/web")] }, true, false],
    [
      "principal with scheme",
      { principals: [text("exact", "spiffe://cluster.local/ns/web/sa/web")] },
      false,
      false,
    ],
    ["principal prefix", { principals: [text("prefix", "cluster.local/ns/web/")] }, true, false],
    ["principal suffix", { principals: [text("suffix", "/sa/web")] }, true, false],
    ["principal presence", { principals: [presence] }, true, false],
    ["no principal", { notPrincipals: [presence] }, false, true],
    ["another principal", { notPrincipals: [text("exact", "x")] }, true, true],
    ["namespace exact", { namespaces: [text("exact", "web")] }, true, false],
    ["namespace presence", { namespaces: [presence] }, true, false],
    ["namespace empty prefix", { namespaces: [text("prefix", "")] }, true, true],
    ["not that namespace", { notNamespaces: [text("exact", "web")] }, false, true],
    ["service account", { serviceAccounts: [{ namespace: "web", serviceAccount: "web" }] }, true, false],
    [
      "other service account",
      { serviceAccounts: [{ namespace: "shop", serviceAccount: "web" }] },
      false,
      false,
    ],
    [
      "not that service account",
      { notServiceAccounts: [{ namespace: "web", serviceAccount: "web" }] },
      false,
      true,
    ],
    ["source in block", { sourceIps: [block("10.0.0.0/30"), block("10.0.0.4/30")] }, true, true],
    ["source outside", { sourceIps: [block("10.0.0.8/29")] }, false, false],
    ["source not in block", { notSourceIps: [block("10.0.0.0/8")] }, false, false],
    ["source of the other family", { sourceIps: [block("::/0")] }, false, false],
    ["destination", { destinationIps: [block("10.0.1.8")] }, true, true],
    ["destination not", { notDestinationIps: [block("10.0.1.9")] }, true, true],
    ["port", { destinationPorts: [80, 8080] }, true, true],
    ["not that port", { notDestinationPorts: [80, 8080] }, false, false],
  ];
  it.each(rows)("%s", (_name, fields, withIdentity, without) => {
    expect(matches(fields, web)).toBe(withIdentity);
    expect(matches(fields, plaintext)).toBe(without);
  });

  it("ignores the trust domain for service accounts only", () => {
    const other = { ...web, identity: parseSpiffeId("spiffe://other/ns/web/sa/web") };
    expect(matches({ serviceAccounts: [{ namespace: "web", serviceAccount: "web" }] }, other)).toBe(true);
    expect(matches({ principals: [text("exact", "cluster.local/ns/web/sa/web")] }, other)).toBe(false);
  });

  it("looks at all of many values", () => {
    const many = Array.from({ length: 20 }, (_, index) => text("exact", `n${index}`));
    expect(matches({ namespaces: [...many, text("exact", "web")] }, web)).toBe(true);
    expect(matches({ namespaces: many }, web)).toBe(false);
  });
});

describe("formatExplanation() tells a reader", () => {
  it("the decision, each policy in order, and the first field that failed", () => {
    const wrongPort = { ...EMPTY_MATCH, destinationPorts: [80], sourceIps: [block("10.0.0.0/8")] };
    const fromShop = { ...EMPTY_MATCH, namespaces: [text("exact", "shop"), text("prefix", "op")] };
    const set = {
      policies: [
        policy("allow", { groups: [[[wrongPort]], [[fromShop], []]] }),
        policy("closed", { groups: nothing }),
        policy("dry", { action: "DENY", dryRun: true }),
        policy("deny", { action: "DENY", groups: [[[EMPTY_MATCH]]] }),
      ],
      missing: [],
    };
    expect(formatExplanation(explain(set, plaintext))).toEqual([
      "REFUSED: allow policies exist, but none allowed",
      "  shop/dry (dry-run DENY): matches",
      "    rule 0: has no condition, so it holds",
      "  shop/deny (DENY): does not match",
      "    rule 0, clause 0: match 0 is empty, so it never holds",
      "  shop/allow (ALLOW): does not match",
      "    rule 0, clause 0: destinationPorts wants 80, is 8080",
      "    rule 1, clause 0: namespaces wants shop, op*, is no identity",
      "  shop/closed (ALLOW): does not match",
      "    has no rule, so it never matches",
    ]);
  });

  it("nothing about rules behind the one that holds", () => {
    const accounts = { ...EMPTY_MATCH, serviceAccounts: [{ namespace: "shop", serviceAccount: "cart" }] };
    const groups = [[[accounts]], [], [[EMPTY_MATCH]]];
    expect(formatExplanation(explain({ policies: [policy("p", { groups })], missing: [] }, web))).toEqual([
      "ALLOWED: explicitly allowed by: shop/p",
      "  shop/p (ALLOW): matches, decides",
      "    rule 0, clause 0: serviceAccounts wants shop/cart, is web/web",
      "    rule 1: has no condition, so it holds",
    ]);
  });

  it("which policy decides, and which was awaited", () => {
    const groups = [[[{ ...EMPTY_MATCH, notPrincipals: [presence] }]]];
    const deny = policy("strict", { action: "DENY", groups });
    expect(formatExplanation(explain({ policies: [deny], missing: ["shop/late"] }, plaintext))).toEqual([
      "REFUSED: explicitly denied by: shop/strict",
      "  shop/late: named by the workload, not received",
      "  shop/strict (DENY): matches, decides",
      "    rule 0, clause 0: match 0 holds",
    ]);
    expect(formatExplanation(explain({ policies: [deny], missing: [] }, web))).toContain(
      "    rule 0, clause 0: notPrincipals wants none of *, is cluster.local/ns/web/sa/web",
    );
  });
});
