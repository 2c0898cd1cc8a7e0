import { describe, expect, test } from "vitest";
import { meshFindings } from "@ambit/config/analyze/findings.ts";
import { meshFrom } from "@ambit/config/testing/mesh-from-yaml.ts";
import type { Diagnostic } from "@ambit/kube/diagnostics.ts";
import { podValue, policyValue, serviceValue, yamlDocuments } from "@ambit/kube/testing/yaml-builder.ts";
import { meshStatus } from "./status.ts";

const RULES = [{ from: [{ source: { principals: ["*"] } }] }];
const POD = podValue({ name: "web", labels: { app: "web" } });

/** `type=status reason` of each condition, by resource. */
function conditions(
  values: readonly object[],
  diagnostics: readonly Diagnostic[] = [],
): Record<string, string[]> {
  const mesh = meshFrom(yamlDocuments(...values));
  const all = [...diagnostics, ...meshFindings(mesh, () => undefined)];
  return Object.fromEntries(
    meshStatus(mesh, all).map(({ resource, conditions: list }) => [
      `${resource.kind} ${resource.name}`,
      list.map((condition) => `${condition.type}=${condition.status} ${condition.reason}`),
    ]),
  );
}

function rejection(code: "AMB0004" | "AMB0112"): Diagnostic {
  return {
    code,
    severity: "error",
    message: 'the field "acton" is not known',
    origin: { file: "p.yaml", line: 6 },
    field: "spec.acton",
    remedy: "",
    resource: { kind: "AuthorizationPolicy", namespace: "default", name: "p" },
  };
}

describe("meshStatus()", () => {
  test("a policy in order is accepted and attached", () => {
    const policy = policyValue("p", {
      selector: { matchLabels: { app: "web" } },
      action: "DENY",
      rules: RULES,
    });
    expect(conditions([POD, policy])).toEqual({
      "AuthorizationPolicy p": [
        "ambit.dev/Accepted=True Accepted",
        "ZtunnelAccepted=True Accepted",
        "ambit.dev/Attached=True Attached",
      ],
    });
  });

  test("a policy for nothing is accepted and says that it selects nothing", () => {
    const policy = policyValue("p", {
      selector: { matchLabels: { app: "nobody" } },
      action: "DENY",
      rules: RULES,
    });
    expect(conditions([POD, policy])["AuthorizationPolicy p"]).toContain(
      "ambit.dev/Attached=False NothingSelected",
    );
  });

  test("layer 7 met at layer 4 is said, and so is an action nobody enforces", () => {
    const l7 = policyValue("l7", { rules: [{ to: [{ operation: { paths: ["/x"] } }] }] });
    const audit = policyValue("audit", { action: "AUDIT", rules: RULES });
    const found = conditions([POD, l7, audit]);
    expect(found["AuthorizationPolicy l7"]).toContain("ZtunnelAccepted=False UnsupportedValue");
    expect(found["AuthorizationPolicy audit"]).toContain("ZtunnelAccepted=False UnsupportedValue");
  });

  test("a rejected policy without a last good version is not in force, one with it is", () => {
    const mesh = meshFrom(yamlDocuments(POD));
    const [lost] = meshStatus(mesh, [rejection("AMB0004"), rejection("AMB0112")]);
    expect(lost?.conditions[0]).toMatchObject({
      status: "False",
      reason: "Invalid",
      message: 'p.yaml:6: spec.acton: the field "acton" is not known; it is NOT in force',
    });
    const kept = conditions([POD, policyValue("p", {})], [rejection("AMB0004")]);
    expect(kept["AuthorizationPolicy p"]?.[0]).toBe("ambit.dev/Accepted=False Invalid");
  });

  test("a service says whether its waypoint is bound", () => {
    const waypoint = serviceValue({ name: "wp", spec: { ports: [{ port: 15_008 }] } });
    const using = (name: string, wish: string): object => ({
      ...serviceValue({ name }),
      metadata: { name, namespace: "default", labels: { "istio.io/use-waypoint": wish } },
    });
    expect(conditions([waypoint, using("a", "wp"), using("b", "missing")])).toMatchObject({
      "Service a": ["istio.io/WaypointBound=True WaypointAccepted"],
      "Service b": ["istio.io/WaypointBound=False WaypointIsNotReady"],
    });
  });
});
