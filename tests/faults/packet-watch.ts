import { PacketTap } from "../e2e/support/capture.ts";
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

/** Looks at every packet on every interface of the network that joins the simulated nodes, as it passes. */
export class PacketWatch {
  readonly #forbidden: readonly string[];
  readonly #found = new Set<string>();
  #tap: PacketTap | undefined;
  #bytes = 0;
  #tail = Buffer.alloc(0);

  private constructor(forbidden: readonly string[]) {
    this.#forbidden = forbidden;
  }

  /** Resolves once it looks; may be called as soon as the mesh has been told to start, before it has a network. */
  static async start(mesh: TestMesh, forbidden: readonly string[]): Promise<PacketWatch> {
    let sandbox: number | undefined;
    await until("the mesh has its sandbox", () => {
      sandbox = supervisorOf(mesh);
      return sandbox !== undefined;
    });
    const watch = new PacketWatch(forbidden);
    watch.#tap = await PacketTap.start(sandbox ?? 0, PER_PACKET_BYTES, (chunk) => watch.#look(chunk));
    return watch;
  }

  /** Ends it. */
  async stop(): Promise<PacketReport> {
    const counts = await this.#tap?.stop();
    return { bytes: this.#bytes, dropped: counts?.dropped ?? 0, found: [...this.#found] };
  }

  // A text may lie across two pieces of what the tap writes, so each is read with the end of the one before.
  #look(chunk: Buffer): void {
    this.#bytes += chunk.length;
    const longest = Math.max(...this.#forbidden.map((text) => text.length));
    const whole = Buffer.concat([this.#tail, chunk]);
    for (const text of this.#forbidden) if (whole.includes(text)) this.#found.add(text);
    this.#tail = whole.subarray(Math.max(0, whole.length - longest + 1));
  }
}
