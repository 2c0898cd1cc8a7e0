import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { systemClock } from "@ambit/base/clock.ts";
import { writeFileAtomic } from "@ambit/base/files.ts";
import { DEFAULTS } from "@ambit/contract/names.ts";
import { TokenIssuer } from "@ambit/identity/token-issuer.ts";
import type { Fleet } from "./fleet.ts";

const root = join(import.meta.dirname, "../../..");

export interface Running {
  readonly pid: number;
  /** From the start of the process to the first moment a proxy can connect. */
  readonly readyMs: number;
  /** `https://127.0.0.1:port` of the delta stream. */
  readonly xdsAddress: string;
}

/** The real ca and the real discovery on a fleet's directories, on loopback and free ports, without a sandbox. */
export class ScaleControlPlane {
  readonly #state: string;
  readonly #children: ChildProcess[] = [];
  readonly #nodeOptions: readonly string[];

  /** `nodeOptions` go to discovery's process, such as `--cpu-prof`. */
  constructor(state: string, nodeOptions: readonly string[]) {
    this.#state = state;
    this.#nodeOptions = nodeOptions;
  }

  get trustPath(): string {
    return join(this.#state, "trust/root-cert.pem");
  }

  tokenPath(name: string): string {
    return join(this.#state, "auth/tokens", `${name}.jwt`);
  }

  async start(fleet: Fleet): Promise<Running> {
    await this.#mintTokens(fleet.size.nodes);
    const caPort = await freePort();
    const caStarted = performance.now();
    this.#spawn("ca", ["apps/ca/src/main.ts"], {
      AMBIT_CA_STATE_DIR: join(this.#state, "ca"),
      AMBIT_CA_LISTEN: `127.0.0.1:${caPort}`,
      AMBIT_TRUST_BUNDLE: this.trustPath,
      AMBIT_PODS_DIR: join(this.#state, "no-pods"),
    });
    await until(
      () => existsSync(this.trustPath) && this.#log("ca").includes("serving certificates"),
      caStarted,
    );
    const xdsPort = await freePort();
    const started = performance.now();
    const discovery = this.#spawn("discovery", [...this.#nodeOptions, "apps/discovery/src/main.ts"], {
      AMBIT_SOURCE_DIRS: `${fleet.manifestsDir}:${fleet.clusterDir}`,
      AMBIT_STATUS_DIR: join(this.#state, "status"),
      AMBIT_XDS_LISTEN: `127.0.0.1:${xdsPort}`,
      AUTH_TOKEN: this.tokenPath("discovery"),
      CA_ADDRESS: `https://127.0.0.1:${caPort}`,
      CA_ROOT_CA: this.trustPath,
      ALT_CA_HOSTNAME: "ca.ambit-system.svc",
    });
    await until(() => {
      if (discovery.exitCode !== null) throw new Error(`discovery ended: ${this.#log("discovery")}`);
      return this.#log("discovery").includes("serving proxies");
    }, started);
    const readyMs = performance.now() - started;
    return { pid: discovery.pid ?? 0, readyMs, xdsAddress: `https://127.0.0.1:${xdsPort}` };
  }

  /** Ends the processes; discovery first, and in peace, so that a profiler can write. */
  async stop(): Promise<void> {
    for (const child of this.#children.toReversed()) {
      if (child.exitCode !== null) continue;
      const ended = new Promise((resolve) => {
        child.once("exit", resolve);
      });
      child.kill("SIGTERM");
      const patience = setTimeout(() => child.kill("SIGKILL"), 20_000);
      await ended;
      clearTimeout(patience);
    }
  }

  async #mintTokens(nodes: number): Promise<void> {
    mkdirSync(join(this.#state, "auth/tokens"), { recursive: true, mode: 0o700 });
    const issuer = await TokenIssuer.open(join(this.#state, "auth"), { clock: systemClock });
    const holders = [
      { name: "discovery", account: "discovery", node: "" },
      ...Array.from({ length: nodes }, (_, index) => ({
        name: `ztunnel-${index}`,
        account: "ztunnel",
        node: `node-${index}`,
      })),
    ];
    for (const { name, account, node } of holders) {
      const token = await issuer.mint({
        namespace: DEFAULTS.systemNamespace,
        serviceAccount: account,
        podName: name,
        podUid: `${name}-uid`,
        node,
        audience: DEFAULTS.tokenAudience,
        lifetimeSeconds: 24 * 3600,
      });
      writeFileAtomic(this.tokenPath(name), `${token}\n`, 0o600);
    }
  }

  #spawn(name: string, args: readonly string[], environment: Record<string, string>): ChildProcess {
    mkdirSync(join(this.#state, "logs"), { recursive: true });
    const log = openSync(join(this.#state, "logs", `${name}.log`), "w");
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", ...args], {
      cwd: root,
      stdio: ["ignore", log, log],
      env: {
        PATH: process.env["PATH"] ?? "",
        AMBIT_STATE_DIR: this.#state,
        AMBIT_JWKS: join(this.#state, "auth/jwks.json"),
        ...environment,
      },
    });
    closeSync(log);
    this.#children.push(child);
    return child;
  }

  #log(name: string): string {
    return readFileSync(join(this.#state, "logs", `${name}.log`), "utf8");
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

/** Looks every 5 ms until `done`; gives up ten minutes after `since`. */
async function until(done: () => boolean, since: number): Promise<void> {
  while (!done()) {
    if (performance.now() - since > 600_000) throw new Error("gave up after ten minutes");
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}
