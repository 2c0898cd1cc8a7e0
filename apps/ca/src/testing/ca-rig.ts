import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@ambit/base/clock.ts";
import { systemRandom } from "@ambit/base/random.ts";
import { CaClient } from "@ambit/identity/ca-client.ts";
import { TokenIssuer, type TokenRequest } from "@ambit/identity/token-issuer.ts";
import type { App } from "@ambit/runtime/lifecycle.ts";
import { LogWriter } from "@ambit/runtime/log-writer.ts";
import { createCaApp } from "../app.ts";
import type { AuditRecord } from "../audit-log.ts";
import { readSettings } from "../settings.ts";

/** The token of the proxy on node-a; change single fields to make hostile ones. */
export const PROXY_TOKEN: TokenRequest = {
  namespace: "ambit-system",
  serviceAccount: "ztunnel",
  podName: "ztunnel-node-a",
  podUid: "ztunnel-node-a-uid",
  node: "node-a",
  audience: "istio-ca",
  lifetimeSeconds: 600,
};

interface PodText {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly account: string;
  readonly node: string;
  readonly phase?: string;
}

const PODS: readonly PodText[] = [
  {
    namespace: "ambit-system",
    name: "ztunnel-node-a",
    uid: "ztunnel-node-a-uid",
    account: "ztunnel",
    node: "node-a",
  },
  {
    namespace: "ambit-system",
    name: "ztunnel-node-b",
    uid: "ztunnel-node-b-uid",
    account: "ztunnel",
    node: "node-b",
  },
  {
    namespace: "ambit-system",
    name: "discovery",
    uid: "discovery-uid",
    account: "discovery",
    node: "node-a",
  },
  { namespace: "ambit-system", name: "unplaced", uid: "unplaced-uid", account: "ztunnel", node: "" },
  { namespace: "shop", name: "cart-1", uid: "cart-1-uid", account: "cart", node: "node-a" },
  { namespace: "shop", name: "cart-2", uid: "cart-2-uid", account: "cart", node: "node-b" },
  { namespace: "shop", name: "done", uid: "done-uid", account: "job", node: "node-a", phase: "Succeeded" },
  { namespace: "shop", name: "dead", uid: "dead-uid", account: "broken", node: "node-a", phase: "Failed" },
  { namespace: "shop", name: "far", uid: "far-uid", account: "far", node: "node-b" },
];

/** A running authority with pods on two nodes, over loopback, in a folder of its own. */
export class CaRig {
  readonly folder: string;
  readonly tokens: TokenIssuer;
  readonly address: string;
  readonly #app: App;

  private constructor(folder: string, tokens: TokenIssuer, address: string, app: App) {
    this.folder = folder;
    this.tokens = tokens;
    this.address = address;
    this.#app = app;
  }

  static async start(environment: Readonly<Record<string, string>> = {}): Promise<CaRig> {
    const folder = mkdtempSync(join(tmpdir(), "ambit-ca-"));
    const tokens = await TokenIssuer.open(join(folder, "auth"), { clock: systemClock });
    mkdirSync(join(folder, "pods"));
    for (const pod of PODS)
      writeFileSync(join(folder, "pods", `${pod.namespace}_${pod.name}.yaml`), podYaml(pod));
    const port = await freePort();
    const settings = readSettings({
      AMBIT_CA_LISTEN: `127.0.0.1:${port}`,
      AMBIT_CA_STATE_DIR: join(folder, "state"),
      AMBIT_TRUST_BUNDLE: join(folder, "trust/root-cert.pem"),
      AMBIT_JWKS: join(folder, "auth/jwks.json"),
      AMBIT_PODS_DIR: join(folder, "pods"),
      AMBIT_CA_LEAF_TTL: "60s",
      ...environment,
    });
    const writer = new LogWriter({}, { clock: systemClock, sink: () => undefined });
    const app = await createCaApp(settings, { clock: systemClock, random: systemRandom, writer });
    await app.start();
    return new CaRig(folder, tokens, `https://127.0.0.1:${port}`, app);
  }

  get rootPath(): string {
    return join(this.folder, "trust/root-cert.pem");
  }

  /** A file with a token, as a proxy finds it. */
  async tokenFile(request: TokenRequest): Promise<string> {
    const path = join(this.folder, `${request.podName}-${request.serviceAccount}.jwt`);
    writeFileSync(path, await this.tokens.mint(request));
    return path;
  }

  client(options: { readonly tokenPath?: string; readonly impersonate: boolean }): CaClient {
    return new CaClient({
      target: { address: this.address, rootCaPath: this.rootPath, serverName: "ca.ambit-system.svc" },
      clusterId: "Kubernetes",
      ttlSeconds: 30,
      ...options,
    });
  }

  /** Every audit record so far. */
  audit(): readonly AuditRecord[] {
    return readFileSync(join(this.folder, "state/audit.log"), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as AuditRecord);
  }

  async stop(): Promise<void> {
    await this.#app.drain(AbortSignal.abort());
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function podYaml(pod: PodText): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: pod.name, namespace: pod.namespace, uid: pod.uid },
    spec: { nodeName: pod.node, serviceAccountName: pod.account, containers: [{ name: "c", image: "i" }] },
    status: { phase: pod.phase ?? "Running", podIP: "10.0.0.1", podIPs: [{ ip: "10.0.0.1" }] },
  });
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
