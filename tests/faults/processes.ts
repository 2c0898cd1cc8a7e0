import { readdirSync, readFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { until, type TestMesh } from "../e2e/support/mesh.ts";

const SCRIPTS = {
  discovery: "apps/discovery/src/main.ts",
  ca: "apps/ca/src/main.ts",
  "node-agent": "apps/node-agent/src/main.ts",
  bus: "libs/bus/src/broker-main.ts",
  ztunnel: "apps/ztunnel/src/main.ts",
} as const;

/** A part of the mesh that faults are done to. */
export type Part = keyof typeof SCRIPTS;

/** The process of a part of this mesh, as seen from outside its sandbox; undefined while there is none. */
export function processOf(mesh: TestMesh, part: Part, node = ""): number | undefined {
  for (const name of readdirSync("/proc")) {
    if (!/^[0-9]+$/.test(name)) continue;
    const words = read(`/proc/${name}/cmdline`).split("\0");
    if (!words.some((word) => word.endsWith(SCRIPTS[part])) || words[0] === "nsenter") continue;
    const environment = read(`/proc/${name}/environ`).split("\0");
    if (!environment.includes(`AMBIT_STATE_DIR=${mesh.state}`)) continue;
    if (node === "" || environment.includes(`NODE_NAME=${node}`)) return Number(name);
  }
  return undefined;
}

/** The process of this mesh whose children its parts are. */
export function supervisorOf(mesh: TestMesh): number | undefined {
  const known = JSON.stringify(mesh.state);
  return readdirSync("/proc")
    .filter((name) => /^[0-9]+$/.test(name))
    .map(Number)
    .find((pid) => {
      const words = read(`/proc/${pid}/cmdline`).split("\0");
      const isIt = words.includes("_supervise") && words[0]?.endsWith("/node") === true;
      return isIt && read(`/proc/${pid}/environ`).includes(known);
    });
}

/** Sends a signal to a part of the mesh; its process id. Throws when there is no such process. */
export function signal(mesh: TestMesh, part: Part, name: NodeJS.Signals, node = ""): number {
  const pid = processOf(mesh, part, node);
  if (pid === undefined) throw new Error(`There is no process of ${part} ${node}`);
  process.kill(pid, name);
  return pid;
}

/** Kills a part as a crash would and waits until another process of it is ready; the milliseconds that took. */
export async function crash(mesh: TestMesh, part: Part, node = ""): Promise<number> {
  const began = performance.now();
  const old = signal(mesh, part, "SIGKILL", node);
  await until(
    `${part} ${node} is ready again`,
    async () => {
      const now = processOf(mesh, part, node);
      return now !== undefined && now !== old && (await isReady(mesh, part, node));
    },
    30_000,
  );
  return Math.round(performance.now() - began);
}

/** Whether the part's admin socket says that it is ready. */
export function isReady(mesh: TestMesh, part: Part, node = ""): Promise<boolean> {
  const component = part === "ztunnel" ? `ztunnel-${node}` : part;
  const socketPath = join(mesh.state, "run", component, "admin.sock");
  return new Promise((resolve) => {
    const call = request({ socketPath, path: "/healthz/ready", timeout: 1_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    call.on("timeout", () => call.destroy());
    call.on("error", () => resolve(false));
    call.end();
  });
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // It ended while we looked.
    return "";
  }
}
