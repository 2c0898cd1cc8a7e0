import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import type { TestMesh } from "../e2e/support/mesh.ts";

const command = join(import.meta.dirname, "../../apps/ambit/bin/ambit");

// A request every 20 ms, each on a connection of its own; prints a line whenever the outcome is another than before.
const WATCHER = `
const [url] = process.argv.slice(1);
const http = require("node:http");
let last;
const saw = (served) => { if (served !== last) console.log(JSON.stringify({ served, at: Date.now() })); last = served; };
setInterval(() => {
  const call = http.get(url, { agent: false, timeout: 5000 }, (response) => {
    response.resume();
    response.on("end", () => saw(response.statusCode === 200));
  });
  call.on("timeout", () => call.destroy(new Error("timeout")));
  call.on("error", () => saw(false));
}, 20);
process.stdin.resume().on("end", () => process.exit(0));
`;

interface Change {
  readonly served: boolean;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Sees the moment from which a workload is refused, or served again. */
export class Watch {
  readonly #child: ChildProcess;
  readonly #changes: Change[] = [];

  constructor(mesh: TestMesh, workload: string, url: string) {
    const args = ["--state", mesh.state, "exec", workload, "--", process.execPath, "-e", WATCHER, url];
    const child = spawn(command, args, { stdio: ["pipe", "pipe", "ignore"] });
    this.#child = child;
    let rest = "";
    child.stdout.on("data", (chunk: Buffer) => {
      const lines = (rest + chunk.toString("utf8")).split("\n");
      rest = lines.pop() ?? "";
      this.#changes.push(...lines.map((line) => JSON.parse(line) as Change));
    });
  }

  /** The latest change; undefined before the first answer. */
  get last(): Change | undefined {
    return this.#changes.at(-1);
  }

  close(): void {
    this.#child.stdin?.end();
  }
}
