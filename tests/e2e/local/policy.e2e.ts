import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ConfigDump, Explanation, PodRow } from "@ambit/contract/admin-api.ts";
import { HeldConnection, tryConnect } from "../support/probe.ts";
import { missingForNamespaces, TestMesh, until } from "../support/mesh.ts";

const missing = missingForNamespaces();
if (missing !== "") process.stderr.write(`SKIPPED: policy end to end: ${missing}\n`);

const DENY = `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: no-client, namespace: default }
spec:
  selector: { matchLabels: { app: myapp } }
  action: DENY
  rules:
  - from:
    - source: { principals: [cluster.local/ns/default/sa/client] }
`;

function peerAuthentication(mode: string): string {
  return `apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: default }
spec: { mtls: { mode: ${mode} } }
`;
}

const OUTSIDER = `apiVersion: v1
kind: ServiceAccount
metadata: { name: outsider, namespace: default }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: outsider, namespace: default }
spec:
  replicas: 1
  selector: { matchLabels: { app: outsider } }
  template:
    metadata: { labels: { app: outsider, istio.io/dataplane-mode: none } }
    spec:
      serviceAccountName: outsider
      containers: [{ name: outsider, image: "outsider:latest", ports: [{ containerPort: 8080 }] }]
`;

describe.skipIf(missing !== "")("policy in a running mesh", () => {
  const mesh = new TestMesh();
  const file = (name: string): string => join(mesh.manifests, name);

  beforeAll(() => mesh.up());
  afterAll(() => mesh.remove());

  test("a DENY policy cuts live connections, refuses new ones and names itself; removed, traffic recovers", async () => {
    const held = await HeldConnection.open(mesh, "client", "myapp", 80);
    expect(held.open).toBe(true);
    writeFileSync(file("deny.yaml"), DENY);
    const written = performance.now();
    await until("the held connection is cut", () => !held.open);
    await until("new connections are refused", () => !tryConnect(mesh, "client", "myapp", 80).ok);
    process.stdout.write(
      `revocation took effect ${Math.round(performance.now() - written)} ms after the file was written\n`,
    );

    await until("the denial is in the access log", () =>
      ["a", "b"].some((node) => mesh.log(`ztunnel-node-${node}`).includes("default/no-client")),
    );
    const explained = mesh.json<Explanation>("explain", "--from", "client", "--to", "myapp", "--port", "80");
    expect(explained).toMatchObject({ allow: false, policy: "default/no-client" });

    rmSync(file("deny.yaml"));
    await until("traffic recovers", () => tryConnect(mesh, "client", "myapp", 80).ok);
    held.close();
  });

  test("STRICT refuses an unmeshed client's plaintext, PERMISSIVE lets it through", async () => {
    writeFileSync(file("outsider.yaml"), OUTSIDER);
    await until("the outsider runs", () => pod("outsider")?.ready === true, 40_000);
    const target = pod("myapp")?.ip ?? "";
    await until("plaintext passes without a policy", () => tryConnect(mesh, "outsider", target, 8080).ok);
    writeFileSync(file("mtls.yaml"), peerAuthentication("STRICT"));
    await until("plaintext is refused", () => !tryConnect(mesh, "outsider", target, 8080).ok);
    expect(tryConnect(mesh, "client", "myapp", 80).ok).toBe(true);
    writeFileSync(file("mtls.yaml"), peerAuthentication("PERMISSIVE"));
    await until("plaintext passes again", () => tryConnect(mesh, "outsider", target, 8080).ok);
  });

  test("the label istio.io/dataplane-mode takes effect live, without a restart of the workload", async () => {
    const before = pod("outsider");
    expect(before?.redirection).toBe("");
    writeFileSync(
      file("outsider.yaml"),
      OUTSIDER.replace("istio.io/dataplane-mode: none", "istio.io/dataplane-mode: ambient"),
    );
    await until("the outsider is captured", () => pod("outsider")?.redirection === "enabled");
    expect(pod("outsider")).toMatchObject({ name: before?.name, restarts: before?.restarts });
    writeFileSync(file("mtls.yaml"), peerAuthentication("STRICT"));
    await until("it speaks mTLS now", () => tryConnect(mesh, "outsider", "myapp", 80).ok);
    writeFileSync(file("outsider.yaml"), OUTSIDER);
    await until("the outsider is released", () => pod("outsider")?.redirection === "");
    await until(
      "its plaintext is refused",
      () => !tryConnect(mesh, "outsider", pod("myapp")?.ip ?? "", 8080).ok,
    );
    expect(pod("outsider")).toMatchObject({ name: before?.name, restarts: before?.restarts });
    rmSync(file("mtls.yaml"));
  });

  test("a broken file, an unknown field, a duplicate and a policy for nothing each get their message; the rest works", async () => {
    writeFileSync(file("broken.yaml"), "apiVersion: v1\nkind: Service\nmetadata: { name: x\n");
    writeFileSync(
      file("unknown.yaml"),
      DENY.replace("no-client", "typo").replace("action: DENY", "acton: DENY"),
    );
    writeFileSync(
      file("double.yaml"),
      "apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: myapp, namespace: default }\n",
    );
    writeFileSync(
      file("nothing.yaml"),
      DENY.replace("no-client", "nobody").replace("app: myapp", "app: nobody"),
    );
    let shown = "";
    await until("all four are reported", () => {
      shown = mesh.ambit("status").stdout;
      return ["broken.yaml:", "unknown.yaml:6", "double.yaml:1", "nothing.yaml:5"].every((text) =>
        shown.includes(text),
      );
    }).catch(() => expect.soft(shown).toBe("all four files named with their lines"));
    expect(shown).toContain("acton");
    expect(tryConnect(mesh, "client", "myapp", 80).ok).toBe(true);
    const offline = mesh.ambit("analyze", mesh.manifests);
    expect(offline.status).toBe(79);
    expect(offline.stdout).toContain("unknown.yaml:6");
    for (const name of ["broken.yaml", "unknown.yaml", "double.yaml", "nothing.yaml"]) rmSync(file(name));
    await until("the mistakes are gone", () => mesh.ambit("status").status === 0);
  });

  test("scaling by editing the YAML adds and removes endpoints", async () => {
    const dump = (): number => {
      const services = mesh.json<ConfigDump["services"]>("ztunnel-config", "service");
      return Object.keys(services.find((service) => service.name === "myapp")?.endpoints ?? {}).length;
    };
    expect(dump()).toBe(3);
    mesh.edit("myapp.yaml", (text) => text.replace("replicas: 3", "replicas: 5"));
    await until("there are five endpoints", () => dump() === 5, 40_000);
    mesh.edit("myapp.yaml", (text) => text.replace("replicas: 5", "replicas: 2"));
    await until("there are two endpoints", () => dump() === 2, 40_000);
  });

  function pod(owner: string): PodRow | undefined {
    return mesh
      .json<{ pods: readonly PodRow[] }>("status")
      .pods.find((row) => row.owner === owner && row.phase === "Running");
  }
});
