import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import type { TestMesh } from "../e2e/support/mesh.ts";

const command = join(import.meta.dirname, "../../apps/ambit/bin/ambit");

// COUNT keep-alive connections to HOST PORT; each asks once a second. Prints a line when each has had an answer or an
// end, and one per end.
const HOLDER = `
const [host, port, count] = process.argv.slice(1);
const net = require("node:net");
let open = 0, refused = 0, answered = 0;
const say = (line) => process.stdout.write(JSON.stringify(line) + "\\n");
const settle = () => { if (open + refused === Number(count)) say({ open, refused }); };
for (let index = 0; index < Number(count); index++) {
  const socket = net.connect({ host, port: Number(port) });
  let how = "fin", first = true;
  const ask = () => { if (!socket.destroyed) socket.write("GET / HTTP/1.1\\r\\nHost: " + host + "\\r\\n\\r\\n"); };
  socket.on("connect", ask);
  socket.on("data", () => {
    answered++;
    if (!first) return;
    first = false;
    open++;
    settle();
    setInterval(ask, 1000).unref();
  });
  socket.on("error", (error) => { how = error.code ?? error.message; });
  socket.on("close", () => {
    if (!first) return say({ closed: how, at: Date.now() });
    refused++;
    settle();
  });
}
process.stdin.resume().on("end", () => { say({ answered }); process.exit(0); });
`;

/** How one held connection ended: \`fin\`, or the error's code. */
export interface HeldEnd {
  readonly closed: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

interface Line {
  readonly open?: number;
  readonly refused?: number;
  readonly closed?: string;
  readonly at?: number;
  readonly answered?: number;
}

/** Keep-alive connections from inside a workload that stay open until somebody cuts them. */
export class HeldConnections {
  readonly #child: ChildProcess;
  readonly #ends: HeldEnd[] = [];
  #answered = 0;
  #refused = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Resolves once each of them has had an answer, or has ended without one. */
  static async open(
    mesh: TestMesh,
    workload: string,
    target: { readonly host: string; readonly port: number },
    count: number,
  ): Promise<HeldConnections> {
    const args = ["--state", mesh.state, "exec", workload, "--", process.execPath, "-e", HOLDER];
    const child = spawn(command, [...args, target.host, String(target.port), String(count)], {
      stdio: ["pipe", "pipe", "ignore"],
    });
    const held = new HeldConnections(child);
    await new Promise<void>((resolve, reject) => {
      let rest = "";
      child.stdout.on("data", (chunk: Buffer) => {
        const lines = (rest + chunk.toString("utf8")).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) held.#take(JSON.parse(line) as Line, resolve);
      });
      child.once("exit", () => reject(new Error("The held connections were never all open")));
    });
    return held;
  }

  /** How many ended before they had an answer. */
  get refused(): number {
    return this.#refused;
  }

  /** Those that have ended so far after an answer. */
  get ends(): readonly HeldEnd[] {
    return this.#ends;
  }

  /** Lets go of them; the answers they have had in all. */
  async close(): Promise<number> {
    const gone = new Promise((resolve) => {
      this.#child.once("exit", resolve);
    });
    this.#child.stdin?.end();
    await gone;
    return this.#answered;
  }

  #take(line: Line, onOpen: () => void): void {
    if (line.refused !== undefined) {
      this.#refused = line.refused;
      onOpen();
    }
    if (line.closed !== undefined) this.#ends.push({ closed: line.closed, at: line.at ?? 0 });
    if (line.answered !== undefined) this.#answered = line.answered;
  }
}
