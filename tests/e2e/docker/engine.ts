import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdtempSync, openSync, closeSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { until } from "../support/mesh.ts";

export const root = join(import.meta.dirname, "../../..");
const START_MS = 40_000;
const STOP_MS = 20_000;
/** Time for one command of the engine or of compose. */
const COMMAND_MS = 180_000;

/** A container engine for the tests: the one that runs, or one that they start and end. */
export class Engine {
  /** Command line of compose: the plugin's, or the older program's. */
  readonly compose: readonly string[];
  readonly #own: ChildProcess | undefined;
  readonly #folder: string;

  private constructor(compose: readonly string[], folder: string, own?: ChildProcess) {
    this.compose = compose;
    this.#folder = folder;
    this.#own = own;
  }

  /** The engine, or why there is none. */
  static async find(): Promise<Engine | string> {
    const compose = findCompose();
    if (compose === undefined) return "neither docker-compose nor docker compose is installed";
    const folder = mkdtempSync(join(tmpdir(), "ambit-engine-"));
    if (answers()) return new Engine(compose, folder);
    if (process.getuid?.() !== 0) return "no Docker engine answers, and only root may start one";
    if (spawnSync("sh", ["-c", "command -v dockerd"]).status !== 0) return "dockerd is not installed";
    const path = join(folder, "dockerd.log");
    const log = openSync(path, "a");
    const own = spawn("dockerd", [], { stdio: ["ignore", log, log], detached: true });
    closeSync(log);
    let ended = false;
    own.once("exit", () => {
      ended = true;
    });
    try {
      await until("the engine answers", () => ended || answers(), START_MS);
    } catch (thrown) {
      own.kill("SIGTERM");
      return `dockerd does not answer: ${String(thrown)}`;
    }
    if (ended) return `dockerd cannot run here: ${readFileSync(path, "utf8").trim().split("\n").at(-1)}`;
    return new Engine(compose, folder, own);
  }

  /** Runs a command of the engine and returns what it prints. Throws when it fails. */
  docker(...args: readonly string[]): string {
    return succeed(["docker", ...args], root, process.env);
  }

  /** One field of a container, as `docker inspect -f` prints it. */
  inspect(container: string, format: string): string {
    return this.docker("inspect", "-f", format, container).trim();
  }

  /** Ends the engine if these tests started it. */
  async stop(): Promise<void> {
    if (this.#own !== undefined) {
      const own = this.#own;
      const ended = new Promise((resolve) => {
        own.once("exit", resolve);
      });
      own.kill("SIGTERM");
      const force = setTimeout(() => own.kill("SIGKILL"), STOP_MS);
      await ended;
      clearTimeout(force);
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Runs a command; returns its standard output. Throws an Error with both outputs when it fails. */
export function succeed(command: readonly string[], cwd: string, env: NodeJS.ProcessEnv): string {
  const [program = "", ...args] = command;
  const run = spawnSync(program, args, {
    cwd,
    encoding: "utf8",
    env: { ...env, PATH: [env["PATH"] ?? "", "/usr/sbin", "/sbin"].join(delimiter) },
    timeout: COMMAND_MS,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (run.status === 0) return run.stdout;
  throw new Error(
    `${command.join(" ")} ended with ${run.status ?? run.signal}:\n${run.stdout?.slice(-2_000)}\n${run.stderr?.slice(-4_000)}`,
  );
}

function answers(): boolean {
  return spawnSync("docker", ["version", "--format", "{{.Server.Version}}"]).status === 0;
}

function findCompose(): readonly string[] | undefined {
  return [["docker", "compose"], ["docker-compose"]].find(
    ([program = "", ...args]) => spawnSync(program, [...args, "version"]).status === 0,
  );
}
