import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import type { TestMesh } from "./mesh.ts";

const command = join(import.meta.dirname, "../../../apps/ambit/bin/ambit");

// A new connection per request, at a fixed rate; prints its counts when its input ends.
const GENERATOR = `
const [url, rate] = process.argv.slice(1);
const http = require("node:http");
const counts = { ok: 0, failed: 0, lastError: "" };
const fail = (error) => { counts.failed++; counts.lastError = String(error.message ?? error); };
let pending = 0, ended = false;
const done = () => { pending--; if (ended && pending === 0) finish(); };
const finish = () => { console.log(JSON.stringify(counts)); process.exit(0); };
const began = performance.now();
let sent = 0;
// A timer that was late makes up for it, within a second: the rate is the one that was asked for.
const timer = setInterval(() => {
  const due = Math.floor((performance.now() - began) * Number(rate) / 1000);
  sent = Math.max(sent, due - Number(rate));
  while (sent < due) { sent++; request(); }
}, Math.max(1, 1000 / Number(rate)));
function request() {
  pending++;
  const call = http.get(url, { agent: false, timeout: 5000 }, (response) => {
    response.resume();
    response.on("end", () => { if (response.statusCode === 200) counts.ok++; else fail("status " + response.statusCode); done(); });
  });
  call.on("timeout", () => call.destroy(new Error("timeout")));
  call.on("error", (error) => { fail(error); done(); });
}
process.stdin.resume().on("end", () => { clearInterval(timer); ended = true; if (pending === 0) finish(); });
`;

export interface LoadResult {
  readonly ok: number;
  readonly failed: number;
  readonly lastError: string;
}

/** A steady stream of requests from inside a workload, each on a connection of its own. */
export class Load {
  readonly #child: ChildProcess;
  readonly #result: Promise<LoadResult>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#result = new Promise((resolve, reject) => {
      let output = "";
      let complaint = "";
      child.stdout?.on("data", (chunk: Buffer) => {
        output += chunk.toString("utf8");
      });
      child.stderr?.on("data", (chunk: Buffer) => {
        complaint += chunk.toString("utf8");
      });
      child.once("exit", () => {
        try {
          resolve(JSON.parse(output) as LoadResult);
        } catch {
          reject(new Error(`The load generator printed "${output}" and "${complaint}"`));
        }
      });
    });
  }

  static start(mesh: TestMesh, workload: string, url: string, perSecond: number): Load {
    const args = [
      "--state",
      mesh.state,
      "exec",
      workload,
      "--",
      process.execPath,
      "-e",
      GENERATOR,
      url,
      String(perSecond),
    ];
    return new Load(spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] }));
  }

  stop(): Promise<LoadResult> {
    this.#child.stdin?.end();
    return this.#result;
  }
}
