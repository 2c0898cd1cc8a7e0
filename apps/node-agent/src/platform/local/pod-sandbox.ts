import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeError } from "@ambit/base/errors.ts";
import type { Logger } from "@ambit/base/logger.ts";
import { AgentError } from "../../agent-error.ts";
import { ipBatch, runCommand } from "../../command.ts";
import { CLUSTER_DNS, type NodeAddresses, type PodAddresses } from "./address-plan.ts";
import { processStartTime, type Journal, type JournalEntry } from "./journal.ts";
import { writeKernelSettings } from "../../kernel-settings.ts";
import { deleteNamespace } from "./topology.ts";

/** Link-local address of the node's end of every pod link: IPv6 answers for neighbours only on their own link. */
const LINK_GATEWAY_6 = "fe80::1";

/** What a pod's namespaces are made from. */
export interface SandboxRequest {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  /** Host name inside; the pod's name as a rule. */
  readonly hostname: string;
  /** Domain of the host name, such as `web.default.svc.cluster.local`; empty when it has none. */
  readonly domain: string;
  readonly node: NodeAddresses;
  /** Undefined for a pod that shares its node's network. */
  readonly addresses: PodAddresses | undefined;
}

/** The namespaces of a pod that is there. */
export interface Sandbox {
  readonly netnsPath: string;
  /** Process that keeps the mount and host-name namespaces. */
  readonly holderPid: number;
  readonly ips: readonly string[];
  /** The command line that runs `command` inside, in the folder `cwd` of the machine. */
  enter(command: readonly string[], cwd: string): readonly string[];
  /** Ends the holder and takes the network namespace away. */
  remove(): Promise<void>;
}

export interface SandboxDeps {
  readonly journal: Journal;
  readonly logger: Logger;
  /** Folder for the pods' own /etc files. */
  readonly filesDir: string;
  readonly clusterDomain: string;
  readonly ipv6: boolean;
  /** The mesh's own state, keys among it; pods see an empty folder there. */
  readonly stateDir: string;
  /** Put before every command of a pod; see `containmentCommand`. */
  readonly containment: readonly string[];
}

/** Name of a pod's network namespace. */
export function namespaceName(request: Pick<SandboxRequest, "namespace" | "name">): string {
  const plain = `pod-${request.name}`;
  return request.namespace === "default" ? plain : `${plain}@${request.namespace}`;
}

/**
 * Makes a pod's namespaces: network (a link to its node, addresses, routes), mounts (its own resolv.conf, hosts and
 * hostname) and host name. Throws an AgentError `sandbox` after removing what was made.
 */
export async function createSandbox(request: SandboxRequest, deps: SandboxDeps): Promise<Sandbox> {
  const undo: (() => Promise<void>)[] = [];
  try {
    const netnsPath = await makeNetwork(request, deps, undo);
    const holder = await startHolder(request, netnsPath, deps, undo);
    const { addresses, node } = request;
    const ips =
      addresses === undefined
        ? [node.underlay, ...(deps.ipv6 ? [node.underlay6] : [])]
        : [addresses.ip, ...(deps.ipv6 ? [addresses.ip6] : [])];
    return {
      netnsPath,
      holderPid: holder.pid ?? 0,
      ips,
      enter: (command, cwd) => [
        "nsenter",
        `--net=${netnsPath}`,
        `--mount=/proc/${holder.pid}/ns/mnt`,
        `--uts=/proc/${holder.pid}/ns/uts`,
        `--wd=${cwd}`,
        "--",
        ...deps.containment,
        ...command,
      ],
      remove: () => undoAll(undo, deps.logger),
    };
  } catch (cause) {
    await undoAll(undo, deps.logger);
    throw new AgentError("sandbox", `Cannot make the namespaces of ${request.namespace}/${request.name}`, {
      cause,
    });
  }
}

async function undoAll(undo: (() => Promise<void>)[], logger: Logger): Promise<void> {
  for (const step of undo.toReversed()) {
    try {
      await step();
    } catch (thrown) {
      logger.warn("clean-up failed", { error: describeError(thrown) });
    }
  }
  undo.length = 0;
}

async function makeNetwork(
  request: SandboxRequest,
  deps: SandboxDeps,
  undo: (() => Promise<void>)[],
): Promise<string> {
  const { addresses, node } = request;
  if (addresses === undefined) return node.netnsPath;
  const name = namespaceName(request);
  const entry: JournalEntry = { kind: "netns", name };
  deps.journal.add(entry);
  undo.push(async () => {
    await deleteNamespace(name);
    deps.journal.remove(entry);
  });
  await runCommand(["ip", "netns", "add", name]);
  const netnsPath = `/run/netns/${name}`;
  const link: JournalEntry = { kind: "link", name: linkName(addresses), netnsPath: node.netnsPath };
  deps.journal.add(link);
  // Someone may hold the namespace open for a while; the link is taken away at once, so that its name is free.
  undo.push(async () => {
    await deleteLink(link);
    deps.journal.remove(link);
  });
  await ipBatch(nodeEnd(node, addresses, name, deps.ipv6), node.netnsPath);
  writeKernelSettings(netnsPath, podKernelSettings());
  await ipBatch(podEnd(node, addresses, deps.ipv6), netnsPath);
  return netnsPath;
}

function deleteLink(link: { readonly name: string; readonly netnsPath: string }): Promise<void> {
  return ipBatch([`link delete ${link.name}`], link.netnsPath).catch(() => undefined);
}

function linkName(addresses: PodAddresses): string {
  return `pod${addresses.host}`;
}

/** Commands in the node's namespace. */
export function nodeEnd(
  node: NodeAddresses,
  addresses: PodAddresses,
  netns: string,
  ipv6: boolean,
): readonly string[] {
  const link = linkName(addresses);
  return [
    `link add ${link} type veth peer name eth0 netns ${netns}`,
    ...(ipv6 ? [`addr add ${LINK_GATEWAY_6}/64 dev ${link} nodad`] : []),
    `link set ${link} up`,
    `route add ${addresses.ip}/32 dev ${link} src ${node.gateway}`,
    ...(ipv6 ? [`route add ${addresses.ip6}/128 dev ${link}`] : []),
  ];
}

/** Commands in the pod's namespace. */
export function podEnd(node: NodeAddresses, addresses: PodAddresses, ipv6: boolean): readonly string[] {
  return [
    "link set lo up",
    "link set eth0 up",
    `addr add ${addresses.ip}/32 dev eth0`,
    `route add ${node.gateway} dev eth0 scope link`,
    `route add default via ${node.gateway} dev eth0`,
    ...(ipv6
      ? [`addr add ${addresses.ip6}/128 dev eth0 nodad`, `route add default via ${LINK_GATEWAY_6} dev eth0`]
      : []),
  ];
}

// The proxy opens connections with its clients' addresses; a strict reverse-path filter would drop them on lo.
function podKernelSettings(): Readonly<Record<string, string>> {
  return {
    "net/ipv4/conf/all/rp_filter": "0",
    "net/ipv4/conf/default/rp_filter": "0",
    "net/ipv4/conf/lo/rp_filter": "0",
    "net/ipv4/conf/eth0/rp_filter": "0",
    "net/ipv4/ip_unprivileged_port_start": "0",
    // So that ping works without raw sockets.
    "net/ipv4/ping_group_range": "0 0",
  };
}

/**
 * Binds the pod's files over the machine's, gives the host name, hides the other namespaces, and says so. The targets
 * may be links into /run, which is empty in the sandbox; then the file is made there.
 */
const HOLDER_SCRIPT = `
umount -l /run/netns 2>/dev/null
exec 3< "$1/hostname"
for name in resolv.conf hosts hostname; do
  target=$(readlink -m "/etc/$name")
  [ -e "$target" ] || { mkdir -p "$(dirname "$target")" && : > "$target"; } 2>/dev/null
  mount --bind "$1/$name" "$target" || echo "cannot mount /etc/$name" >&2
done
mount -t tmpfs -o mode=755,size=4k tmpfs "$2" || echo "cannot hide the mesh's state" >&2
name=$(cat <&3)
hostname "$name" 2>/dev/null || echo "$name" > /proc/sys/kernel/hostname || echo "cannot set the host name" >&2
echo ready
exec sleep 2147483647
`;

async function startHolder(
  request: SandboxRequest,
  netnsPath: string,
  deps: SandboxDeps,
  undo: (() => Promise<void>)[],
): Promise<ChildProcess> {
  const files = join(deps.filesDir, request.uid);
  mkdirSync(files, { recursive: true, mode: 0o755 });
  undo.push(async () => rmSync(files, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(podFiles(request, deps))) writeFileSync(join(files, name), text);
  const command = [
    "--mount",
    "--uts",
    "--propagation",
    "slave",
    "sh",
    "-c",
    HOLDER_SCRIPT,
    "holder",
    files,
    deps.stateDir,
  ];
  const child = spawn("nsenter", [`--net=${netnsPath}`, "--", "unshare", ...command], {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  undo.push(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  await holderReady(child, deps.logger.child(request.name));
  const pid = child.pid ?? 0;
  const entry: JournalEntry = { kind: "process", pid, startTime: processStartTime(pid) ?? "" };
  deps.journal.add(entry);
  undo.push(async () => deps.journal.remove(entry));
  return child;
}

function holderReady(child: ChildProcess, logger: Logger): Promise<void> {
  return new Promise((resolve, reject) => {
    let complaint = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      complaint += chunk.toString("utf8");
    });
    child.stdout?.once("data", () => {
      if (complaint !== "") logger.warn("the pod sees files of the machine", { detail: complaint.trim() });
      resolve();
    });
    child.once("error", reject);
    child.once("exit", (code) =>
      reject(
        new AgentError("sandbox", `The namespace holder ended with status ${code}: ${complaint.trim()}`),
      ),
    );
  });
}

/** The files of a pod's /etc, by name. */
export function podFiles(
  request: SandboxRequest,
  options: { readonly clusterDomain: string; readonly ipv6: boolean },
): Readonly<Record<string, string>> {
  const { hostname, domain, namespace, addresses, node } = request;
  const { clusterDomain, ipv6 } = options;
  const ips = addresses === undefined ? [node.underlay] : [addresses.ip, ...(ipv6 ? [addresses.ip6] : [])];
  const names = domain === "" ? hostname : `${hostname}.${domain} ${hostname}`;
  const search = [`${namespace}.svc.${clusterDomain}`, `svc.${clusterDomain}`, clusterDomain];
  return {
    "resolv.conf": `nameserver ${CLUSTER_DNS}\nsearch ${search.join(" ")}\noptions ndots:5 timeout:1 attempts:5\n`,
    hosts: [
      "127.0.0.1 localhost",
      "::1 localhost ip6-localhost",
      ...ips.map((ip) => `${ip} ${names}`),
      "",
    ].join("\n"),
    hostname: `${hostname}\n`,
  };
}

/** What a process in a pod may do as root: a container runtime's usual list, without raw sockets (they can set marks). */
const CAPABILITIES = [
  "chown",
  "dac_override",
  "fowner",
  "fsetid",
  "kill",
  "net_bind_service",
  "setfcap",
  "setgid",
  "setpcap",
  "setuid",
  "sys_chroot",
];

/**
 * The command that keeps a pod's processes from taking the pod's rules away, from leaving its namespaces and from seeing
 * the mesh's state; empty, with a warning, where the system has no usable `setpriv`.
 */
export async function containmentCommand(logger: Logger): Promise<readonly string[]> {
  const bounds = ["-all", ...CAPABILITIES.map((name) => `+${name}`)].join(",");
  const command = ["setpriv", `--bounding-set=${bounds}`, "--inh-caps=-all", "--"];
  try {
    await runCommand([...command, "true"]);
    return command;
  } catch (thrown) {
    logger.warn("processes in pods keep the rights to change their own rules", {
      error: describeError(thrown),
    });
    return [];
  }
}

/** Ends and removes what a crashed predecessor left behind; nodes stay, for their proxies live in them. */
export async function cleanUpAfterCrash(journal: Journal, logger: Logger): Promise<void> {
  const left = journal.entries();
  if (left.length === 0) return;
  logger.warn("cleaning up after a crash", { entries: left.length });
  for (const entry of left) {
    if (entry.kind === "process" && processStartTime(entry.pid) === entry.startTime) killGroup(entry.pid);
  }
  for (const entry of left) {
    // A proxy may hold the namespace, and with it the link, whose name is needed again.
    if (entry.kind === "link") await deleteLink(entry);
    if (entry.kind === "netns" && existsSync(`/run/netns/${entry.name}`)) {
      try {
        await deleteNamespace(entry.name);
      } catch (thrown) {
        logger.warn("a namespace cannot be removed", { name: entry.name, error: describeError(thrown) });
      }
    }
    journal.remove(entry);
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It ended on its own in between.
  }
}
