import { spawn, spawnSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import type { SigningCertificate } from "@ambit/identity/x509.ts";
import { withSystemPath } from "./peers/peer.ts";

const root = join(import.meta.dirname, "../..");
const command = join(root, "apps/ambit/bin/ambit");

interface Pod {
  readonly name: string;
  readonly ip: string;
  readonly ready: boolean;
  readonly netnsPath: string;
}

/** What the node proxies of a mesh are. */
export interface NodeProxies {
  /** Of the mesh, and of what is measured. */
  readonly name: string;
  /** Arguments of `ambit up`. */
  readonly args: readonly string[];
  /** Part of the command line of one of them. */
  readonly program: string;
}

/** Our own node proxy with one of its drivers. */
export function ownProxies(driver: "engine" | "portable"): NodeProxies {
  return { name: `ambit-${driver}`, args: ["--driver", driver], program: "apps/ztunnel/src/main.ts" };
}

/** A Rust ztunnel in the place of ours on every node: as in a cluster, in the pods and with the client's address. */
export function foreignProxies(binary: string): NodeProxies {
  const instead = join(import.meta.dirname, "peers/ztunnel-in-pod.ts");
  const environment = [`NODE_OPTIONS=--import=${instead}`, `ZTUNNEL_BIN=${binary}`];
  const args = ["node-a", "node-b"].flatMap((node) =>
    environment.flatMap((variable) => ["--env", `ztunnel-${node}:${variable}`]),
  );
  return { name: "ztunnel-in-pod", args, program: `${binary}\0proxy\0ztunnel` };
}

/** A mesh brought up by the command itself, in its own sandbox, with everything on. */
export class BenchMesh {
  readonly proxies: NodeProxies;
  readonly #state: string;
  #enter: readonly string[] = [];
  #pods: readonly Pod[] = [];

  constructor(proxies: NodeProxies, folder: string) {
    this.proxies = proxies;
    this.#state = join(folder, proxies.name);
  }

  async up(): Promise<void> {
    const fleet = join(import.meta.dirname, "fleet");
    const run = spawnSync(
      command,
      ["--state", this.#state, "up", "--detach", ...this.proxies.args, "--log-level", "info", fleet],
      { stdio: ["ignore", "ignore", "inherit"] },
    );
    if (run.status !== 0)
      throw new Error(`the mesh of ${this.proxies.name} did not come up; see ${this.#state}`);
    const record = JSON.parse(readFileSync(join(this.#state, "mesh.json"), "utf8")) as {
      innerPid: number;
      rootless: boolean;
    };
    const user = record.rootless ? ["--user", "--preserve-credentials"] : [];
    this.#enter = ["nsenter", `--target=${record.innerPid}`, ...user, "--mount", "--net", "--pid", "--"];
    for (let attempt = 0; attempt < 200; attempt++) {
      this.#pods = await this.#askPods();
      if (this.#pods.length >= 4 && this.#pods.every((pod) => pod.ready)) return;
      await pause(100);
    }
    throw new Error("the pods did not become ready");
  }

  down(): void {
    spawnSync(command, ["--state", this.#state, "down"], { stdio: "ignore" });
  }

  pod(name: string): Pod {
    const found = this.#pods.find((pod) => pod.name === name);
    if (found === undefined) throw new Error(`no pod ${name}`);
    return found;
  }

  podNames(): readonly string[] {
    return this.#pods.map(({ name }) => name);
  }

  /** The authority's own root. */
  authority(): SigningCertificate {
    const folder = join(this.#state, "ca");
    const name = readdirSync(folder).find((file) => file.endsWith(".root.key")) ?? "";
    const path = join(folder, name);
    const certificate = readFileSync(path.replace(/key$/, "pem"), "utf8");
    return { certificate, privateKey: readFileSync(path, "utf8") };
  }

  /** The command line that runs `words` in a pod's network. */
  inPod(name: string, words: readonly string[]): readonly string[] {
    return [...this.#enter, ...this.#enterPod(name), ...words];
  }

  /** Runs a command line in a pod's network. Throws when it fails. */
  runInPod(name: string, words: readonly string[], input = ""): void {
    this.run([...this.#enterPod(name), ...words], input);
  }

  #enterPod(name: string): readonly string[] {
    return ["nsenter", `--net=${this.pod(name).netnsPath}`, "--"];
  }

  /** Runs a command line in the sandbox's own network. Throws when it fails. */
  run(words: readonly string[], input = ""): void {
    const [file = "", ...args] = [...this.#enter, ...words];
    const run = spawnSync(file, args, { input, encoding: "utf8", env: withSystemPath() });
    if (run.status !== 0) throw new Error(`${words.join(" ")}: ${run.stderr}`);
  }

  /** Process ids of the node proxies, as seen from here. */
  proxyPids(): readonly number[] {
    return readdirSync("/proc")
      .filter((name) => /^[0-9]+$/.test(name))
      .filter((pid) => {
        try {
          const line = readFileSync(`/proc/${pid}/cmdline`, "utf8");
          return (
            line.includes(this.proxies.program) &&
            readFileSync(`/proc/${pid}/environ`, "utf8").includes(this.#state)
          );
        } catch {
          return false;
        }
      })
      .map(Number);
  }

  #askPods(): Promise<readonly Pod[]> {
    return new Promise((resolve, reject) => {
      const call = request(
        {
          socketPath: join(this.#state, "run/node-agent/admin.sock"),
          path: "/pods",
          headers: { host: "localhost" },
        },
        (response) => {
          let text = "";
          response.on("data", (chunk: Buffer) => {
            text += chunk.toString("utf8");
          });
          response.on("end", () => resolve(JSON.parse(text) as Pod[]));
        },
      );
      call.on("error", reject);
      call.end();
    });
  }
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

/** Runs a command line and resolves with its last line of output as JSON. */
export function runJson<Value>(words: readonly string[], timeoutMs: number): Promise<Value> {
  const [file = "", ...args] = words;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: ["ignore", "pipe", "pipe"], timeout: timeoutMs });
    let output = "";
    let complaint = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString("utf8");
    });
    child.stderr.on("data", (chunk: Buffer) => {
      complaint += chunk.toString("utf8");
    });
    child.once("error", reject);
    child.once("close", () => {
      try {
        resolve(JSON.parse(output.trim().split("\n").at(-1) ?? "") as Value);
      } catch {
        reject(new Error(`no result: ${complaint.trim().slice(0, 300) || "timeout"}`));
      }
    });
  });
}
