import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AmbitError } from "@ambit/base/errors.ts";
import { policyValue, serviceValue, yamlDocument, yamlDocuments } from "@ambit/kube/testing/yaml-builder.ts";
import { analyzeDirectories } from "./analyze.ts";

const deployment = (labels: Readonly<Record<string, string>>): object => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web" },
  spec: {
    selector: { matchLabels: { app: "web" } },
    template: {
      metadata: { labels: { app: "web", ...labels } },
      spec: { containers: [{ name: "web", image: "web", ports: [{ name: "http", containerPort: 8080 }] }] },
    },
  },
});

const deny = (selector: object): object =>
  policyValue("deny", { selector, action: "DENY", rules: [{ to: [{ operation: { ports: ["80"] } }] }] });

describe("analyzeDirectories()", () => {
  let dir: string;
  const write = (name: string, text: string): void => writeFileSync(join(dir, name), text);
  const found = async (...suppress: string[]): Promise<string[]> =>
    (await analyzeDirectories([dir], { suppress })).map(
      ({ code, severity, file, line }) => `${code} ${severity} ${file.slice(dir.length + 1)}:${line}`,
    );

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "ambit-analyze-"));
  });

  afterEach(() => {
    rmSync(dir, { recursive: true, force: true });
  });

  test("has nothing to say about manifests in order, though no pod runs yet", async () => {
    const ambient = deployment({ "istio.io/dataplane-mode": "ambient" });
    write(
      "a.yaml",
      yamlDocuments(serviceValue({ name: "web" }), ambient, deny({ matchLabels: { app: "web" } })),
    );
    expect(await found()).toEqual([]);
  });

  test("names file and line of the field, for texts and for what they mean together", async () => {
    write("broken.yaml", "apiVersion: v1\nkind: Service\nmetadata: { name: x\n");
    write("nothing.yaml", yamlDocument(deny({ matchLabels: { app: "nobody" } })));
    write("service.yaml", yamlDocument(serviceValue({ name: "lonely" })));
    expect(await found()).toEqual([
      "AMB0001 error broken.yaml:4",
      "AMB0101 warning nothing.yaml:7",
      "AMB0104 warning service.yaml:7",
    ]);
  });

  test("a workload outside of the mesh is told to its policies", async () => {
    write("a.yaml", yamlDocuments(deployment({}), deny({ matchLabels: { app: "web" } })));
    expect(await found()).toEqual(["AMB0111 warning a.yaml:27"]);
  });

  test("leaves out what is suppressed: by code, by resource, by wildcard", async () => {
    write(
      "s.yaml",
      yamlDocuments(serviceValue({ name: "a" }), serviceValue({ name: "b", namespace: "shop" })),
    );
    expect(await found("AMB0104=Service a.default")).toEqual(["AMB0104 warning s.yaml:20"]);
    expect(await found("AMB0104=Service *.shop")).toEqual(["AMB0104 warning s.yaml:7"]);
    expect(await found("AMB0104=Service .*")).toHaveLength(2);
    expect(await found("AMB0104")).toEqual([]);
    expect(await found("*=Service *")).toEqual([]);
    await expect(found("everything")).rejects.toThrow(AmbitError);
  });
});
