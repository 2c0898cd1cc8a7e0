import { spawn, spawnSync, type ChildProcess, type SpawnSyncReturns } from "node:child_process";
import {
  chownSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "../../..");

/** Unprivileged user that root's tests run as for the rootless case. */
const NOBODY = 65_534;

export interface MeshOptions {
  /** Sample whose manifests the test may change; it works on a copy. @default "myapp" */
  readonly sample?: string;
  /** Further arguments of `ambit up`. */
  readonly args?: readonly string[];
  /** Run everything as an unprivileged user (only when the test itself is root). */
  readonly unprivileged?: boolean;
}

/** What is missing on this machine for tests that need namespaces; empty when nothing is. */
export function missingForNamespaces(): string {
  const missing = ["unshare", "nsenter", "ip", "nft"].filter(
    (name) => spawnSync("sh", ["-c", `command -v ${name}`]).status !== 0,
  );
  if (missing.length > 0) return `not installed: ${missing.join(", ")}`;
  const flags =
    process.getuid?.() === 0
      ? ["--net", "--mount", "--pid", "--fork"]
      : ["--user", "--map-root-user", "--net", "--mount", "--pid", "--fork"];
  return spawnSync("unshare", [...flags, "true"]).status === 0 ? "" : "this system forbids the namespaces";
}

/** A mesh of its own: copied manifests, own state directory, own processes. */
export class TestMesh {
  readonly folder: string;
  readonly manifests: string;
  readonly #state: string;
  readonly #identity: { uid?: number; gid?: number };
  readonly #args: readonly string[];
  #process: ChildProcess | undefined;
  #output = "";
  #ended = false;

  constructor(options: MeshOptions = {}) {
    this.folder = mkdtempSync(join(tmpdir(), "ambit-e2e-"));
    this.manifests = join(this.folder, "samples", options.sample ?? "myapp");
    this.#state = join(this.folder, "state");
    this.#args = options.args ?? [];
    cpSync(join(root, "samples"), join(this.folder, "samples"), { recursive: true });
    this.#identity = options.unprivileged === true ? { uid: NOBODY, gid: NOBODY } : {};
    if (options.unprivileged === true) chownTree(this.folder, NOBODY);
  }

  /** Everything `ambit up` has printed so far, both streams. */
  get output(): string {
    return this.#output;
  }

  get state(): string {
    return this.#state;
  }

  get ended(): boolean {
    return this.#ended;
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  /** Starts `ambit up` and resolves once the summary with the next steps is printed. */
  async up(timeoutMs = 60_000): Promise<void> {
    const child = spawn(
      join(root, "apps/ambit/bin/ambit"),
      ["--state", this.#state, "up", this.manifests, ...this.#args],
      {
        cwd: root,
        stdio: ["ignore", "pipe", "pipe"],
        env: this.#environment(),
        ...this.#identity,
      },
    );
    this.#process = child;
    const take = (chunk: Buffer): void => {
      this.#output += chunk.toString("utf8");
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.once("exit", () => {
      this.#ended = true;
    });
    await until("the mesh is up", () => this.#output.includes("Ctrl-C ends it") || this.#ended, timeoutMs);
    if (this.#ended) throw new Error(`ambit up ended:\n${this.#output}\n${this.componentLogs()}`);
  }

  /** Runs `ambit ARGS` against this mesh. */
  ambit(...args: string[]): SpawnSyncReturns<string> {
    return spawnSync(join(root, "apps/ambit/bin/ambit"), ["--state", this.#state, ...args], {
      cwd: root,
      encoding: "utf8",
      env: this.#environment(),
      timeout: 60_000,
      ...this.#identity,
    });
  }

  /** The JSON a command prints with `-o json`. */
  json<Value>(...args: string[]): Value {
    const run = this.ambit(...args, "-o", "json");
    if (run.stdout === "") throw new Error(`ambit ${args.join(" ")} printed nothing: ${run.stderr}`);
    return JSON.parse(run.stdout) as Value;
  }

  /** Runs a shell line printed by the mesh, as a user would in the checkout. */
  shell(line: string): SpawnSyncReturns<string> {
    return spawnSync("sh", ["-c", line], {
      cwd: root,
      encoding: "utf8",
      env: this.#environment(),
      timeout: 60_000,
      ...this.#identity,
    });
  }

  /** Rewrites one of the manifests. */
  edit(name: string, change: (text: string) => string): void {
    const path = join(this.manifests, name);
    writeFileSync(path, change(readFileSync(path, "utf8")));
  }

  /** The log of a component, or of a pod by `pods/<namespace>_<name>`. */
  log(name: string): string {
    const path = join(this.#state, "logs", `${name}.log`);
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  }

  /** Ends of all component logs, for a failing test's message. */
  componentLogs(): string {
    const folder = join(this.#state, "logs");
    if (!existsSync(folder)) return "no logs";
    return readdirSync(folder)
      .filter((file) => file.endsWith(".log"))
      .map(
        (file) =>
          `--- ${file}\n${readFileSync(join(folder, file), "utf8").split("\n").slice(-15).join("\n")}`,
      )
      .join("\n");
  }

  /** Sends a signal as a terminal would and waits for the end. */
  async interrupt(signal: NodeJS.Signals = "SIGINT"): Promise<void> {
    this.#process?.kill(signal);
    await until("the mesh is down", () => this.#ended, 30_000);
  }

  /** Ends the mesh if it still runs. */
  async down(): Promise<void> {
    if (this.#process === undefined || this.#ended) return;
    this.#process.kill("SIGINT");
    await until("the mesh is down", () => this.#ended, 30_000).catch(() => this.#process?.kill("SIGKILL"));
  }

  /** Ends the mesh if it still runs and removes its folder. */
  async remove(): Promise<void> {
    await this.down();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #environment(): NodeJS.ProcessEnv {
    const shared = { NODE_COMPILE_CACHE: join(root, ".cache/compile") };
    return { ...process.env, ...shared, AMBIT_STATE: this.#state, HOME: this.folder, NO_COLOR: "1" };
  }
}

/** Resolves once `condition` holds; rejects naming `what` after `timeoutMs`. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 20_000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`Waited ${timeoutMs} ms in vain until ${what}`);
    await pause(50);
  }
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

function chownTree(path: string, id: number): void {
  chownSync(path, id, id);
  if (!statSync(path).isDirectory()) return;
  for (const name of readdirSync(path)) chownTree(join(path, name), id);
}
