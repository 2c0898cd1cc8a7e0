import { spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PodRow } from "@ambit/contract/admin-api.ts";
import { TestMesh, until } from "../e2e/support/mesh.ts";
import { tryConnect } from "../e2e/support/probe.ts";
import { clockVariables, setClock, type ClockPart } from "./clocks.ts";
import { PacketWatch, type PacketReport } from "./packet-watch.ts";

const command = join(import.meta.dirname, "../../apps/ambit/bin/ambit");

/** How long a leaving node proxy drains here. */
export const DRAIN_MS = 3_000;

/** Stands in every request; nobody may see it between the nodes. */
export const CANARY = `plaintext-canary-${process.pid}`;

interface Program {
  readonly image: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Sends nothing by itself. */
const QUIET: Program = { image: "myapp:latest", environment: { PORT: "8080" } };

/** Sends from its first moment on. */
const EAGER: Program = {
  image: "client:latest",
  environment: { URL: `http://myapp/${CANARY}`, RATE: "20", WAIT: "0" },
};

/** A client like any other, with an account of its own. */
function workload(name: string, program = QUIET): string {
  const env = Object.entries(program.environment).map(
    ([key, value]) => `{ name: ${key}, value: "${value}" }`,
  );
  return `apiVersion: v1
kind: ServiceAccount
metadata: { name: ${name}, namespace: default }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: default }
spec:
  replicas: 1
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      serviceAccountName: ${name}
      terminationGracePeriodSeconds: 1
      containers: [{ name: ${name}, image: "${program.image}", env: [${env.join(", ")}] }]
`;
}

function denial(account: string): string {
  return `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: no-${account}, namespace: default }
spec:
  selector: { matchLabels: { app: myapp } }
  action: DENY
  rules:
  - from:
    - source: { principals: [cluster.local/ns/default/sa/${account}] }
`;
}

/** Room for the logs of long runs; memory is used only as it fills. */
const DISK_BYTES = "1536m";

/** Only root may mount; whether it was done. */
function ownDisk(path: string): boolean {
  mkdirSync(path, { mode: 0o700 });
  return (
    spawnSync("mount", ["-t", "tmpfs", "-o", `size=${DISK_BYTES},mode=0700`, "tmpfs", path]).status === 0
  );
}

/** What a world is made for: any fault, or clocks that can be set, which costs its processes time. */
export type WorldKind = "plain" | "clocks";

/** What was seen of a world at its end. */
export interface WorldReport {
  readonly packets: PacketReport;
  /** Seconds in which the forbidden pod that never stops asking got an answer, from its first moment on. */
  readonly intruderServed: number;
}

/** A mesh of its own with a permitted client, a forbidden one and one whose permission can be taken. */
export class FaultWorld {
  readonly mesh: TestMesh;
  readonly #clocks = mkdtempSync(join(tmpdir(), "ambit-clocks-"));
  #packets: PacketWatch | undefined;
  #answersBefore = 0;
  /** The state lies on a file system of its own, which may be filled without harm to anybody else. */
  readonly hasDiskOfItsOwn: boolean;

  constructor(kind: WorldKind = "plain") {
    const variables = kind === "clocks" ? clockVariables(this.#clocks) : [];
    this.mesh = new TestMesh({ args: ["--drain", `${DRAIN_MS}ms`, ...variables] });
    this.hasDiskOfItsOwn = ownDisk(this.mesh.state);
    this.#write("guest.yaml", workload("guest"));
    this.#write("intruder.yaml", workload("intruder", EAGER));
    this.#write("no-intruder.yaml", denial("intruder"));
  }

  /** Resolves once the clients run and the forbidden one is refused. No packet was sent before packets are looked at. */
  async open(): Promise<void> {
    const up = this.mesh.up();
    this.#packets = await PacketWatch.start(this.mesh, [CANARY, "HTTP/1.1"]);
    const early = existsSync(this.#podLogs) ? readdirSync(this.#podLogs) : [];
    if (early.length > 0) throw new Error(`Pods ran before packets were looked at: ${early.join(", ")}`);
    await up;
    await until("the clients run", () => {
      return ["client", "intruder", "guest"].every((name) => this.isReady(name));
    });
    await until("the guest is served", () => this.serves("guest"));
    await until("the intruder is refused", () => !this.serves("intruder"));
  }

  /** Ends looking at packets. */
  async report(): Promise<WorldReport> {
    const packets = (await this.#packets?.stop()) ?? { bytes: 0, dropped: 0, found: [] };
    return { packets, intruderServed: this.#answers("intruder") };
  }

  /** Sets the clock of a part, as libfaketime writes it (`+10m`, `@1970-01-02 00:00:00`); `+0` corrects it. */
  setClock(part: ClockPart, time: string): void {
    setClock(this.#clocks, part, time);
  }

  /** Whether a pod of a workload is ready. */
  isReady(workloadName: string): boolean {
    return this.#pods().some((pod) => pod.owner === workloadName && pod.ready);
  }

  /** One request to myapp on a connection of its own. */
  serves(workloadName: string): boolean {
    return tryConnect(this.mesh, workloadName, "myapp", 80).ok;
  }

  /** Takes the permission of an account, or gives it back. */
  forbid(account: string, isForbidden: boolean): void {
    // An empty file holds no policy, and is written in one piece like the other.
    this.#write(`no-${account}.yaml`, isForbidden ? denial(account) : "");
  }

  /** Adds a pod that sends to myapp from its first moment on. */
  addEager(): void {
    this.#answersBefore = this.#answers("eager");
    this.#write("eager.yaml", workload("eager", EAGER));
  }

  /** Takes it away; resolves when it is gone. */
  async removeEager(): Promise<void> {
    rmSync(join(this.mesh.manifests, "eager.yaml"));
    await until("the eager pod is gone", () => this.#pods().every((pod) => pod.owner !== "eager"));
  }

  /** Whether it has had an answer. Asks nobody, so that it works while proxies are frozen. */
  eagerIsServed(): boolean {
    return this.#answers("eager") > this.#answersBefore;
  }

  // Seconds with an answer in the logs of every pod there ever was of a workload.
  #answers(workloadName: string): number {
    const folder = this.#podLogs;
    return readdirSync(folder)
      .filter((name) => name.startsWith(`default_${workloadName}-`))
      .reduce((sum, name) => sum + readFileSync(join(folder, name), "utf8").split(/ ok=[1-9]/).length - 1, 0);
  }

  get #podLogs(): string {
    return join(this.mesh.state, "logs/pods");
  }

  /** Runs `ambit ARGS -o json` without holding this process up. */
  ambit<Value>(...args: string[]): Promise<Value> {
    const child = spawn(command, ["--state", this.mesh.state, ...args, "-o", "json"], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [output, complaint] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
    child.stderr.on("data", (chunk: Buffer) => (complaint += chunk.toString("utf8")));
    return new Promise((resolve, reject) => {
      child.once("close", () => {
        if (output === "") reject(new Error(`ambit ${args.join(" ")} printed nothing: ${complaint}`));
        else resolve(JSON.parse(output) as Value);
      });
    });
  }

  /** Runs a command in the network where the control plane listens. */
  inSandbox(...args: string[]): Promise<void> {
    const record = JSON.parse(readFileSync(join(this.mesh.state, "mesh.json"), "utf8")) as {
      innerPid: number;
      rootless: boolean;
    };
    const user = record.rootless && process.getuid?.() !== 0 ? ["--user", "--preserve-credentials"] : [];
    const child = spawn("nsenter", [`--target=${record.innerPid}`, ...user, "--net", "--", ...args], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let complaint = "";
    child.stderr.on("data", (chunk: Buffer) => (complaint += chunk.toString("utf8")));
    return new Promise((resolve, reject) => {
      child.once("close", (code) => {
        if (code === 0) resolve();
        else reject(new Error(`${args.join(" ")}: ${complaint}`));
      });
    });
  }

  async close(): Promise<void> {
    await this.mesh.down();
    if (this.hasDiskOfItsOwn) spawnSync("umount", ["--lazy", this.mesh.state]);
    await this.mesh.remove();
    rmSync(this.#clocks, { recursive: true, force: true });
  }

  #pods(): readonly PodRow[] {
    return this.mesh.json<{ pods: readonly PodRow[] }>("status").pods;
  }

  #write(name: string, text: string): void {
    writeFileSync(join(this.mesh.manifests, name), text);
  }
}
