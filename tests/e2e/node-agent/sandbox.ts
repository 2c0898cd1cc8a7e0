import { spawn, spawnSync, type ChildProcess, type SpawnSyncReturns } from "node:child_process";
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PodRow } from "@ambit/contract/admin-api.ts";
import { istio } from "@ambit/contract/gen/ambit.js";
import { namespaceIdentity } from "@ambit/io/netns.ts";
import { connectSeqpacket, type SeqpacketConnection } from "@ambit/io/seqpacket.ts";
import { until } from "../support/mesh.ts";

const { WorkloadRequest, WorkloadResponse, ZdsHello } = istio.workload.zds;
const root = join(import.meta.dirname, "../../..");
const agent = join(root, "apps/node-agent/src/main.ts");

// Process 1 of the sandbox: keeps it alive, starts the agent again when it dies, and says the agent's process id.
const KEEPER = `
mount -t tmpfs -o mode=755 tmpfs /run && ip link set lo up || exit 1
trap 'kill -TERM $child 2>/dev/null; wait $child; exit 0' TERM
while :; do
  "$0" "$1" 2>> "$2/agent.log" &
  child=$!
  echo $child > "$2/agent.pid"
  wait $child
done
`;

/** The node agent alone in a sandbox of its own, with a folder of manifests that the test edits. */
export class AgentSandbox {
  readonly folder = mkdtempSync(join(tmpdir(), "ambit-agent-"));
  readonly manifests = join(this.folder, "manifests");
  readonly state = join(this.folder, "state");
  readonly #process: ChildProcess;
  #ended = false;

  constructor(sample: string) {
    cpSync(join(root, sample), this.manifests, { recursive: true });
    const images = join(this.manifests, "ambit.yaml");
    writeFileSync(images, readFileSync(images, "utf8").replaceAll("../", `${root}/samples/`));
    mkdirSync(this.state);
    const user = process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"];
    const flags = [...user, "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
    this.#process = spawn("unshare", [...flags, "sh", "-c", KEEPER, process.execPath, agent, this.state], {
      stdio: ["ignore", "inherit", "inherit"],
      env: {
        PATH: `${process.env["PATH"]}:/usr/sbin:/sbin`,
        AMBIT_STATE_DIR: this.state,
        AMBIT_SOURCE_DIR: this.manifests,
        AMBIT_NODES: "node-a,node-b",
        NODE_NO_WARNINGS: "1",
      },
    });
    this.#process.once("exit", () => {
      this.#ended = true;
    });
  }

  /** Resolves when the agent has taken in the manifests. */
  ready(): Promise<void> {
    return until("the agent is ready", async () => {
      if (this.#ended) throw new Error(`The sandbox ended:\n${this.log()}`);
      return (await this.#get("/healthz/ready").catch(() => "")) === "ready\n";
    });
  }

  metrics(): Promise<string> {
    return this.#get("/metrics");
  }

  async pods(owner = ""): Promise<readonly PodRow[]> {
    const rows = JSON.parse(await this.#get("/pods")) as readonly PodRow[];
    return rows.filter((row) => owner === "" || row.owner === owner);
  }

  /** Resolves when `condition` holds for the pods of an owner. */
  async podsUntil(
    what: string,
    owner: string,
    condition: (rows: readonly PodRow[]) => boolean,
  ): Promise<readonly PodRow[]> {
    let last: readonly PodRow[] = [];
    await until(what, async () => {
      last = await this.pods(owner).catch(() => []);
      return condition(last);
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${JSON.stringify(last, undefined, 1)}\n${this.log()}`);
    });
    return last;
  }

  edit(name: string, change: (text: string) => string): void {
    const path = join(this.manifests, name);
    writeFileSync(path, change(existsSync(path) ? readFileSync(path, "utf8") : ""));
  }

  /** Runs a command as the sandbox's root. */
  inside(...command: string[]): SpawnSyncReturns<string> {
    const target = readFileSync(
      `/proc/${this.#process.pid}/task/${this.#process.pid}/children`,
      "utf8",
    ).trim();
    const user = process.getuid?.() === 0 ? [] : ["--user", "--preserve-credentials"];
    return spawnSync(
      "nsenter",
      [`--target=${target}`, ...user, "--net", "--mount", "--pid", "--", ...command],
      {
        encoding: "utf8",
        env: { PATH: `${process.env["PATH"]}:/usr/sbin:/sbin` },
      },
    );
  }

  /** Runs a command in a pod's namespaces, as `ambit exec` does. */
  inPod(pod: PodRow, ...command: string[]): SpawnSyncReturns<string> {
    return this.inside(
      "nsenter",
      `--net=${pod.netnsPath}`,
      `--mount=/proc/${pod.holderPid}/ns/mnt`,
      "--",
      ...command,
    );
  }

  /** Kills the agent without letting it clean up; the keeper starts another one. */
  killAgent(): void {
    const pid = readFileSync(join(this.state, "agent.pid"), "utf8").trim();
    rmSync(join(this.state, "run/node-agent/admin.sock"), { force: true });
    this.inside("kill", "-KILL", pid);
  }

  /** Connections and processes by `ps` inside the sandbox. */
  processes(): string {
    return this.inside("ps", "-eo", "pid,args").stdout;
  }

  log(): string {
    const path = join(this.state, "agent.log");
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  }

  podLog(pod: PodRow): string {
    const path = join(this.state, `logs/pods/${pod.namespace}_${pod.name}.log`);
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  }

  /** A request over a published port's unix socket. */
  published(port: number): Promise<string> {
    return get(join(this.state, `run/forward/${port}.sock`), "/");
  }

  async remove(): Promise<void> {
    if (!this.#ended) this.inside("kill", "-TERM", "1");
    await until("the sandbox is gone", () => this.#ended, 10_000).catch(() => this.#process.kill("SIGKILL"));
    rmSync(this.folder, { recursive: true, force: true });
  }

  #get(path: string): Promise<string> {
    return get(join(this.state, "run/node-agent/admin.sock"), path);
  }
}

function get(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, path, timeout: 5_000 }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve(text));
    });
    call.on("timeout", () => call.destroy(new Error("timeout")));
    call.on("error", reject);
    call.end();
  });
}

/** Stands for a node's proxy: says hello, acknowledges everything, remembers which pods it serves. */
export class StandInProxy {
  readonly seen: string[] = [];
  /** Pod names by pod UID. */
  readonly serving = new Map<string, string>();
  /** Distinct network namespaces that were passed. */
  readonly namespaces = new Set<string>();
  readonly #connection: SeqpacketConnection;

  constructor(sandbox: AgentSandbox, node: string) {
    this.#connection = connectSeqpacket(join(sandbox.state, "run", node, "ztunnel.sock"), {
      onMessage: (connection, bytes, descriptors) => {
        this.#take(bytes, descriptors);
        connection.send(WorkloadResponse.encode({ ack: { error: "" } }).finish());
      },
      onEnd: () => undefined,
    });
    this.#connection.send(ZdsHello.encode({ version: 1 }).finish());
  }

  close(): void {
    this.#connection.close();
  }

  #take(bytes: Uint8Array, descriptors: readonly number[]): void {
    const { add, del, payload } = WorkloadRequest.decode(bytes);
    this.seen.push(`${payload} ${add?.workloadInfo?.name ?? del?.uid ?? ""} ${descriptors.length}`.trim());
    for (const fd of descriptors) {
      this.namespaces.add(namespaceIdentity(fd));
      closeSync(fd);
    }
    if (add?.uid) this.serving.set(add.uid, add.workloadInfo?.name ?? "");
    if (del?.uid) this.serving.delete(del.uid);
  }
}
