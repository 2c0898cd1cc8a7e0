import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@ambit/base/clock.ts";
import type { CaReport, ReplicaReport, RotationReport } from "@ambit/contract/admin-api.ts";
import { CaClient } from "@ambit/identity/ca-client.ts";
import { TokenIssuer } from "@ambit/identity/token-issuer.ts";
import { until } from "../support/mesh.ts";

const MAIN = join(import.meta.dirname, "../../../apps/ca/src/main.ts");

/** The name behind which both replicas are, for processes that answer for it. */
export const NAME = "ca.test";

/** A certificate that an audit log says was given out. */
export interface Recorded {
  readonly serial: string;
  readonly identity: string;
}

/** Several `apps/ca` processes over one folder, on addresses of loopback with one port. */
export class Authority {
  readonly folder = mkdtempSync(join(tmpdir(), "ambit-replicas-"));
  readonly rootPath = join(this.folder, "trust/root-cert.pem");
  readonly stateDir = join(this.folder, "state");
  readonly logs: string[] = [];
  readonly #children = new Map<number, ChildProcess>();
  #port = 0;

  /** Writes what the processes read: a token for the proxy of node-a, and the pods that run there. */
  async prepare(): Promise<void> {
    this.#port = await freePort();
    const pods = join(this.folder, "pods");
    mkdirSync(pods);
    for (const [namespace, name, account] of [
      ["ambit-system", "ztunnel-node-a", "ztunnel"],
      ["shop", "cart-1", "cart"],
    ] as const)
      writeFileSync(join(pods, `${namespace}_${name}.yaml`), JSON.stringify(pod(namespace, name, account)));
    const tokens = await TokenIssuer.open(join(this.folder, "auth"), { clock: systemClock });
    const token = await tokens.mint({
      ...{ namespace: "ambit-system", serviceAccount: "ztunnel", node: "node-a", audience: "istio-ca" },
      ...{ podName: "ztunnel-node-a", podUid: "ztunnel-node-a-uid", lifetimeSeconds: 3_600 },
    });
    writeFileSync(join(this.folder, "token"), token);
  }

  /** Starts the process of 127.0.0.`host`. */
  start(host: number): void {
    const child = spawn(process.execPath, [MAIN], {
      stdio: ["ignore", "ignore", "pipe"],
      env: {
        AMBIT_CA_LISTEN: `127.0.0.${host}:${this.#port}`,
        AMBIT_CA_STATE_DIR: this.stateDir,
        AMBIT_TRUST_BUNDLE: this.rootPath,
        AMBIT_JWKS: join(this.folder, "auth/jwks.json"),
        AMBIT_PODS_DIR: join(this.folder, "pods"),
        AMBIT_CA_LEAF_TTL: "60s",
        ADMIN_SOCKET: this.#socket(host),
      },
    });
    child.stderr.on("data", (chunk: Buffer) => this.logs.push(`${host}: ${chunk.toString()}`));
    this.#children.set(host, child);
  }

  /** Ends a process with the signal; resolves when it is gone. */
  async end(host: number, signal: "SIGKILL" | "SIGTERM" = "SIGKILL"): Promise<void> {
    const child = this.#children.get(host);
    this.#children.delete(host);
    if (child === undefined || child.exitCode !== null) return;
    child.kill(signal);
    await once(child, "exit");
  }

  signal(host: number, signal: "SIGSTOP" | "SIGCONT"): void {
    this.#children.get(host)?.kill(signal);
  }

  async remove(): Promise<void> {
    for (const host of this.#children.keys()) await this.end(host);
    rmSync(this.folder, { recursive: true });
  }

  /** Resolves when the process serves. */
  async ready(host: number): Promise<void> {
    await until(`ca of 127.0.0.${host} serves`, async () => {
      const { status } = await this.ask(host, "/healthz/ready").catch(() => ({ status: 0 }));
      return status === 200;
    });
  }

  /** The host whose process leads; fails unless exactly one does. */
  async leader(): Promise<number> {
    const leading: number[] = [];
    for (const host of this.#children.keys()) if ((await this.replica(host)).leads) leading.push(host);
    const [leader] = leading;
    if (leader === undefined || leading.length > 1) throw new Error(`${leading.length} processes lead`);
    return leader;
  }

  replica(host: number): Promise<ReplicaReport> {
    return this.#json(host, "/replica");
  }

  report(host: number): Promise<CaReport> {
    return this.#json(host, "/ca");
  }

  rotation(host: number): Promise<RotationReport> {
    return this.#json(host, "/rotation");
  }

  /** A client of the name, or of one process alone. */
  client(host?: number): CaClient {
    const name = host === undefined ? NAME : `127.0.0.${host}`;
    return new CaClient({
      target: {
        address: `https://${name}:${this.#port}`,
        rootCaPath: this.rootPath,
        serverName: "ca.ambit-system.svc",
      },
      tokenPath: join(this.folder, "token"),
      clusterId: "Kubernetes",
      ttlSeconds: 60,
      impersonate: true,
    });
  }

  /** Every certificate that was recorded, in all the logs; throws for a line that is none. */
  recorded(): readonly Recorded[] {
    return readdirSync(this.stateDir)
      .filter((name) => /^audit(-\d+)?\.log/.test(name))
      .flatMap((name) => readFileSync(join(this.stateDir, name), "utf8").split("\n"))
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Recorded & { readonly verdict: string })
      .filter(({ verdict }) => verdict === "issued");
  }

  async ask(host: number, path: string, method = "GET"): Promise<{ status: number; body: string }> {
    const call = request({ socketPath: this.#socket(host), path, method, agent: false });
    call.end();
    const [response] = (await once(call, "response")) as [import("node:http").IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return { status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() };
  }

  async #json<Report>(host: number, path: string): Promise<Report> {
    return JSON.parse((await this.ask(host, path)).body) as Report;
  }

  #socket(host: number): string {
    return join(this.folder, `admin-${host}`, "admin.sock");
  }
}

function pod(namespace: string, name: string, account: string): unknown {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, uid: `${name}-uid` },
    spec: { nodeName: "node-a", serviceAccountName: account, containers: [{ name: "c", image: "i" }] },
    status: { phase: "Running", podIP: "10.0.0.1", podIPs: [{ ip: "10.0.0.1" }] },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
