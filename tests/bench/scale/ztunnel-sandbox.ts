/** Runs inside a sandbox of its own (see ztunnel.ts): two real node proxies with a scripted control plane, made large. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { ScriptedAgent } from "../../e2e/ztunnel/agent.ts";
import { ControlPlane } from "../../e2e/ztunnel/control-plane.ts";
import { SERVER_PORT, workloadOf } from "../../e2e/ztunnel/mesh-objects.ts";
import {
  inNamespace,
  makeNodes,
  makePod,
  NODE_A,
  NODE_B,
  run,
  startIn,
  type NodeSpec,
  type PodSpec,
} from "../../e2e/ztunnel/topology.ts";
import { cpuSeconds, residentMiB } from "../cpu.ts";

/** How large everything is made. */
export interface ProxyLoad {
  readonly workloads: number;
  readonly pods: number;
  readonly idle: number;
  readonly connections: number;
}

const CLIENT: PodSpec = { name: "client", node: NODE_A, ip: "10.244.1.2", captured: true };
const SERVER: PodSpec = { name: "server", node: NODE_B, ip: "10.244.2.2", captured: true };
/** Memory is looked at this long after the last change. */
const CALM_MS = 3_000;

const load = JSON.parse(process.argv[2] ?? "{}") as ProxyLoad;
const folder = mkdtempSync(join(tmpdir(), "ambit-ztunnel-scale-"));
const children = new Set<ChildProcess>();
const figures: Record<string, number> = {};

function track(child: ChildProcess): ChildProcess {
  children.add(child);
  child.once("exit", () => children.delete(child));
  return child;
}

function startProxy(plane: ControlPlane, node: NodeSpec): ChildProcess {
  return track(
    startIn(
      node.name,
      "apps/ztunnel/src/main.ts",
      [],
      {
        ...plane.environment(),
        NODE_NAME: node.name,
        POD_NAME: `ztunnel-${node.name}`,
        POD_NAMESPACE: "ambit-system",
        SERVICE_ACCOUNT: "ztunnel",
        INSTANCE_IP: node.underlay,
        INPOD_UDS: `/run/zds/${node.name}.sock`,
        ADMIN_SOCKET: `/run/zds/${node.name}-admin.sock`,
        AMBIT_LOG_LEVEL: "warn",
        AMBIT_ACCESS_LOG_FILE: "/dev/null",
      },
      "inherit",
    ),
  );
}

/** The proxy is inside nsenter, which replaced itself: one process. */
function pidOf(child: ChildProcess): readonly number[] {
  return [child.pid ?? 0];
}

async function addPod(agent: ScriptedAgent, pod: { readonly name: string }): Promise<void> {
  const fd = openSync(`/run/netns/${pod.name}`, "r");
  const error = await agent.add(`${pod.name}-uid`, pod.name, pod.name, fd);
  closeSync(fd);
  if (error !== "") throw new Error(`The proxy cannot serve ${pod.name}: ${error}`);
}

async function calm(child: ChildProcess): Promise<number> {
  await pause(CALM_MS);
  return residentMiB(pidOf(child));
}

/** One run of the benchmarks' load program in the client's pod; resolves with its first line while it may go on. */
async function loadRun(
  args: readonly string[],
): Promise<{ readonly line: string; readonly child: ChildProcess }> {
  const client = join(import.meta.dirname, "../load/client.ts");
  const [file = "", ...rest] = inNamespace(CLIENT.name, [process.execPath, client, ...args]);
  const child = track(spawn(file, rest, { stdio: ["pipe", "pipe", "inherit"] }));
  const [line] = (await once(child.stdout ?? child, "data")) as [Buffer];
  return { line: line.toString("utf8"), child };
}

/** A proxy that starts when the whole mesh is there: time until it serves, and what it keeps. */
async function measureKnown(
  plane: ControlPlane,
  agent: ScriptedAgent,
  before: ChildProcess,
): Promise<ChildProcess> {
  const rest = await calm(before);
  figures["proxyRestMiB"] = rest;
  for (let from = 0; from < load.workloads; from += 1000)
    plane.put(...foreign(from, Math.min(1000, load.workloads - from)));
  before.kill("SIGTERM");
  await once(before, "exit");
  agent.forget();
  const started = performance.now();
  const proxy = startProxy(plane, NODE_A);
  await agent.connected();
  figures["proxyKnownReadyMs"] = performance.now() - started;
  await addPod(agent, CLIENT);
  await agent.snapshotSent();
  const known = await calm(proxy);
  figures["proxyKnownMiB"] = known;
  figures["proxyKiBPerWorkload"] = ((known - rest) * 1024) / load.workloads;
  return proxy;
}

function foreign(from: number, count: number): ReturnType<typeof workloadOf>[] {
  return Array.from({ length: count }, (_, index) => {
    const number = from + index;
    const ip = `10.${128 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}`;
    const pod = {
      name: `app-${number}`,
      node: { ...NODE_B, name: `far-${number % 500}` },
      ip,
      captured: true,
    };
    return workloadOf(pod, false);
  });
}

async function measureIdle(client: ChildProcess, server: ChildProcess): Promise<void> {
  const before = { client: await calm(client), server: residentMiB(pidOf(server)) };
  const { child } = await loadRun(["idle", SERVER.ip, String(SERVER_PORT), String(load.idle)]);
  figures["idleClientKiB"] = (((await calm(client)) - before.client) * 1024) / load.idle;
  figures["idleServerKiB"] = ((residentMiB(pidOf(server)) - before.server) * 1024) / load.idle;
  child.stdin?.end();
  await once(child, "exit");
}

async function measureChurn(client: ChildProcess, server: ChildProcess): Promise<void> {
  const pids = [...pidOf(client), ...pidOf(server)];
  let done = 0;
  let errors = 0;
  // The first tenth warms up; memory counts from there.
  let restMiB = 0;
  const cpuBefore = cpuSeconds(pids);
  while (done < load.connections) {
    const { line } = await loadRun(["cps", SERVER.ip, String(SERVER_PORT), "8", "5"]);
    const result = JSON.parse(line) as { units: number; errors: number };
    done += result.units;
    errors += result.errors;
    if (restMiB === 0 && done >= load.connections / 10) restMiB = residentMiB(pids);
    if (result.units === 0) break;
  }
  figures["churnConnections"] = done;
  figures["churnErrors"] = errors;
  figures["churnCpuUs"] = ((cpuSeconds(pids) - cpuBefore) * 1e6) / done;
  await pause(CALM_MS);
  figures["churnGrowthMiB"] = residentMiB(pids) - restMiB;
}

/** Pods without wires: what a proxy keeps for each is its listeners. */
async function measurePods(agent: ScriptedAgent, proxy: ChildProcess): Promise<void> {
  for (let index = 0; index < load.pods; index++) {
    run(["ip", "netns", "add", `many-${index}`]);
    run(["ip", "-n", `many-${index}`, "link", "set", "lo", "up"]);
  }
  const before = await calm(proxy);
  const started = performance.now();
  for (let index = 0; index < load.pods; index++) await addPod(agent, { name: `many-${index}` });
  figures["podAddMs"] = (performance.now() - started) / load.pods;
  figures["podKiB"] = (((await calm(proxy)) - before) * 1024) / load.pods;
  for (let index = 0; index < load.pods; index++) await agent.remove(`many-${index}-uid`);
  figures["podsLeftMiB"] = (await calm(proxy)) - before;
}

async function main(): Promise<void> {
  makeNodes();
  for (const pod of [CLIENT, SERVER]) makePod(pod);
  mkdirSync("/run/zds");
  const plane = await ControlPlane.start(folder);
  const server = track(
    startIn(SERVER.name, "tests/bench/load/server.ts", [SERVER.ip, String(SERVER_PORT), "1"], {}, "inherit"),
  );
  const agents = new Map(
    [NODE_A, NODE_B].map((node) => [node, new ScriptedAgent(`/run/zds/${node.name}.sock`)]),
  );
  plane.put(workloadOf(CLIENT, false), workloadOf(SERVER, false));
  const proxies = new Map([NODE_A, NODE_B].map((node) => [node, startProxy(plane, node)]));
  for (const pod of [CLIENT, SERVER]) {
    const agent = agents.get(pod.node);
    await agent?.connected();
    if (agent !== undefined) await addPod(agent, pod);
    await agent?.snapshotSent();
  }
  const [agent, near, far] = [agents.get(NODE_A), proxies.get(NODE_A), proxies.get(NODE_B)];
  if (agent === undefined || near === undefined || far === undefined || server.exitCode !== null) return;
  await loadRun(["cps", SERVER.ip, String(SERVER_PORT), "1", "1"]);
  const large = await measureKnown(plane, agent, near);
  if (load.idle > 0) await measureIdle(large, far);
  if (load.connections > 0) await measureChurn(large, far);
  if (load.pods > 0) await measurePods(agent, large);
}

try {
  await main();
  process.stdout.write(`${JSON.stringify(figures)}\n`);
} finally {
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);
