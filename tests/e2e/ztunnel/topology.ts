import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "../../..");

/** Address of the control plane, in the sandbox's own namespace. */
export const CONTROL_ADDRESS = "172.30.0.1";

export interface NodeSpec {
  readonly name: string;
  readonly underlay: string;
  /** First three octets of the pods' addresses. */
  readonly podPrefix: string;
}

export interface PodSpec {
  readonly name: string;
  readonly node: NodeSpec;
  readonly ip: string;
  readonly captured: boolean;
}

export const NODE_A: NodeSpec = { name: "node-a", underlay: "172.30.0.11", podPrefix: "10.244.1" };
export const NODE_B: NodeSpec = { name: "node-b", underlay: "172.30.0.12", podPrefix: "10.244.2" };

/** Runs a program of the sandbox and returns what it printed; throws with its complaint when it fails. */
export function run(command: readonly string[], input = ""): string {
  const [program = "", ...args] = command;
  const done = spawnSync(program, args, { input, encoding: "utf8" });
  if (done.status !== 0) throw new Error(`${command.join(" ")}: ${done.stderr}`);
  return done.stdout;
}

function ip(line: string): void {
  run(["ip", ...line.split(" ")]);
}

/** A private /run, two nodes on a bridge, and the routes between them. */
export function makeNodes(): void {
  run(["mount", "-t", "tmpfs", "tmpfs", "/run"]);
  mkdirSync("/run/netns", { recursive: true });
  ip("link set lo up");
  ip("link add ambit0 type bridge");
  ip(`addr add ${CONTROL_ADDRESS}/24 dev ambit0`);
  ip("link set ambit0 up");
  for (const node of [NODE_A, NODE_B]) {
    ip(`netns add ${node.name}`);
    ip(`link add v-${node.name} type veth peer name eth0 netns ${node.name}`);
    ip(`link set v-${node.name} master ambit0 up`);
    ip(`-n ${node.name} addr add ${node.underlay}/24 dev eth0`);
    ip(`-n ${node.name} link set lo up`);
    ip(`-n ${node.name} link set eth0 up`);
    run(inNamespace(node.name, ["sysctl", "-qw", "net.ipv4.ip_forward=1"]));
  }
  ip(`-n ${NODE_A.name} route add ${NODE_B.podPrefix}.0/24 via ${NODE_B.underlay}`);
  ip(`-n ${NODE_B.name} route add ${NODE_A.podPrefix}.0/24 via ${NODE_A.underlay}`);
}

/** A pod's namespace, wired to its node, with the redirection of a captured pod. */
export function makePod(pod: PodSpec): void {
  const host = `v-${pod.name}`;
  const { name: node, podPrefix } = pod.node;
  ip(`netns add ${pod.name}`);
  ip(`-n ${node} link add ${host} type veth peer name eth0 netns ${pod.name}`);
  ip(`-n ${node} addr add ${podPrefix}.1/32 dev ${host}`);
  ip(`-n ${node} link set ${host} up`);
  ip(`-n ${node} route add ${pod.ip}/32 dev ${host}`);
  ip(`-n ${pod.name} addr add ${pod.ip}/32 dev eth0`);
  ip(`-n ${pod.name} link set lo up`);
  ip(`-n ${pod.name} link set eth0 up`);
  ip(`-n ${pod.name} route add ${podPrefix}.1 dev eth0`);
  ip(`-n ${pod.name} route add default via ${podPrefix}.1`);
  if (!pod.captured) return;
  ip(`-n ${pod.name} route replace local default dev lo table 100`);
  ip(`-n ${pod.name} rule add fwmark 0x111/0xfff pref 32764 lookup 100`);
  // The rules that the node agent writes, as its own tests keep them.
  const rules = readFileSync(join(root, "apps/node-agent/src/testdata/capture-dual.nft"), "utf8");
  run(inNamespace(pod.name, ["nft", "-f", "-"]), rules);
}

/** A command inside a namespace. */
export function inNamespace(name: string, command: readonly string[]): string[] {
  return ["nsenter", `--net=/run/netns/${name}`, "--", ...command];
}

/** Starts a TypeScript program inside a namespace; its output goes where ours goes unless `stdio` says otherwise. */
export function startIn(
  namespace: string,
  program: string,
  args: readonly string[],
  env: Record<string, string> = {},
  stdio: "inherit" | "pipe" = "pipe",
): ChildProcess {
  const [command = "", ...rest] = inNamespace(namespace, [process.execPath, join(root, program), ...args]);
  return spawn(command, rest, {
    stdio: ["ignore", stdio, "inherit"],
    env: { PATH: process.env["PATH"] ?? "", NODE_NO_WARNINGS: "1", ...env },
  });
}
