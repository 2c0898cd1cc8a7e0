import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ComposeProject } from "./compose-project.ts";
import { root, type Engine } from "./engine.ts";
import { until } from "./patience.ts";
import { GET } from "./programs.ts";

// Three services as teams have them: one that serves pages, one that keeps values and speaks a line protocol of its own,
// one that only calls the others.
const FRONT = `
require("node:http").createServer((request, response) => response.end("a page\\n")).listen(80);
`;
const STORE = `
let value = 0;
require("node:net").createServer((socket) => {
  socket.on("error", () => undefined);
  socket.on("data", (bytes) => {
    for (const line of bytes.toString().trim().split("\\n"))
      socket.write(line === "INCR" ? ":" + ++value + "\\r\\n" : "-ERR\\r\\n");
  });
}).listen(6379);
`;
const WORKER = `
const { connect } = require("node:net");
setInterval(() => {
  const socket = connect(6379, "store", () => socket.write("INCR\\n"));
  socket.on("data", (bytes) => { console.log("job", bytes.toString().trim()); socket.end(); });
  socket.on("error", (error) => console.log("job", error.code));
}, 500);
`;

const composeFile = (image: string, holder: string, include: string): string => `${include}services:
  front: { image: "${image}", command: ["front.cjs"], labels: { istio.io/dataplane-mode: ambient } }
  store: { image: "${image}", command: ["store.cjs"], labels: { istio.io/dataplane-mode: ambient } }
  worker: { image: "${image}", command: ["worker.cjs"], labels: { istio.io/dataplane-mode: ambient } }
  vault-network:
    image: "${holder}"
    labels: { istio.io/dataplane-mode: ambient, ambit.dev/service: vault, ambit.dev/ports: "6379" }
    healthcheck: { test: [CMD, /usr/local/bin/node, /app/bin/main.js, check], interval: 1s, retries: 60 }
  vault:
    image: "${image}"
    command: [store.cjs]
    network_mode: service:vault-network
    depends_on: { vault-network: { condition: service_healthy } }
`;

const onlyWorkers = (namespace: string): string => `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: only-workers, namespace: ${namespace} }
spec:
  selector: { matchLabels: { app: store } }
  rules: [{ from: [{ source: { principals: ["cluster.local/ns/${namespace}/sa/worker"] } }] }]
`;

const TRY_STORE = `
const socket = require("node:net").connect(6379, process.argv[1], () => socket.write("INCR\\n"));
socket.setTimeout(3000, () => socket.destroy());
let text = "";
socket.on("data", (bytes) => { text += bytes; socket.end(); });
socket.on("error", () => undefined);
socket.on("close", () => console.log(text.trim() || "nothing"));
`;

/** A compose file that is not ours, with the mesh beside it. */
export function describeOwnFile(engineOf: () => Engine, image: (name: string) => string): void {
  describe("deploy/compose/mesh.compose.yaml", () => {
    const folder = mkdtempSync(join(tmpdir(), "ambit-own-"));
    const mesh = join(root, "deploy/compose/mesh.compose.yaml");
    const own = "own-services:test";
    let engine: Engine;
    let project: ComposeProject;

    beforeAll(async () => {
      engine = engineOf();
      const context = join(folder, "image");
      mkdirSync(context);
      for (const [name, text] of Object.entries({ front: FRONT, store: STORE, worker: WORKER }))
        writeFileSync(join(context, `${name}.cjs`), text);
      const lines = [`FROM ${image("bookinfo")}`, "COPY *.cjs /srv/", "WORKDIR /srv", "USER 0"];
      writeFileSync(
        join(context, "Dockerfile"),
        [...lines, 'ENTRYPOINT ["/usr/local/bin/node"]', ""].join("\n"),
      );
      engine.docker("build", "-q", "-t", own, context);
      const plugin = engine.compose.length > 1;
      const include = plugin ? `include: [{ path: ${mesh}, project_directory: . }]\n` : "";
      writeFileSync(join(folder, "compose.yaml"), composeFile(own, image("holder"), include));
      const files = plugin ? ["compose.yaml"] : ["compose.yaml", mesh];
      project = await ComposeProject.make(engine, "ambitown", { cwd: folder, files });
      project.compose("up", "-d");
    });
    afterAll(() => {
      project.remove();
      engine.docker("rmi", own);
      rmSync(folder, { recursive: true, force: true });
    });

    test("brings three services into the mesh by one label each", async () => {
      await until("all are captured", () => {
        const pods = [...project.pods().values()].flat();
        return pods.length === 4 && pods.every(({ redirection }) => redirection === "enabled");
      });
      await until("the worker works", () => /job :\d+/.test(project.logs("worker")));
      expect(project.exec("worker", GET, "http://front/")).toBe("200 a page");
      const identity = `"dst.identity":"spiffe://cluster.local/ns/${project.name}/sa/store"`;
      await until("its way to the store is known", () => project.logs("ambit-ztunnel").includes(identity));
    });

    test("starts a service that shares a holder's network after its capture, under the holder's name", async () => {
      const started = (name: string): number =>
        Date.parse(engine.inspect(project.container(name), "{{.State.StartedAt}}"));
      const [, captured = ""] =
        /(\S+Z)\s+info\s+\S+\s+pod is captured\s+pod="\S+vault-network/.exec(
          project.logs("ambit-node-agent"),
        ) ?? [];
      expect(started("vault")).toBeGreaterThan(Date.parse(captured));
      expect(project.pods().get("vault-network")).toMatchObject([{ redirection: "enabled" }]);
      expect(project.pods().get("vault-network")?.[0]?.early).toBeUndefined();
      expect(project.exec("worker", TRY_STORE, "vault")).toMatch(/^:\d+$/);
      const identity = `"dst.identity":"spiffe://cluster.local/ns/${project.name}/sa/vault"`;
      await until("its way to the vault is known", () => project.logs("ambit-ztunnel").includes(identity));
    });

    test("says what a container sent while no node agent ran, and nothing of its next start with one", async () => {
      const worker = () => project.pods().get("worker")?.[0];
      project.compose("stop", "ambit-node-agent");
      project.compose("up", "-d", "-t", "1", "--no-deps", "--force-recreate", "worker");
      await until("the worker has worked", () => /job :\d+/.test(project.logs("worker")));
      project.compose("start", "ambit-node-agent");
      await until("the worker is captured", () => worker()?.redirection === "enabled");
      const early = worker()?.early;
      expect(early?.reason).toBe("away");
      expect(early?.connections).toBeGreaterThan(0);
      expect(early?.bytes).toBeGreaterThan(0);
      const doctor = project.doctor();
      expect(doctor).toContain("no container sent before it was captured");
      expect(doctor).toMatch(/worker\S* \(\d+ bytes, away\)/);
      expect(doctor).toContain("a holder owns the network");
      expect(project.logs("ambit-node-agent")).toMatch(/sent packets before it was captured.*worker/);
      project.compose("up", "-d", "-t", "1", "--no-deps", "--force-recreate", "worker");
      await until("the new worker is captured", () => worker()?.redirection === "enabled");
      expect(worker()?.early?.reason).not.toBe("away");
    });

    test("lets a policy say who may reach whom", async () => {
      expect(project.exec("front", TRY_STORE, "store")).toMatch(/^:\d+$/);
      writeFileSync(join(project.manifests, "policy.yaml"), onlyWorkers(project.name));
      await until("front is refused", () => project.exec("front", TRY_STORE, "store") === "nothing");
      expect(project.exec("worker", TRY_STORE, "store")).toMatch(/^:\d+$/);
    });
  });
}
