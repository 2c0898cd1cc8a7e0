import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { TapCounts } from "@ambit/io/testing/packet-tap.ts";
import { pause, type TestMesh } from "./mesh.ts";

/** A node of every mesh; nobody listens there on the port of the discard protocol. */
const NODE_A = "172.30.0.11";

const program = join(import.meta.dirname, "../../../libs/io/src/testing/packet-tap.ts");

/** Hands on what passes every interface of a network namespace, such as that which joins a mesh's simulated nodes. */
export class PacketTap {
  readonly #child: ChildProcess;
  /** Arguments of nsenter. */
  readonly #inSandbox: readonly string[];
  readonly #ended: Promise<void>;
  #words = "";

  private constructor(child: ChildProcess, inSandbox: readonly string[], onBytes: (chunk: Buffer) => void) {
    this.#child = child;
    this.#inSandbox = inSandbox;
    this.#ended = new Promise((resolve) => {
      child.once("close", () => resolve());
    });
    child.stdout?.on("data", onBytes);
  }

  /**
   * Resolves once every packet is seen. `pid` is a process in the namespace; `perPacketBytes`: how much of each
   * packet is handed on. Rejects with what the tap said when it cannot look.
   */
  static async start(
    pid: number,
    perPacketBytes: number,
    onBytes: (chunk: Buffer) => void,
  ): Promise<PacketTap> {
    // Root of the machine may look into the sandbox's network without joining its user namespace.
    const user = process.getuid?.() === 0 ? [] : ["--user", "--preserve-credentials"];
    const inSandbox = [`--target=${pid}`, ...user, "--net", "--"];
    const command = [process.execPath, program, String(perPacketBytes)];
    const child = spawn("nsenter", [...inSandbox, ...command], { stdio: ["ignore", "pipe", "pipe"] });
    const tap = new PacketTap(child, inSandbox, onBytes);
    await new Promise<void>((resolve, reject) => {
      child.stderr.on("data", (chunk: Buffer) => {
        tap.#words += chunk.toString("utf8");
        if (tap.#words.includes("listening\n")) resolve();
      });
      child.once("exit", () => reject(new Error(`packets cannot be seen: ${tap.#words}`)));
    });
    return tap;
  }

  /** Sends a text in plaintext to a node, as a proof that it would be seen. Throws when it cannot be sent. */
  show(text: string): void {
    const script = `const s = require("node:dgram").createSocket("udp4"); s.send(${JSON.stringify(text)}, 9, "${NODE_A}", () => s.close())`;
    const sent = spawnSync("nsenter", [...this.#inSandbox, process.execPath, "-e", script], {
      encoding: "utf8",
    });
    if (sent.status !== 0) throw new Error(`nothing can be shown: ${sent.stderr}`);
  }

  /** Ends it, and says what the kernel counted. */
  async stop(): Promise<TapCounts> {
    this.#child.kill("SIGTERM");
    await this.#ended;
    const counts = /^\{.*\}$/m.exec(this.#words)?.[0];
    if (counts === undefined) throw new Error(`packets were not seen to the end: ${this.#words}`);
    return JSON.parse(counts) as TapCounts;
  }
}

/** Records every packet of a network namespace. */
export class PacketRecording {
  readonly #tap: PacketTap;
  readonly #seen: Buffer[];

  private constructor(tap: PacketTap, seen: Buffer[]) {
    this.#tap = tap;
    this.#seen = seen;
  }

  /** What passes between the simulated nodes of a mesh. */
  static ofMesh(mesh: TestMesh): Promise<PacketRecording> {
    const record = JSON.parse(readFileSync(join(mesh.state, "mesh.json"), "utf8")) as { innerPid: number };
    return PacketRecording.of(record.innerPid);
  }

  /** What passes the interfaces that a process sees. */
  static async of(pid: number): Promise<PacketRecording> {
    const seen: Buffer[] = [];
    const tap = await PacketTap.start(pid, 65_536, (chunk) => seen.push(chunk));
    return new PacketRecording(tap, seen);
  }

  /** Sends a text between the nodes that is seen. */
  show(text: string): void {
    this.#tap.show(text);
  }

  /** Ends the recording; the bytes of everything that was seen. */
  async stop(): Promise<Buffer> {
    await pause(500);
    await this.#tap.stop();
    return Buffer.concat(this.#seen);
  }
}
