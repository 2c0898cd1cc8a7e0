import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PodRow } from "@ambit/contract/admin-api.ts";
import { NodeCapture } from "../e2e/support/capture.ts";
import { TestMesh, until } from "../e2e/support/mesh.ts";
import { tryConnect } from "../e2e/support/probe.ts";

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

/** A mesh of its own with a permitted client, a forbidden one and one whose permission can be taken. */
export class FaultWorld {
  readonly mesh: TestMesh;
  #capture: NodeCapture | undefined;
  #answersBefore = 0;
  /** The state lies on a file system of its own, which may be filled without harm to anybody else. */
  readonly hasDiskOfItsOwn: boolean;

  constructor() {
    this.mesh = new TestMesh({ args: ["--drain", `${DRAIN_MS}ms`] });
    this.hasDiskOfItsOwn = ownDisk(this.mesh.state);
    for (const name of ["intruder", "guest"]) this.#write(`${name}.yaml`, workload(name));
    this.#write("no-intruder.yaml", denial("intruder"));
  }

  /** Resolves once the clients run, the forbidden one is refused, and packets between the nodes are recorded. */
  async open(): Promise<void> {
    await this.mesh.up();
    this.#capture = await NodeCapture.start(this.mesh, { perPacketBytes: 400 });
    await until("the clients run", () => {
      const pods = this.#pods();
      const ready = (owner: string): boolean => pods.some((pod) => pod.owner === owner && pod.ready);
      return ["client", "intruder", "guest"].every(ready);
    });
    await until("the guest is served", () => this.serves("guest"));
    await until("the intruder is refused", () => !this.serves("intruder"));
  }

  /** Everything that was seen between the nodes. */
  async packets(): Promise<Buffer> {
    return (await this.#capture?.stop()) ?? Buffer.alloc(0);
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
    this.#answersBefore = this.#eagerAnswers();
    this.#write("eager.yaml", workload("eager", EAGER));
  }

  /** Takes it away; resolves when it is gone. */
  async removeEager(): Promise<void> {
    rmSync(join(this.mesh.manifests, "eager.yaml"));
    await until("the eager pod is gone", () => this.#pods().every((pod) => pod.owner !== "eager"));
  }

  /** Whether it has had an answer. Asks nobody, so that it works while proxies are frozen. */
  eagerIsServed(): boolean {
    return this.#eagerAnswers() > this.#answersBefore;
  }

  // Seconds with an answer in the logs of every eager pod there ever was.
  #eagerAnswers(): number {
    const folder = join(this.mesh.state, "logs/pods");
    return readdirSync(folder)
      .filter((name) => name.startsWith("default_eager-"))
      .reduce((sum, name) => sum + readFileSync(join(folder, name), "utf8").split(/ ok=[1-9]/).length - 1, 0);
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
  }

  #pods(): readonly PodRow[] {
    return this.mesh.json<{ pods: readonly PodRow[] }>("status").pods;
  }

  #write(name: string, text: string): void {
    writeFileSync(join(this.mesh.manifests, name), text);
  }
}
