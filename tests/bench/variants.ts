import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { PORTS } from "@ambit/contract/ports.ts";
import { writeCertificates, writeMeshCertificate } from "./certificates.ts";
import { BenchMesh, foreignProxies, ownProxies, pause, type NodeProxies } from "./mesh.ts";
import { envoy } from "./peers/envoy.ts";
import { haproxy } from "./peers/haproxy.ts";
import { nginx } from "./peers/nginx.ts";
import { nodeHttp2 } from "./peers/node-http2.ts";
import { withSystemPath, type Peer } from "./peers/peer.ts";
import { ztunnel } from "./peers/ztunnel.ts";
import { joinPods, preparePod, redirect } from "./pod-network.ts";

/** Virtual address of the meshed server; fleet/mesh.yaml. */
const MESH_ADDRESS = ["10.96.200.1", "9000"] as const;
const APP_PORT = 9000;

interface Tunnel {
  readonly run: (words: readonly string[]) => readonly string[];
  readonly address: readonly [ip: string, port: string];
  /** Folder with `client.pem`, `client.key` and `ca.pem`. */
  readonly folder: string;
}

/** One way from the client to the server. */
export interface Variant {
  readonly name: string;
  /** Puts a command line into the client's place. */
  readonly run: (words: readonly string[]) => readonly string[];
  readonly address: readonly [ip: string, port: string];
  /** Where its server's proxy shakes hands, who may come there uncaptured, and with which certificates. */
  readonly tunnel?: Tunnel;
  /** Processes whose CPU and memory count; empty for the direct way. */
  readonly pids: () => readonly number[];
}

const PEERS: readonly Peer[] = [ztunnel, nginx, haproxy, envoy, nodeHttp2];

/** Everything that runs during a benchmark, and how to end it. */
export class Variants {
  readonly list: Variant[] = [];
  readonly #folder: string;
  readonly #meshes: BenchMesh[] = [];
  readonly #children: ChildProcess[] = [];

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Brings up what `wanted` names (all when empty); says loudly what is left out and why. */
  async up(wanted: readonly string[]): Promise<void> {
    const isWanted = (name: string): boolean => wanted.length === 0 || wanted.includes(name);
    const engine = await this.#mesh(ownProxies("engine"));
    this.list.push({
      name: "direct",
      run: (words) => engine.inPod("peer-client", words),
      address: [engine.pod("peer-server").ip, String(APP_PORT)],
      pids: () => [],
    });
    if (isWanted("ambit-engine")) await this.#addMesh(engine);
    if (isWanted("ambit-portable")) await this.#addMesh(await this.#mesh(ownProxies("portable")));
    const binary = process.env["ZTUNNEL_BIN"] ?? "";
    if (binary !== "" && isWanted("ztunnel-in-pod"))
      await this.#addMesh(await this.#mesh(foreignProxies(binary)));
    const place = join(this.#folder, "peers");
    mkdirSync(place, { recursive: true });
    await writeCertificates(place);
    for (const mesh of this.#meshes) {
      for (const name of mesh.podNames()) preparePod(mesh, name);
      for (const kind of ["", "peer-"]) joinPods(mesh, `${kind}client`, `${kind}server`);
    }
    for (const [index, peer] of PEERS.filter(({ name }) => isWanted(name)).entries()) {
      if (peer.missing === "") await this.#addPeer(engine, peer, place, index);
      else process.stderr.write(`LEFT OUT ${peer.name}: ${peer.missing}\n`);
    }
  }

  down(): void {
    for (const child of this.#children) child.kill("SIGKILL");
    for (const mesh of this.#meshes) mesh.down();
  }

  async #mesh(proxies: NodeProxies): Promise<BenchMesh> {
    const mesh = new BenchMesh(proxies, this.#folder);
    this.#meshes.push(mesh);
    await mesh.up();
    return mesh;
  }

  async #addMesh(mesh: BenchMesh): Promise<void> {
    const pids = mesh.proxyPids();
    const folder = join(this.#folder, `${mesh.proxies.name}-client`);
    await writeMeshCertificate(mesh.authority(), folder);
    this.list.push({
      name: mesh.proxies.name,
      run: (words) => mesh.inPod("client", words),
      address: MESH_ADDRESS,
      tunnel: {
        run: (words) => mesh.inPod("peer-client", words),
        address: [mesh.pod("server").ip, String(PORTS.hbone)],
        folder,
      },
      pids: () => pids,
    });
  }

  async #addPeer(mesh: BenchMesh, peer: Peer, folder: string, index: number): Promise<void> {
    const place = {
      folder,
      outPort: 16_001 + index,
      tunnelPort: 16_101 + index,
      clientIp: mesh.pod("peer-client").ip,
      serverIp: mesh.pod("peer-server").ip,
      appPort: APP_PORT,
    };
    const commands = peer.prepare(place);
    const { ip, port } = commands.address ?? { ip: place.serverIp, port: 9_101 + index };
    redirect(mesh, ip, port, commands.capturePort ?? place.outPort);
    if (commands.beside !== undefined) {
      const { client, server } = commands.beside;
      this.#start(mesh.inPod("peer-server", server), join(folder, `${peer.name}-server-beside.log`));
      this.#start(mesh.inPod("peer-client", client), join(folder, `${peer.name}-client-beside.log`));
      await pause(1_500);
    }
    const pids = [
      this.#start(mesh.inPod("peer-server", commands.server), join(folder, `${peer.name}-server.log`)),
      this.#start(mesh.inPod("peer-client", commands.client), join(folder, `${peer.name}-client.log`)),
    ];
    await pause(1_500);
    this.list.push({
      name: peer.name,
      run: (words) => mesh.inPod("peer-client", words),
      address: [ip, String(port)],
      tunnel: {
        run: (words) => mesh.inPod("peer-client", words),
        address: [place.serverIp, String(commands.tunnelPort ?? place.tunnelPort)],
        folder,
      },
      pids: () => pids,
    });
  }

  #start(words: readonly string[], logPath: string): number {
    const [file = "", ...args] = words;
    const log = openSync(logPath, "w");
    const child = spawn(file, args, { stdio: ["ignore", log, log], env: withSystemPath() });
    this.#children.push(child);
    return child.pid ?? 0;
  }
}
