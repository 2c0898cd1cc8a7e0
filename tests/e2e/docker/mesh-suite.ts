import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GenericContainer, Wait } from "testcontainers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pause } from "../support/mesh.ts";
import { ComposeProject } from "./compose-project.ts";
import { root, succeed, type Engine } from "./engine.ts";
import { Load } from "./load.ts";
import { until } from "./patience.ts";
import { ASK_AT_ONCE, GET, LOOK_UP, METRICS } from "./programs.ts";
import { PacketRecording } from "../support/capture.ts";

const MESH = ["credentials", "nats", "ca", "discovery", "node-agent", "ztunnel"];
const REVIEWS = ["reviews-v1", "reviews-v2", "reviews-v3"];
const APPS = ["details", "loadgenerator", "productpage", "ratings", ...REVIEWS];
const NODE = "/usr/local/bin/node";
/** The promise of the project: from the start to healthy. */
const HEALTHY_MS = 60_000;

const denyDetails = (namespace: string): string => `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: no-details, namespace: ${namespace} }
spec:
  selector: { matchLabels: { app: details } }
  action: DENY
  rules: [{ from: [{ source: { principals: ["cluster.local/ns/${namespace}/sa/productpage"] } }] }]
`;

const OUTSIDE = `services:
  ratings: { labels: { istio.io/dataplane-mode: none } }
`;

/** compose.yaml with the bookshop: one mesh for all of it, from its start to its end. */
export function describeMesh(engineOf: () => Engine, image: (name: string) => string): void {
  describe("compose.yaml", () => {
    let engine: Engine;
    let project: ComposeProject;
    /** The same, with ratings outside the mesh. */
    let outside: ComposeProject;

    beforeAll(async () => {
      engine = engineOf();
      project = await ComposeProject.make(engine, "ambite2e", { cwd: root, files: ["compose.yaml"] });
      const override = join(project.folder, "override.yaml");
      writeFileSync(override, OUTSIDE);
      outside = project.withFiles(["compose.yaml", override]);
    });
    afterAll(() => project.remove());

    const page = async (): Promise<string> =>
      (await fetch(`http://127.0.0.1:${project.port}/productpage`)).text();
    const network = (): string => `${project.name}_default`;
    const details = (): string => project.exec("productpage", GET, "http://details:9080/details/0");

    /** Where a name got lost: what the engine's resolver, the node proxy and the container itself say of it. */
    const nameReport = (asker: string, name: string): string =>
      [
        project.exec(asker, LOOK_UP, name),
        engine.inspect(project.container(name), "{{json .State}} {{json .NetworkSettings.Networks}}"),
        project
          .exec("ztunnel", METRICS)
          .split("\n")
          .filter((line) => line.includes("dns"))
          .join("\n"),
        project.logs("ztunnel").slice(-2_000),
      ].join("\n");

    test("is healthy within a minute of its start", async () => {
      const began = performance.now();
      project.compose("up", "-d");
      await until(
        "every container is healthy",
        () =>
          project.containers().filter(({ status }) => status.includes("(healthy)")).length === MESH.length,
      );
      expect(performance.now() - began).toBeLessThan(HEALTHY_MS);
      expect(project.containers()).toHaveLength(MESH.length);
    });

    test("gives no container more than it needs", () => {
      const format =
        "{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}} {{.HostConfig.CapAdd}} {{.HostConfig.Privileged}}";
      const given = MESH.map((name) => `${name} ${engine.inspect(project.container(name), format)}`);
      expect(given).toEqual([
        "credentials true [ALL] [] false",
        "nats true [ALL] [] false",
        "ca true [ALL] [] false",
        "discovery true [ALL] [] false",
        "node-agent true [ALL] [SYS_ADMIN NET_ADMIN SYS_PTRACE] false",
        "ztunnel true [ALL] [SYS_ADMIN NET_ADMIN] false",
      ]);
      const shell = spawnSync("docker", ["exec", project.container("ca"), "/bin/sh", "-c", "true"]);
      expect(shell.status).not.toBe(0);
    });

    test("captures the bookshop, which answers", async () => {
      project.compose("--profile", "apps", "up", "-d");
      await until("everything is captured", () => {
        const pods = [...project.pods().values()].flat();
        return pods.length === 7 && pods.every(({ redirection }) => redirection === "enabled");
      });
      expect([...project.pods().keys()].toSorted()).toEqual(APPS);
      await until("the page is whole", async () => /Book Details[^]*Reviews served by/.test(await page()));
      expect(project.logs("ztunnel")).toContain('"driver":"engine"');
      // What a service selects is looked at after what was captured is known.
      await until("no mistake is told of", () => !project.ambit("status").includes("AMB"));
    });

    test("says of each container whether it sent before its capture: in status, doctor, log and metric alike", () => {
      const early = [...project.pods().values()].flat().filter((pod) => pod.early !== undefined);
      const doctor = project.doctor();
      if (early.length === 0) expect(doctor).toContain("everything that could be checked is well");
      for (const { name, early: sent } of early) {
        process.stderr.write(`NOTE: ${name} sent before its capture: ${JSON.stringify(sent)}\n`);
        expect(doctor).toContain(`${name} (${sent?.bytes} bytes, ${sent?.reason})`);
      }
      const metrics = [
        ...project.exec("node-agent", METRICS).matchAll(/^ambit_node_agent_early_sends_total.* (\d+)$/gm),
      ];
      expect(metrics).toHaveLength(4);
      const counted = metrics.reduce((sum, [, count]) => sum + Number(count), 0);
      expect(counted).toBeGreaterThanOrEqual(early.length);
      const warnings = project.logs("node-agent").match(/sent packets before it was captured/g) ?? [];
      expect(warnings).toHaveLength(counted);
    });

    test("resolves names as the engine's users expect", () => {
      const names = ["reviews", `reviews.${project.name}`, `reviews.${project.name}.svc.cluster.local`];
      const found = new Map(
        project
          .exec("productpage", LOOK_UP, ...names, "reviews-v1", "no-such-name")
          .split("\n")
          .map((line) => line.split(" ") as [string, string]),
      );
      expect(found.get("reviews")).toMatch(/^10\.\d+\.\d+\.\d+$/);
      expect(names.map((name) => found.get(name))).toEqual(names.map(() => found.get("reviews")));
      const format = `{{ (index .NetworkSettings.Networks "${network()}").IPAddress }}`;
      expect(found.get("reviews-v1")).toBe(engine.inspect(project.container("reviews-v1"), format));
      expect(found.get("no-such-name")).toMatch(/ENOTFOUND|EAI_AGAIN/);
    });

    test("shows nothing but mutual TLS on the bridge between its containers", async () => {
      const capture = await PacketRecording.of(process.pid);
      expect(project.exec("productpage", GET, "http://details:9080/details/0?canary=inside-c4n4ry")).toMatch(
        /^200/,
      );
      const plain = await new GenericContainer(image("bookinfo"))
        .withNetworkMode(network())
        .withEntrypoint([NODE, "-e", ASK_AT_ONCE, "http://details:9080/details/0?canary=outside-c4n4ry"])
        .withWaitStrategy(Wait.forLogMessage(/asked 200/))
        .start();
      const bytes = (await capture.stop()).toString("latin1");
      const tables = tablesOf(engine, plain.getId());
      await plain.stop();
      const seen = ["outside", "inside"].filter((name) => bytes.includes(`${name}-c4n4ry`));
      expect(seen).toEqual(["outside"]);
      expect(tables).not.toMatch(/istio|ambit/);
    });

    test("denies what a policy dropped into the folder denies, and names it", async () => {
      expect(details()).toMatch(/^200/);
      const path = join(project.manifests, "deny.yaml");
      writeFileSync(path, denyDetails(project.name));
      await until("details is denied", () => !details().startsWith("200"));
      expect(project.logs("ztunnel")).toContain(`explicitly denied by: ${project.name}/no-details`);
      const explain = ["explain", "--from", "productpage", "--to", "details", "--port", "9080"];
      expect(() => project.ambit(...explain)).toThrow(`DENY ${project.name}/no-details`);
    });

    test("keeps denying and lets the rest wait while its node proxy is killed", async () => {
      const load = Load.start(engine, project);
      await until("the load runs", () => load.counts().ok > 60);
      engineKill(engine, project.container("ztunnel"));
      expect(details()).not.toMatch(/^200/);
      await until("the load goes on", () => {
        const before = load.counts().ok;
        spawnSync("sleep", ["1.2"]);
        return load.counts().ok > before;
      });
      expect(details()).not.toMatch(/^200/);
      load.end();
      rmSync(join(project.manifests, "deny.yaml"));
      await until("details is allowed again", () => details().startsWith("200"));
    });

    test("spreads requests over three replicas two seconds after their start", async () => {
      project.compose("--profile", "apps", "up", "-d", "--no-recreate", "--scale", "reviews-v1=3");
      await pause(2_000);
      const pods = project.pods();
      const ips = REVIEWS.flatMap((name) => pods.get(name) ?? []).map(({ ip }) => ip);
      expect(new Set(ips).size).toBe(5);
      const seen = new Set<string>();
      await until("every replica has answered", async () => {
        const [, host = ""] = /served by: ([0-9a-f]+)/.exec(await page()) ?? [];
        seen.add(host);
        return [1, 2, 3].every((number) =>
          [...seen].some((name) => name !== "" && project.container("reviews-v1", number).startsWith(name)),
        );
      });
      project.compose("--profile", "apps", "up", "-d", "--no-recreate", "--scale", "reviews-v1=1");
      await until("the others are gone", () => project.pods().get("reviews-v1")?.length === 1);
    });

    test("fails no request while each part of the control plane is killed, with two replicas of ca and discovery", async () => {
      project.compose("up", "-d", "--no-recreate", "--scale", "discovery=2", "--scale", "ca=2");
      const load = Load.start(engine, project);
      await until("the load runs", () => load.counts().ok > 60);
      const parts = ["credentials", "nats", "node-agent"].map((name) => project.container(name));
      const replicas = ["ca", "discovery"].flatMap((name) => [1, 2].map((of) => project.container(name, of)));
      for (const id of [...parts, ...replicas]) {
        engineKill(engine, id);
        await pause(1_000);
      }
      await until(
        "every part is back",
        () => project.containers().filter(({ status }) => status.includes("(healthy)")).length === 8,
      );
      await until("the proxy is in sync", () => project.ambit("proxy-status").includes("ztunnel-docker"));
      expect(load.failures()).toBe("");
      expect(load.counts().ok).toBeGreaterThan(200);
      load.end();
    });

    test("lets a container go whose label is gone, and takes it back", async () => {
      outside.compose("--profile", "apps", "up", "-d", "--no-deps", "ratings");
      await until("ratings is out", () => !project.pods().has("ratings"));
      const ratings = project.container("ratings");
      await until("its network is left alone", () => !/istio|ambit/.test(tablesOf(engine, ratings)));
      await until("the proxy knows no such service", () => {
        const services = project.ambit("ztunnel-config", "service");
        return services.includes("reviews") && !services.includes("ratings");
      });
      const answer = project.exec("productpage", GET, "http://ratings:9080/ratings/0");
      expect(answer, answer.startsWith("200") ? "" : nameReport("productpage", "ratings")).toMatch(/^200/);
      project.compose("--profile", "apps", "up", "-d", "--no-deps", "ratings");
      await until("ratings is in", () => project.pods().get("ratings")?.[0]?.redirection === "enabled");
    });

    test("leaves its volumes behind when it is ended, and nothing else", () => {
      project.compose("--profile", "apps", "down", "-t", "5");
      const label = ["--filter", `label=com.docker.compose.project=${project.name}`];
      expect(project.containers()).toEqual([]);
      expect(engine.docker("network", "ls", "-q", ...label)).toBe("");
      const volumes = engine
        .docker("volume", "ls", "-q", ...label)
        .trim()
        .split("\n");
      expect(volumes).toContain(`${project.name}_ca-state`);
      project.compose("--profile", "apps", "down", "-v");
      expect(engine.docker("volume", "ls", "-q", ...label)).toBe("");
    });
  });
}

/** The nftables tables in a running container's network; not ours when it is outside the mesh. */
function tablesOf(engine: Engine, container: string): string {
  const sandbox = engine.inspect(container, "{{.NetworkSettings.SandboxKey}}");
  return succeed(["nsenter", `--net=${sandbox}`, "nft", "list", "tables"], root, process.env);
}

/** Ends a container's process as the kernel would; the engine takes `docker kill` for a wish and does not start it again. */
function engineKill(engine: Engine, container: string): void {
  process.kill(Number(engine.inspect(container, "{{.State.Pid}}")), "SIGKILL");
}
