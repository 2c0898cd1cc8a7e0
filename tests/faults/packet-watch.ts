import { spawn, type ChildProcess } from "node:child_process";
import { until, type TestMesh } from "../e2e/support/mesh.ts";
import { supervisorOf } from "./processes.ts";

/** What was seen between the nodes. */
export interface PacketReport {
  /** Bytes of packets that were looked at. */
  readonly bytes: number;
  /** Packets that came faster than they could be looked at. */
  readonly dropped: number;
  /** Those of the texts that must not be seen and were. */
  readonly found: readonly string[];
}

/** Bytes kept of each packet: heads and the beginning of what it carries. */
const PER_PACKET_BYTES = 400;

/** Memory for packets that wait to be looked at, in KiB. */
const WAITING_KIB = 16_384;

/** Looks at every packet on every interface of the network that joins the simulated nodes, as it passes. */
export class PacketWatch {
  readonly #child: ChildProcess;
  readonly #forbidden: readonly string[];
  readonly #found = new Set<string>();
  #bytes = 0;
  #tail = Buffer.alloc(0);
  #complaint = "";

  private constructor(child: ChildProcess, forbidden: readonly string[]) {
    this.#child = child;
    this.#forbidden = forbidden;
    child.stdout?.on("data", (chunk: Buffer) => this.#look(chunk));
    child.stderr?.on("data", (chunk: Buffer) => (this.#complaint += chunk.toString("utf8")));
  }

  /** Resolves once it looks; may be called as soon as the mesh has been told to start, before it has a network. */
  static async start(mesh: TestMesh, forbidden: readonly string[]): Promise<PacketWatch> {
    let sandbox: number | undefined;
    await until("the mesh has its sandbox", () => {
      sandbox = supervisorOf(mesh);
      return sandbox !== undefined;
    });
    // Root of the machine may look into the sandbox's network without joining its user namespace.
    const user = process.getuid?.() === 0 ? [] : ["--user", "--preserve-credentials"];
    const kept = ["-U", "-s", String(PER_PACKET_BYTES), "-B", String(WAITING_KIB)];
    const child = spawn(
      "nsenter",
      [
        `--target=${sandbox}`,
        ...user,
        "--net",
        "--",
        "tcpdump",
        "-i",
        "any",
        ...kept,
        "-Z",
        "root",
        "-w",
        "-",
      ],
      { stdio: ["ignore", "pipe", "pipe"] },
    );
    const watch = new PacketWatch(child, forbidden);
    await until("packets are looked at", () => {
      if (child.exitCode !== null) throw new Error(`tcpdump ended: ${watch.#complaint}`);
      return watch.#complaint.includes("listening on");
    });
    return watch;
  }

  /** Ends it. */
  async stop(): Promise<PacketReport> {
    const ended = new Promise((resolve) => {
      this.#child.once("close", resolve);
    });
    this.#child.kill("SIGTERM");
    await ended;
    const dropped = Number(/(\d+) packets? dropped by kernel/.exec(this.#complaint)?.[1] ?? 0);
    return { bytes: this.#bytes, dropped, found: [...this.#found] };
  }

  // A text may lie across two pieces of what tcpdump writes, so each is read with the end of the one before.
  #look(chunk: Buffer): void {
    this.#bytes += chunk.length;
    const longest = Math.max(...this.#forbidden.map((text) => text.length));
    const whole = Buffer.concat([this.#tail, chunk]);
    for (const text of this.#forbidden) if (whole.includes(text)) this.#found.add(text);
    this.#tail = whole.subarray(Math.max(0, whole.length - longest + 1));
  }
}
