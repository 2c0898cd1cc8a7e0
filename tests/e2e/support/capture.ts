import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pause, type TestMesh } from "./mesh.ts";

/** Records every packet on the bridge between the simulated nodes. */
export class NodeCapture {
  readonly #path: string;
  readonly #child: ChildProcess;

  private constructor(path: string, child: ChildProcess) {
    this.#path = path;
    this.#child = child;
  }

  /** `perPacketBytes`: how much of each packet is kept. @default all of it */
  static async start(
    mesh: TestMesh,
    options: { readonly perPacketBytes?: number } = {},
  ): Promise<NodeCapture> {
    const record = JSON.parse(readFileSync(join(mesh.state, "mesh.json"), "utf8")) as {
      innerPid: number;
      rootless: boolean;
    };
    const path = join(mesh.folder, "nodes.pcap");
    // Root of the machine may look into the sandbox's network without joining its user namespace.
    const user = record.rootless && process.getuid?.() !== 0 ? ["--user", "--preserve-credentials"] : [];
    const enter = [`--target=${record.innerPid}`, ...user, "--mount", "--net", "--pid", "--"];
    const child = spawn(
      "nsenter",
      [
        ...enter,
        "tcpdump",
        ...["-i", "ambit0", "-U", "-s", String(options.perPacketBytes ?? 0)],
        ...["-Z", "root", "-w", path],
      ],
      { stdio: ["ignore", "ignore", "pipe"] },
    );
    await new Promise<void>((resolve, reject) => {
      let text = "";
      child.stderr.on("data", (chunk: Buffer) => {
        text += chunk.toString("utf8");
        if (text.includes("listening on")) resolve();
      });
      child.once("exit", () => reject(new Error(`tcpdump ended: ${text}`)));
    });
    return new NodeCapture(path, child);
  }

  /** Ends the recording; the bytes of everything that was seen. */
  async stop(): Promise<Buffer> {
    await pause(500);
    const ended = new Promise((resolve) => {
      this.#child.once("exit", resolve);
    });
    this.#child.kill("SIGTERM");
    await ended;
    return readFileSync(this.#path);
  }
}
