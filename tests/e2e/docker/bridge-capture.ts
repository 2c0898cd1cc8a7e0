import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pause } from "../support/mesh.ts";
import type { Engine } from "./engine.ts";

/** Records every packet on the bridge of an engine's network. */
export class BridgeCapture {
  readonly #folder: string;
  readonly #child: ChildProcess;

  private constructor(folder: string, child: ChildProcess) {
    this.#folder = folder;
    this.#child = child;
  }

  static async start(engine: Engine, network: string): Promise<BridgeCapture> {
    const id = engine.docker("network", "inspect", "-f", "{{.Id}}", network).trim();
    const folder = mkdtempSync(join(tmpdir(), "ambit-capture-"));
    const child = spawn(
      "tcpdump",
      // Else the kernel hands packets over in blocks, and the last one is lost.
      [
        "-i",
        `br-${id.slice(0, 12)}`,
        "--immediate-mode",
        "-U",
        "-s",
        "0",
        "-Z",
        "root",
        "-w",
        join(folder, "bridge.pcap"),
      ],
      { stdio: ["ignore", "ignore", "pipe"] },
    );
    await new Promise<void>((resolve, reject) => {
      let text = "";
      child.stderr.on("data", (chunk: Buffer) => {
        text += chunk.toString("utf8");
        if (text.includes("listening on")) resolve();
      });
      child.once("error", reject);
      child.once("exit", () => reject(new Error(`tcpdump ended: ${text}`)));
    });
    return new BridgeCapture(folder, child);
  }

  /** Ends the recording; the bytes of everything that was seen. */
  async stop(): Promise<Buffer> {
    await pause(500);
    const ended = new Promise((resolve) => {
      this.#child.once("exit", resolve);
    });
    this.#child.kill("SIGTERM");
    await ended;
    const bytes = readFileSync(join(this.#folder, "bridge.pcap"));
    rmSync(this.#folder, { recursive: true });
    return bytes;
  }
}
