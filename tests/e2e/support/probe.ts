import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import type { TestMesh } from "./mesh.ts";

const command = join(import.meta.dirname, "../../../apps/ambit/bin/ambit");

// One request on a fresh connection; a refused or silent server is an answer, not an error.
const ONE_REQUEST = `
const [host, port] = process.argv.slice(1);
const socket = require("node:net").connect({ host, port: Number(port) });
const end = (ok, detail) => { console.log(JSON.stringify({ ok, detail })); process.exit(0); };
let text = "";
socket.setTimeout(3000, () => end(false, "timeout"));
socket.on("error", (error) => end(false, error.code ?? error.message));
socket.on("connect", () => socket.write("GET / HTTP/1.1\\r\\nHost: " + host + "\\r\\nConnection: close\\r\\n\\r\\n"));
socket.on("data", (chunk) => { text += chunk; });
socket.on("end", () => end(text.startsWith("HTTP/1.1 200"), text.slice(0, 60)));
`;

/** One request from inside a workload to `host:port`, on a connection of its own. */
export function tryConnect(
  mesh: TestMesh,
  workload: string,
  host: string,
  port: number,
): { ok: boolean; detail: string } {
  const run = mesh.ambit("exec", workload, "--", process.execPath, "-e", ONE_REQUEST, host, String(port));
  try {
    return JSON.parse(run.stdout) as { ok: boolean; detail: string };
  } catch {
    throw new Error(`The probe in ${workload} printed "${run.stdout}" and "${run.stderr}"`);
  }
}

const HOLD = `
const [host, port] = process.argv.slice(1);
const socket = require("node:net").connect({ host, port: Number(port) });
let answers = 0;
const ask = () => socket.write("GET / HTTP/1.1\\r\\nHost: " + host + "\\r\\n\\r\\n");
socket.on("connect", ask);
socket.on("data", () => { if (answers++ === 0) console.log("open"); setTimeout(ask, 100); });
socket.on("error", () => undefined);
socket.on("close", () => { console.log("closed"); process.exit(0); });
`;

/** A keep-alive connection from inside a workload that asks ten times a second until it is cut. */
export class HeldConnection {
  readonly #child: ChildProcess;
  #output = "";

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async open(mesh: TestMesh, workload: string, host: string, port: number): Promise<HeldConnection> {
    const child = spawn(
      command,
      ["--state", mesh.state, "exec", workload, "--", process.execPath, "-e", HOLD, host, String(port)],
      {
        stdio: ["ignore", "pipe", "ignore"],
      },
    );
    const held = new HeldConnection(child);
    await new Promise<void>((resolve, reject) => {
      child.stdout.on("data", (chunk: Buffer) => {
        held.#output += chunk.toString("utf8");
        if (held.#output.includes("open")) resolve();
      });
      child.once("exit", () => reject(new Error(`The held connection was never open: ${held.#output}`)));
    });
    return held;
  }

  get open(): boolean {
    return this.#output.includes("open") && !this.#output.includes("closed");
  }

  close(): void {
    this.#child.kill("SIGKILL");
  }
}
