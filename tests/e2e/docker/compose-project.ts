import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { succeed, type Engine } from "./engine.ts";

/** What `docker ps` tells of a container. */
interface Row {
  readonly name: string;
  readonly status: string;
}

/** One line of `ambit status -o json`. */
export interface StatusPod {
  readonly name: string;
  readonly owner: string;
  readonly ip: string;
  readonly redirection: string;
  /** What it sent before it was captured. */
  readonly early?: { readonly reason: string; readonly connections: number; readonly bytes: number };
}

/** A compose project of its own: name, manifests and ports that are nobody else's. */
export class ComposeProject {
  readonly name: string;
  readonly folder: string;
  readonly manifests: string;
  readonly port: number;
  readonly #engine: Engine;
  readonly #files: readonly string[];
  readonly #cwd: string;

  private constructor(
    engine: Engine,
    options: { cwd: string; files: readonly string[]; name: string; folder: string; port: number },
  ) {
    this.#engine = engine;
    this.#files = options.files;
    this.#cwd = options.cwd;
    this.name = options.name;
    this.folder = options.folder;
    this.port = options.port;
    this.manifests = join(options.folder, "manifests");
    mkdirSync(this.manifests, { recursive: true });
  }

  /** `files`: compose files; the folder of the first is the project's. */
  static async make(
    engine: Engine,
    name: string,
    options: { cwd: string; files: readonly string[] },
  ): Promise<ComposeProject> {
    const folder = mkdtempSync(join(tmpdir(), "ambit-compose-"));
    const unique = `${name}${process.pid}`;
    return new ComposeProject(engine, { ...options, name: unique, folder, port: await freePort() });
  }

  /** The same project by other files. */
  withFiles(files: readonly string[]): ComposeProject {
    const { name, folder, port } = this;
    return new ComposeProject(this.#engine, { cwd: this.#cwd, files, name, folder, port });
  }

  /** Runs compose on the project. */
  compose(...args: readonly string[]): string {
    const files = this.#files.flatMap((file) => ["-f", file]);
    return succeed([...this.#engine.compose, "-p", this.name, ...files, ...args], this.#cwd, {
      ...process.env,
      AMBIT_MANIFESTS: this.manifests,
      AMBIT_BOOKINFO_PORT: String(this.port),
      // Nobody else's files and profiles.
      COMPOSE_FILE: undefined,
      COMPOSE_PROFILES: undefined,
    });
  }

  /** Runs the mesh's command line in its container. */
  ambit(...args: readonly string[]): string {
    return this.compose("run", "--rm", "ambit", ...args);
  }

  /** The pods of `ambit status`, by the names of their workloads. */
  pods(): ReadonlyMap<string, readonly StatusPod[]> {
    const { pods } = JSON.parse(this.ambit("status", "-o", "json")) as { pods: readonly StatusPod[] };
    return Map.groupBy(pods, ({ owner }) => owner);
  }

  /** What `ambit doctor` prints, whatever it finds. */
  doctor(): string {
    try {
      return this.ambit("doctor");
    } catch (thrown) {
      return String(thrown);
    }
  }

  /** The id of a service's container. */
  container(service: string, number = 1): string {
    const filter = (label: string): readonly string[] => ["--filter", `label=com.docker.compose.${label}`];
    const found = this.#engine
      .docker(
        ...["ps", "-a", "-q"],
        ...filter(`project=${this.name}`),
        ...filter(`service=${service}`),
        ...filter(`container-number=${number}`),
        ...filter("oneoff=False"),
      )
      .trim();
    if (found === "") throw new Error(`No container ${number} of ${service}`);
    return found;
  }

  /** Every container of the project, with its status. */
  containers(): readonly Row[] {
    return this.#engine
      .docker(
        ...["ps", "-a", "--filter", `label=com.docker.compose.project=${this.name}`],
        ...["--format", "{{.Names}}\t{{.Status}}"],
      )
      .trim()
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => {
        const [name = "", status = ""] = line.split("\t");
        return { name, status };
      });
  }

  /** What a program of our images prints in a service's container. */
  exec(service: string, script: string, ...args: readonly string[]): string {
    return this.#engine
      .docker("exec", this.container(service), "/usr/local/bin/node", "-e", script, ...args)
      .trim();
  }

  logs(service: string): string {
    return this.compose("logs", "--no-color", service);
  }

  /** Ends everything and takes the volumes along. */
  remove(): void {
    this.compose("--profile", "apps", "down", "-v", "--remove-orphans", "-t", "3");
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return typeof address === "object" && address !== null ? address.port : 0;
}
