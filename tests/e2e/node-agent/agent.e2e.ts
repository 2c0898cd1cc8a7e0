import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PodRow } from "@ambit/contract/admin-api.ts";
import { missingForNamespaces, pause, until } from "../support/mesh.ts";
import { AgentSandbox, StandInProxy } from "./sandbox.ts";

const missing = missingForNamespaces();
if (missing !== "") process.stderr.write(`SKIPPED: the node agent in real namespaces: ${missing}\n`);

const TABLES = ["istio-ambient-nat", "istio-ambient-mangle", "istio-ambient-raw"];

const ready = (rows: readonly PodRow[]): boolean => rows.length > 0 && rows.every((row) => row.ready);

// The steps build on each other, in the order they are written.
describe.skipIf(missing !== "")("the node agent", () => {
  let sandbox: AgentSandbox;
  let proxies: StandInProxy[] = [];

  const tables = (pod: PodRow): readonly string[] =>
    sandbox
      .inPod(pod, "nft", "list", "tables")
      .stdout.split("\n")
      .filter((line) => line !== "")
      .map((line) => line.split(" ").at(-1) ?? "");
  const connect = (): void => {
    proxies = ["node-a", "node-b"].map((node) => new StandInProxy(sandbox, node));
  };
  const served = (): readonly string[] => proxies.flatMap((proxy) => [...proxy.serving.values()]).toSorted();

  beforeAll(async () => {
    sandbox = new AgentSandbox("samples/myapp");
    await sandbox.ready();
  });
  afterAll(() => sandbox.remove());

  test("closes captured pods off and starts nothing in them until their proxy is there", async () => {
    const rows = await sandbox.podsUntil(
      "all pods wait for the mesh",
      "",
      (pods) => pods.length === 4 && pods.every((pod) => pod.redirection === "pending"),
    );
    await pause(500);
    expect(new Set(rows.map((row) => row.node))).toEqual(new Set(["node-a", "node-b"]));
    for (const row of rows) {
      expect(tables(row)).toEqual(TABLES);
      expect(sandbox.podLog(row)).toBe("");
    }
    expect(sandbox.processes()).not.toContain("server.ts");
  });

  test("gives each proxy the pods of its node with their namespaces, then starts them; probes pass under capture", async () => {
    connect();
    const rows = await sandbox.podsUntil("all pods are ready", "", ready);
    expect(rows.map((row) => row.redirection)).toEqual(rows.map(() => "enabled"));
    expect(served()).toEqual(rows.map((row) => row.name).toSorted());
    expect(proxies.reduce((sum, proxy) => sum + proxy.namespaces.size, 0)).toBe(4);
    expect(proxies[0]?.seen).toContain("snapshotSent  0".trim());
  });

  test("captures what leaves a pod: with nobody behind the redirect, connections wait and nothing gets out", async () => {
    const [client] = await sandbox.pods("client");
    const [target] = await sandbox.pods("myapp");
    const run = sandbox.inPod(client as PodRow, process.execPath, "-e", TRY, target?.ip ?? "", "8080");
    expect(run.stdout).toBe("waits\n");
    const rule = sandbox.inPod(client as PodRow, "ip", "rule").stdout;
    expect(rule).toContain("fwmark 0x111/0xfff lookup 100");
  });

  test("gives a pod its own names: resolver, hosts, host name", async () => {
    const [pod] = await sandbox.pods("client");
    const show = (file: string): string => sandbox.inPod(pod as PodRow, "cat", file).stdout;
    expect(show("/etc/resolv.conf")).toBe(
      "nameserver 10.96.0.10\nsearch default.svc.cluster.local svc.cluster.local cluster.local\noptions ndots:5 timeout:1 attempts:5\n",
    );
    expect(show("/etc/hosts")).toContain(`${pod?.ip} ${pod?.name}`);
    expect(show("/etc/hostname")).toBe(`${pod?.name}\n`);
  });

  test("releases and captures running pods by the namespace's label, without a restart", async () => {
    const before = await sandbox.pods();
    sandbox.edit("namespace.yaml", (text) => text.replace(": ambient", ": none"));
    const released = await sandbox.podsUntil("all pods are released", "", (pods) =>
      pods.every((pod) => pod.redirection === ""),
    );
    await until("the rules are gone", () => released.every((pod) => tables(pod).length === 0));
    await until("the proxies let go", () => served().length === 0);
    expect(released.map(({ name, restarts }) => [name, restarts])).toEqual(
      before.map(({ name }) => [name, 0]),
    );
  });

  test("answers names and virtual addresses for pods outside the mesh, over both nodes", async () => {
    const [client] = await sandbox.pods("client");
    await until("the client reaches every replica", () =>
      / from (myapp-\S+=\d+ ?){3}$/m.test(sandbox.podLog(client as PodRow)),
    );
    const outside = sandbox.inPod(
      client as PodRow,
      process.execPath,
      "-e",
      RESOLVE,
      "myapp",
      "nothing",
      "example.com",
    );
    expect(JSON.parse(outside.stdout)).toEqual([
      expect.stringMatching(/^10\.96\./),
      "ENOTFOUND",
      "EAI_AGAIN",
    ]);
  });

  test("publishes the annotated port", async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => sandbox.published(8080)));
    const names = new Set(answers.map((text) => (JSON.parse(text) as { pod: string }).pod));
    expect(names.size).toBe(3);
  });

  test("takes pods back into the mesh while they run", async () => {
    sandbox.edit("namespace.yaml", (text) => text.replace(": none", ": ambient"));
    const rows = await sandbox.podsUntil("all pods are captured again", "", (pods) =>
      pods.every((pod) => pod.redirection === "enabled"),
    );
    for (const row of rows) expect(tables(row)).toEqual(TABLES);
    expect(rows.map((row) => row.restarts)).toEqual(rows.map(() => 0));
    expect(served()).toHaveLength(4);
  });

  test("scales by the manifest, and takes names, namespaces and objects of the rest away", async () => {
    sandbox.edit("myapp.yaml", (text) => text.replace("replicas: 3", "replicas: 5"));
    await sandbox.podsUntil("five are ready", "myapp", (pods) => pods.length === 5 && ready(pods));
    sandbox.edit("myapp.yaml", (text) => text.replace("replicas: 5", "replicas: 2"));
    const rows = await sandbox.podsUntil("two are left", "myapp", (pods) => pods.length === 2);
    expect(served()).toHaveLength(3);
    const names = sandbox
      .inside("ls", "/run/netns")
      .stdout.split("\n")
      .filter((name) => name.startsWith("pod-myapp"));
    expect(names.toSorted()).toEqual(rows.map((row) => `pod-${row.name}`).toSorted());
    expect(
      sandbox.inside("ls", join(sandbox.state, "cluster/pods")).stdout.match(/default_myapp/g),
    ).toHaveLength(2);
  });

  test("replaces pods one by one when their command changes", async () => {
    const before = (await sandbox.pods("myapp")).map((row) => row.name);
    sandbox.edit("myapp.yaml", (text) => text.replace("value: v1", "value: v2"));
    let fewest = 9;
    const rows = await sandbox.podsUntil("both are new", "myapp", (pods) => {
      fewest = Math.min(fewest, pods.filter((pod) => pod.ready).length);
      return pods.length === 2 && ready(pods) && pods.every((pod) => !before.includes(pod.name));
    });
    expect(fewest).toBeGreaterThanOrEqual(2);
    expect(rows).toHaveLength(2);
  });

  test("starts a process that ended again, with a delay and a note in its log", async () => {
    const [client] = await sandbox.pods("client");
    sandbox.inside("sh", "-c", "kill -KILL $(ps -eo pid,args | awk '/client\\.ts/ && !/awk/ {print $1}')");
    const [after] = await sandbox.podsUntil(
      "the client runs again",
      "client",
      ([row]) => row?.restarts === 1 && row.ready,
    );
    expect(after?.name).toBe(client?.name);
    expect(sandbox.podLog(client as PodRow)).toMatch(
      /ambit: ended with status 137 \(SIGKILL\), starting again in 1 s/,
    );
  });

  test("cleans up after its own crash and keeps the nodes", async () => {
    const before = await sandbox.pods();
    const node = (): string =>
      sandbox.inside("readlink", "-f", "/run/netns/node-a").stdout +
      sandbox.inside("stat", "-c", "%i", "/run/netns/node-a").stdout;
    const identity = node();
    sandbox.killAgent();
    await sandbox.ready();
    connect();
    const rows = await sandbox.podsUntil(
      "all pods are ready",
      "",
      (pods) => pods.length === 3 && ready(pods),
    );
    expect(node()).toBe(identity);
    const holders = sandbox.processes().match(/sleep 2147483647/g);
    expect(holders).toHaveLength(3);
    expect(sandbox.processes().match(/server\.ts/g)).toHaveLength(2);
    const names = sandbox
      .inside("ls", "/run/netns")
      .stdout.split("\n")
      .filter((name) => name.startsWith("pod-"));
    expect(names.toSorted()).toEqual(rows.map((row) => `pod-${row.name}`).toSorted());
    expect(rows.map((row) => row.name)).toEqual(before.map((row) => row.name));
  });

  test("runs the sample server for an unknown image and says so once", async () => {
    sandbox.edit("unknown.yaml", () => UNKNOWN);
    await sandbox.podsUntil(
      "the unknown image is ready",
      "mystery",
      (pods) => pods.length === 2 && ready(pods),
    );
    expect(sandbox.log().match(/built-in sample server runs/g)).toHaveLength(1);
    expect(sandbox.log()).toContain('image="mystery:1"');
  });

  test("runs StatefulSets, single pods, init containers and pods on their node's network", async () => {
    sandbox.edit("kinds.yaml", () => KINDS);
    const sets = await sandbox.podsUntil(
      "the set is ready",
      "db",
      (pods) => pods.length === 2 && ready(pods),
    );
    expect(sets.map((row) => row.name)).toEqual(["db-0", "db-1"]);
    const [once] = await sandbox.podsUntil(
      "the single pod has ended",
      "once",
      ([row]) => row?.phase === "Succeeded",
    );
    expect(sandbox.podLog(once as PodRow)).toBe("first\nsecond once other\n");
    const [host] = await sandbox.podsUntil("the pod on its node's network is ready", "onhost", ready);
    expect(host?.ip).toMatch(/^172\.30\.0\.1[12]$/);
    const names = ["db.other.svc.cluster.local", "db-1.db.other.svc.cluster.local", "db-1.db"];
    const found = sandbox.inPod(sets[0] as PodRow, process.execPath, "-e", RESOLVE, ...names);
    expect(JSON.parse(found.stdout)).toEqual([expect.stringMatching(/^10\.244\./), sets[1]?.ip, sets[1]?.ip]);
    sandbox.edit("kinds.yaml", () => "");
    await sandbox.podsUntil("all of them are gone", "", (pods) =>
      pods.every((pod) => !KINDS.includes(`name: ${pod.owner},`)),
    );
  });

  test("answers at once when a pod wants to leave the sandbox", async () => {
    const [pod] = await sandbox.pods("mystery");
    const started = performance.now();
    const run = sandbox.inPod(pod as PodRow, process.execPath, "-e", TRY, "192.0.2.1", "80");
    expect(run.stdout).toMatch(/ENETUNREACH|EHOSTUNREACH/);
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  test("lets no process take its pod's rules away, set marks or see the mesh's keys", async () => {
    sandbox.edit("prisoner.yaml", () => PRISONER.replaceAll("$STATE", sandbox.state));
    const [row] = await sandbox.podsUntil(
      "the prisoner has ended",
      "prisoner",
      ([pod]) => pod?.phase === "Succeeded",
    );
    expect(sandbox.podLog(row as PodRow).match(/^(rules|link|files|proc) .*$/gm)).toEqual([
      "rules kept",
      "link kept",
      "files 0",
      "proc kept",
    ]);
    expect(tables(row as PodRow)).toEqual(TABLES);
  });

  test("reports metrics per node", async () => {
    const text = await sandbox.metrics();
    expect(text).toContain(`ambit_node_agent_proxy_connected{node="node-a"} 1`);
    expect(text).toMatch(/ambit_node_agent_pods\{node="node-[ab]",redirection="enabled"\} [1-9]/);
  });

  test("writes Pod objects that tell the phase, the addresses and the state of capture", async () => {
    const [row] = await sandbox.pods("client");
    const text = readFileSync(join(sandbox.state, `cluster/pods/default_${row?.name}.yaml`), "utf8");
    expect(text).toContain("ambient.istio.io/redirection: enabled");
    expect(text).toContain(`podIP: ${row?.ip}`);
    expect(text).toContain("phase: Running");
  });
});

const KINDS = `apiVersion: v1
kind: Service
metadata: { name: db, namespace: other }
spec: { clusterIP: None, selector: { app: db }, ports: [{ port: 9000 }] }
---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: db, namespace: other }
spec:
  serviceName: db
  replicas: 2
  selector: { matchLabels: { app: db } }
  template:
    metadata: { labels: { app: db } }
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: db
        image: db:1
        readinessProbe: { tcpSocket: { port: 9000 } }
---
apiVersion: v1
kind: Pod
metadata: { name: once, namespace: other }
spec:
  restartPolicy: Never
  initContainers: [{ name: first, image: none, command: [echo, first] }]
  containers:
  - name: second
    image: none
    command: [echo, second, $(NAME), $(WHERE)]
    env:
    - { name: NAME, valueFrom: { fieldRef: { fieldPath: metadata.name } } }
    - { name: WHERE, valueFrom: { fieldRef: { fieldPath: metadata.namespace } } }
---
apiVersion: v1
kind: Pod
metadata: { name: onhost, namespace: other, labels: { istio.io/dataplane-mode: ambient } }
spec:
  hostNetwork: true
  terminationGracePeriodSeconds: 1
  containers:
  - name: web
    image: web:1
    ports: [{ containerPort: 9100 }]
    readinessProbe: { exec: { command: [sh, -c, "grep -q nameserver /etc/resolv.conf"] } }
`;

const PRISONER = `apiVersion: v1
kind: Pod
metadata: { name: prisoner, namespace: default }
spec:
  restartPolicy: Never
  containers:
  - name: prisoner
    image: none
    command:
    - sh
    - -c
    - |
      nft flush ruleset && echo rules flushed || echo rules kept
      ip link set eth0 mtu 1400 && echo link changed || echo link kept
      echo files $(ls "$STATE" | wc -l)
      ls /proc/1/root/ && echo proc open || echo proc kept
`;

const TRY = `
const socket = require("node:net").connect({ host: process.argv[1], port: Number(process.argv[2]) });
socket.on("connect", () => { console.log("connected"); process.exit(0); });
socket.on("error", (error) => { console.log(error.code); process.exit(0); });
setTimeout(() => { console.log("waits"); process.exit(0); }, 4000);
`;

const RESOLVE = `
const { lookup } = require("node:dns").promises;
Promise.all(process.argv.slice(1).map((name) => lookup(name).then((found) => found.address, (error) => error.code)))
  .then((found) => console.log(JSON.stringify(found)));
`;

const UNKNOWN = `apiVersion: apps/v1
kind: Deployment
metadata: { name: mystery, namespace: other }
spec:
  replicas: 2
  selector: { matchLabels: { app: mystery } }
  template:
    metadata: { labels: { app: mystery } }
    spec:
      containers:
      - name: mystery
        image: mystery:1
        ports: [{ containerPort: 9000 }]
        readinessProbe: { httpGet: { path: /healthz, port: 9000 } }
`;
