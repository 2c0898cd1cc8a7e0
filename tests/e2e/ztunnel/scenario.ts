import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { ConfigDump } from "@ambit/contract/admin-api.ts";
import { ScriptedAgent } from "./agent.ts";
import { ControlPlane } from "./control-plane.ts";
import {
  denyAccount,
  SERVER_PORT,
  SERVICE,
  SERVICE_HOST,
  SERVICE_IP,
  SERVICE_PORT,
  STRICT,
  workloadOf,
} from "./mesh-objects.ts";
import {
  inNamespace,
  makeNodes,
  makePod,
  NODE_A,
  NODE_B,
  run,
  startIn,
  type NodeSpec,
  type PodSpec,
} from "./topology.ts";

/** What the client sends first; nobody but the pods may see it. */
const MARKER = "THE-SECRET-OF-THIS-TEST";

const CLIENT: PodSpec = { name: "client", node: NODE_A, ip: "10.244.1.2", captured: true };
const SERVER: PodSpec = { name: "server", node: NODE_B, ip: "10.244.2.2", captured: true };
const OUTSIDER: PodSpec = { name: "outsider", node: NODE_A, ip: "10.244.1.3", captured: false };

/** What a client program reports. */
export interface Exchange {
  readonly peer: string;
  readonly same: boolean;
  readonly received: number;
  readonly error: string;
  readonly ms: number;
}

/** What the load program reports. */
interface LoadCounts {
  readonly ok: number;
  readonly failed: number;
  readonly lastError: string;
}

/** Everything the scenario found; the test beside it says what it should be. */
export interface Findings {
  readonly driver: string;
  readonly heldWhileUnknown: Exchange;
  readonly first: Exchange;
  readonly again: Exchange;
  readonly bulk: Exchange;
  readonly toPodIp: Exchange;
  readonly markersInMesh: number;
  readonly outsiderPermissive: Exchange;
  readonly markersOfOutsider: number;
  readonly outsiderStrict: Exchange;
  readonly insiderStrict: Exchange;
  readonly deniedHeld: Exchange;
  readonly denyTookMs: number;
  readonly deniedNew: Exchange;
  readonly afterDeny: Exchange;
  readonly lookup: string;
  readonly heldWithoutCertificate: Exchange;
  readonly withoutDiscovery: Exchange;
  readonly duringHandover: readonly Exchange[];
  readonly loadDuringHandover: LoadCounts;
  readonly drainedAt: Exchange;
  readonly afterDel: Exchange;
  readonly issued: readonly string[];
  readonly dump: ConfigDump;
  readonly metrics: string;
  readonly accessClient: string;
  readonly accessServer: string;
}

/** Runs the steps in a sandbox of its own and collects what happened. */
class Scenario {
  readonly #children = new Set<ChildProcess>();
  readonly #folder = mkdtempSync(join(tmpdir(), "ambit-ztunnel-"));
  readonly #agents = new Map<NodeSpec, ScriptedAgent>();
  #plane!: ControlPlane;

  async run(): Promise<Findings> {
    await this.#prepare();
    const proxies = this.#startProxies();
    await this.#serve([CLIENT, SERVER]);
    const unknown = this.#exchange(CLIENT, SERVICE_IP, SERVICE_PORT, 1000);
    // Neither proxy knows the pods yet: the connection has to wait and must not be passed through.
    await pause(700);
    this.#plane.put(workloadOf(CLIENT, false), workloadOf(SERVER, true), SERVICE);
    const heldWhileUnknown = await unknown;
    const traffic = await this.#traffic();
    const policy = await this.#policies();
    const lookup = await this.#lookUp(SERVICE_HOST);
    const heldWithoutCertificate = await this.#withoutCertificate(proxies);
    const admin = await this.#admin(NODE_A);
    const withoutDiscovery = await this.#withoutDiscovery(proxies);
    const lifecycle = await this.#lifecycle(proxies);
    return {
      driver: process.env["AMBIT_DRIVER"] ?? "auto",
      heldWhileUnknown,
      ...traffic,
      ...policy,
      lookup,
      heldWithoutCertificate,
      ...admin,
      withoutDiscovery,
      ...lifecycle,
      issued: [...new Set(this.#plane.issued)].toSorted(),
      accessClient: this.#read("node-a-access.log"),
      accessServer: this.#read("node-b-access.log"),
    };
  }

  async end(): Promise<void> {
    for (const child of this.#children) child.kill("SIGTERM");
    await pause(1000);
    for (const child of this.#children) child.kill("SIGKILL");
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #prepare(): Promise<void> {
    makeNodes();
    for (const pod of [CLIENT, SERVER, OUTSIDER]) makePod(pod);
    mkdirSync("/run/zds");
    this.#plane = await ControlPlane.start(this.#folder);
    const server = this.#track(startIn(SERVER.name, "tests/e2e/ztunnel/server.ts", [String(SERVER_PORT)]));
    await once(server.stdout ?? server, "data");
    for (const node of [NODE_A, NODE_B])
      this.#agents.set(node, new ScriptedAgent(`/run/zds/${node.name}.sock`));
  }

  #startProxies(): Map<NodeSpec, ChildProcess> {
    return new Map([NODE_A, NODE_B].map((node) => [node, this.#startProxy(node, "")]));
  }

  #startProxy(node: NodeSpec, suffix: string): ChildProcess {
    const environment = {
      ...this.#plane.environment(),
      NODE_NAME: node.name,
      POD_NAME: `ztunnel-${node.name}${suffix}`,
      POD_NAMESPACE: "ambit-system",
      SERVICE_ACCOUNT: "ztunnel",
      INSTANCE_IP: node.underlay,
      INPOD_UDS: `/run/zds/${node.name}.sock`,
      ADMIN_SOCKET: `/run/zds/${node.name}${suffix}-admin.sock`,
      // Two proxies of one node overlap during a hand-over.
      AMBIT_ADMIN_PORT: "0",
      AMBIT_METRICS_PORT: "0",
      AMBIT_READY_PORT: "0",
      AMBIT_DRIVER: process.env["AMBIT_DRIVER"] ?? "auto",
      AMBIT_DATA_THREADS: process.env["AMBIT_DATA_THREADS"] ?? "1",
      AMBIT_LOG_LEVEL: process.env["AMBIT_LOG_LEVEL"] ?? "info",
      AMBIT_LAST_GOOD_FILE: join(this.#folder, `${node.name}${suffix}-last-good`),
      AMBIT_ACCESS_LOG_FILE: join(this.#folder, `${node.name}-access.log`),
    };
    return this.#track(startIn(node.name, "apps/ztunnel/src/main.ts", [], environment, "inherit"));
  }

  /** Announces the pods of each node to the proxy that has just connected. */
  async #serve(pods: readonly PodSpec[], nodes: readonly NodeSpec[] = [NODE_A, NODE_B]): Promise<void> {
    for (const node of nodes) {
      const agent = this.#agents.get(node);
      await agent?.connected();
      for (const pod of pods) {
        if (pod.node !== node) continue;
        const fd = openSync(`/run/netns/${pod.name}`, "r");
        const error = await agent?.add(`${pod.name}-uid`, pod.name, pod.name, fd);
        if (error !== "") throw new Error(`The proxy cannot serve ${pod.name}: ${error}`);
      }
      await agent?.snapshotSent();
    }
  }

  async #traffic(): Promise<
    Pick<
      Findings,
      "first" | "again" | "bulk" | "toPodIp" | "markersInMesh" | "outsiderPermissive" | "markersOfOutsider"
    >
  > {
    const marker = new MarkerCount();
    const first = await this.#exchange(CLIENT, SERVICE_IP, SERVICE_PORT, 1000);
    const again = await this.#exchange(CLIENT, SERVICE_IP, SERVICE_PORT, 1000);
    const toPodIp = await this.#exchange(CLIENT, SERVER.ip, SERVER_PORT, 1000);
    const bulk = await this.#exchange(CLIENT, SERVICE_IP, SERVICE_PORT, 32_000_000);
    const markersInMesh = marker.read();
    const outsiderPermissive = await this.#exchange(OUTSIDER, SERVER.ip, SERVER_PORT, 1000);
    const markersOfOutsider = marker.read() - markersInMesh;
    return { first, again, bulk, toPodIp, markersInMesh, outsiderPermissive, markersOfOutsider };
  }

  async #policies(): Promise<
    Pick<
      Findings,
      "outsiderStrict" | "insiderStrict" | "deniedHeld" | "denyTookMs" | "deniedNew" | "afterDeny"
    >
  > {
    this.#plane.putPolicy(STRICT);
    await pause(300);
    const outsiderStrict = await this.#exchange(OUTSIDER, SERVER.ip, SERVER_PORT, 1000);
    const insiderStrict = await this.#exchange(CLIENT, SERVICE_IP, SERVICE_PORT, 1000);
    const held = await this.#hold(CLIENT, SERVICE_IP, SERVICE_PORT);
    this.#plane.putPolicy(denyAccount("client"));
    const written = performance.now();
    const deniedHeld = await held.ended;
    const denyTookMs = Math.round(performance.now() - written);
    const deniedNew = await this.#exchange(CLIENT, SERVICE_IP, SERVICE_PORT, 1000);
    this.#plane.removePolicy("default/no-client");
    await pause(300);
    const afterDeny = await this.#exchange(CLIENT, SERVICE_IP, SERVICE_PORT, 1000);
    return { outsiderStrict, insiderStrict, deniedHeld, denyTookMs, deniedNew, afterDeny };
  }

  /** A proxy that starts while the authority is away: the connection waits for the certificate. */
  async #withoutCertificate(proxies: Map<NodeSpec, ChildProcess>): Promise<Exchange> {
    proxies.get(NODE_A)?.kill("SIGKILL");
    this.#plane.refuseCertificates = true;
    proxies.set(NODE_A, this.#startProxy(NODE_A, "-2"));
    this.#agents.get(NODE_A)?.forget();
    await this.#serve([CLIENT], [NODE_A]);
    const waiting = this.#exchange(CLIENT, SERVICE_IP, SERVICE_PORT, 1000);
    await pause(1500);
    this.#plane.refuseCertificates = false;
    return waiting;
  }

  /** A proxy that is started again while discovery is away: it goes by what it knew before. */
  async #withoutDiscovery(proxies: Map<NodeSpec, ChildProcess>): Promise<Exchange> {
    const before = proxies.get(NODE_A);
    before?.kill("SIGTERM");
    if (before !== undefined) await once(before, "exit");
    this.#plane.refuseDiscovery = true;
    this.#agents.get(NODE_A)?.forget();
    proxies.set(NODE_A, this.#startProxy(NODE_A, "-2"));
    await this.#serve([CLIENT], [NODE_A]);
    const exchange = await this.#exchange(CLIENT, SERVICE_IP, SERVICE_PORT, 1000);
    this.#plane.refuseDiscovery = false;
    return exchange;
  }

  async #lifecycle(
    proxies: Map<NodeSpec, ChildProcess>,
  ): Promise<Pick<Findings, "duringHandover" | "loadDuringHandover" | "drainedAt" | "afterDel">> {
    const old = proxies.get(NODE_B);
    this.#agents.get(NODE_B)?.forget();
    proxies.set(NODE_B, this.#startProxy(NODE_B, "-2"));
    await this.#serve([SERVER], [NODE_B]);
    const held = await this.#hold(CLIENT, SERVICE_IP, SERVICE_PORT);
    this.#plane.removePolicy("default/strict");
    const stream = this.#stream(20);
    const args = [SERVER.ip, String(SERVER_PORT), "32", "6000"];
    const load = output(this.#track(startIn(OUTSIDER.name, "tests/e2e/ztunnel/load.ts", args)));
    await pause(1000);
    old?.kill("SIGTERM");
    const duringHandover = await stream;
    const loadDuringHandover = JSON.parse(await load) as LoadCounts;
    const agent = this.#agents.get(NODE_B);
    await agent?.remove("server-uid");
    const drainedAt = await held.ended;
    const afterDel = await this.#exchange(CLIENT, SERVICE_IP, SERVICE_PORT, 1000);
    return { duringHandover, loadDuringHandover, drainedAt, afterDel };
  }

  /** Many short exchanges, one after the other. */
  async #stream(count: number): Promise<Exchange[]> {
    const done: Exchange[] = [];
    for (let index = 0; index < count; index++)
      done.push(await this.#exchange(CLIENT, SERVICE_IP, SERVICE_PORT, 100));
    return done;
  }

  async #admin(node: NodeSpec): Promise<Pick<Findings, "dump" | "metrics">> {
    const path = `/run/zds/${node.name}-2-admin.sock`;
    const dump = JSON.parse(await get(path, "/config_dump")) as ConfigDump;
    return { dump, metrics: await get(path, "/metrics") };
  }

  async #lookUp(name: string): Promise<string> {
    const child = this.#track(startIn(CLIENT.name, "tests/e2e/ztunnel/resolve.ts", [name]));
    return (await output(child)).trim();
  }

  /** One exchange of a client program in a pod. */
  async #exchange(pod: PodSpec, host: string, port: number, bytes: number): Promise<Exchange> {
    const args = [host, String(port), String(bytes), MARKER];
    return report(await output(this.#track(startIn(pod.name, "tests/e2e/ztunnel/client.ts", args))));
  }

  /** Resolves when the connection is open; `ended` when it is not any more. */
  async #hold(pod: PodSpec, host: string, port: number): Promise<{ readonly ended: Promise<Exchange> }> {
    const args = [host, String(port), "0", MARKER];
    const child = this.#track(startIn(pod.name, "tests/e2e/ztunnel/client.ts", args));
    const whole = output(child);
    await once(child.stdout ?? child, "data");
    await pause(300);
    return { ended: whole.then(report) };
  }

  #track(child: ChildProcess): ChildProcess {
    this.#children.add(child);
    child.once("exit", () => this.#children.delete(child));
    return child;
  }

  #read(name: string): string {
    const path = join(this.#folder, name);
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  }
}

/** Counts packets between the nodes whose payload begins with the marker. */
class MarkerCount {
  constructor() {
    const first = Buffer.from(MARKER).subarray(0, 8).toString("hex");
    const chain = `type filter hook forward priority 0;\n@ih,0,64 0x${first} counter`;
    const rules = `table ip marker {\nchain forward {\n${chain}\n}\n}\n`;
    run(inNamespace(NODE_B.name, ["nft", "-f", "-"]), rules);
  }

  /** Packets seen since the start. */
  read(): number {
    const listing = run(inNamespace(NODE_B.name, ["nft", "list", "table", "ip", "marker"]));
    return Number(/counter packets (\d+)/.exec(listing)?.[1] ?? Number.NaN);
  }
}

async function output(child: ChildProcess): Promise<string> {
  let text = "";
  child.stdout?.on("data", (chunk: Buffer) => (text += chunk.toString("utf8")));
  await once(child, "close");
  return text;
}

function report(text: string): Exchange {
  return JSON.parse(text.trim().split("\n").at(-1) ?? "{}") as Exchange;
}

function get(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, path, headers: { host: "localhost" } }, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk.toString("utf8")));
      response.on("end", () => resolve(text));
    });
    call.once("error", reject);
    call.end();
  });
}

const scenario = new Scenario();
try {
  const findings = await scenario.run();
  process.stdout.write(`${JSON.stringify(findings)}\n`);
} finally {
  await scenario.end();
}
process.exit(0);
