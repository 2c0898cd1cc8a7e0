import { describe, expect, test } from "vitest";
import { AmbitError } from "@ambit/base/errors.ts";
import { meshFrom } from "@ambit/config/testing/mesh-from-yaml.ts";
import { podValue, policyValue, serviceValue, yamlDocuments } from "@ambit/kube/testing/yaml-builder.ts";
import { explainConnection } from "./explain.ts";

const client = podValue({
  name: "client-1",
  labels: { app: "client" },
  ip: "10.244.2.5",
  serviceAccount: "client",
});
const server = podValue({ name: "web-1", labels: { app: "web" } });
const service = serviceValue({ name: "web", spec: { clusterIP: "10.96.0.7" } });
const denyClient = policyValue("no-client", {
  selector: { matchLabels: { app: "web" } },
  action: "DENY",
  rules: [{ from: [{ source: { principals: ["cluster.local/ns/default/sa/client"] } }] }],
});

const mesh = (...more: readonly object[]) => meshFrom(yamlDocuments(client, server, service, ...more));

describe("explainConnection()", () => {
  test("names the policy and the rule that refuse", () => {
    const answer = explainConnection(mesh(denyClient), { from: "client", to: "web", port: 80 });
    expect(answer).toMatchObject({
      allow: false,
      policy: "default/no-client",
      from: { name: "client-1", identity: "spiffe://cluster.local/ns/default/sa/client" },
      to: { name: "web-1", ip: "10.244.1.5", port: 8080 },
      steps: [
        { policy: "default/no-client", action: "DENY", matched: true, detail: "rule 0 matches and decides" },
      ],
    });
  });

  test("allows what no policy concerns, whatever the sides are called", () => {
    for (const to of ["web", "default/web", "web.default.svc.cluster.local", "10.96.0.7"]) {
      expect(explainConnection(mesh(), { from: "10.244.2.5", to, port: 80 })).toMatchObject({
        allow: true,
        steps: [],
      });
    }
    for (const to of ["web-1", "10.244.1.5"]) {
      expect(explainConnection(mesh(), { from: "client-1", to, port: 8080 }).to.port).toBe(8080);
    }
  });

  test("a client outside of the mesh has no identity, and STRICT refuses it", () => {
    const outsider = podValue({ name: "outsider", ip: "10.244.2.9", captured: false });
    const strict = {
      apiVersion: "security.istio.io/v1",
      kind: "PeerAuthentication",
      metadata: { name: "s" },
      spec: { mtls: { mode: "STRICT" } },
    };
    const answer = explainConnection(mesh(outsider, strict), { from: "outsider", to: "web", port: 80 });
    expect(answer).toMatchObject({ allow: false, policy: "ambit-system/istio_converted_static_strict" });
    expect(answer.from.identity).toBeUndefined();
  });

  test("nothing is enforced at a destination outside of the mesh", () => {
    const outside = podValue({ name: "legacy", ip: "10.244.2.9", captured: false });
    const everybody = policyValue("deny-all", {});
    expect(
      explainConnection(mesh(outside, everybody), { from: "client", to: "legacy", port: 80 }),
    ).toMatchObject({
      allow: true,
      message: "the destination is not in the mesh, so no policy is enforced",
    });
  });

  test("an ALLOW policy that does not fit says what it wanted", () => {
    const allow = policyValue("only-80", { rules: [{ to: [{ operation: { ports: ["80"] } }] }] });
    const answer = explainConnection(mesh(allow), { from: "client", to: "web", port: 80 });
    expect(answer.allow).toBe(false);
    expect(answer.steps[0]?.detail).toMatch(/^rule 0 wants destinationPorts .*80.*, found .*8080/);
  });

  test.each([[{ from: "nobody", to: "web", port: 80 }], [{ from: "client", to: "nobody", port: 80 }]])(
    "an unknown side is an error: %j",
    (question) => {
      expect(() => explainConnection(mesh(), question)).toThrow(AmbitError);
    },
  );
});
