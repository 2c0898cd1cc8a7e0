import { spawnSync } from "node:child_process";
import { closeSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { pause } from "../../e2e/support/mesh.ts";
import { becomes } from "../becomes.ts";
import { HeldConnections } from "../held.ts";
import { isReady, processOf, signal, type Part } from "../processes.ts";
import type { FaultRow } from "../row.ts";
import type { FaultWorld } from "../world.ts";

const FROZEN_MS = 10_000;

/** Time in which nothing can be written. */
const FULL_MS = 8_000;

/** Descriptors left to a proxy whose limit is lowered. */
const SPARE_DESCRIPTORS = 40;

/** Connections that ask for more descriptors than are left: each takes two of its node's proxy. */
const GREEDY = 60;

function frozen(part: Part): FaultRow {
  return {
    id: `R13 freeze ${part}`,
    name: `${part} is frozen for 10 s`,
    fault: `SIGSTOP of ${part}, SIGCONT 10 s later`,
    rounds: { short: 1, long: 3 },
    mayFail: false,
    mayCut: false,
    act: async ({ mesh }) => {
      const pid = signal(mesh, part, "SIGSTOP");
      await pause(FROZEN_MS);
      process.kill(pid, "SIGCONT");
      const readyMs = await becomes(() => isReady(mesh, part));
      if (readyMs === undefined) return `${part} is not ready 10 s after the freeze`;
      return processOf(mesh, part) === pid ? { readyMs } : `${part} did not live through the freeze`;
    },
  };
}

/** What runs out (security.md 1O): time to run, space on the disk, descriptors. */
export const LIMITS: readonly FaultRow[] = [
  ...(["discovery", "ca", "bus"] as const).map(frozen),
  {
    id: "R12 disk",
    name: "the disk of the mesh's state is full",
    fault: "a file takes all that is left of the file system of states, logs, keys and snapshots for 8 s",
    rounds: { short: 1, long: 5 },
    mayFail: false,
    mayCut: false,
    act: async (world) => {
      const { mesh } = world;
      if (!world.hasDiskOfItsOwn) return { leftOut: 1 };
      const before = everyProcess(world);
      const filler = join(mesh.state, "filler");
      fill(filler);
      // A permission is taken and given back while nothing can be written.
      world.forbid("guest", true);
      const denied = await becomes(() => !world.serves("guest"));
      await pause(FULL_MS);
      rmSync(filler);
      world.forbid("guest", false);
      const servedMs = await becomes(() => world.serves("guest"));
      if (denied === undefined) return "a revocation was not effective while the disk was full";
      if (servedMs === undefined) return "a permission was not effective 10 s after there was room again";
      if (String(everyProcess(world)) !== String(before)) return "a process ended while the disk was full";
      return { deniedMs: denied, servedMs };
    },
  },
  {
    id: "R11 descriptors",
    name: "a node proxy has no descriptors left",
    fault: `its limit is lowered to ${SPARE_DESCRIPTORS} more than it uses, ${GREEDY} clients come`,
    rounds: { short: 1, long: 5 },
    mayFail: true,
    mayCut: false,
    act: async (world) => {
      const { mesh } = world;
      const pid = processOf(mesh, "ztunnel", "node-a");
      if (pid === undefined) return "there is no node proxy";
      const usual = limitOf(pid);
      limit(pid, readdirSync(`/proc/${pid}/fd`).length + SPARE_DESCRIPTORS);
      const greedy = HeldConnections.open(mesh, "client", { host: "myapp", port: 80 }, GREEDY);
      await pause(4_000);
      const most = readdirSync(`/proc/${pid}/fd`).length;
      limit(pid, usual);
      // Those that were kept waiting get their turn now; those it had no second descriptor for were told so.
      const held = await greedy;
      const early = held.ends.length;
      await held.close();
      const servedMs = await becomes(() => world.serves("client"));
      if (servedMs === undefined) return "the client is not served 10 s after the limit is gone";
      if (early > 0) return `${early} connections of those that were served were cut`;
      return processOf(mesh, "ztunnel", "node-a") === pid
        ? { servedMs, descriptors: most, turnedAway: held.refused }
        : "the node proxy ended";
    },
  },
];

function everyProcess({ mesh }: FaultWorld): readonly (number | undefined)[] {
  const nodes = ["node-a", "node-b"].map((node) => processOf(mesh, "ztunnel", node));
  return [...nodes, ...(["discovery", "ca", "bus"] as const).map((part) => processOf(mesh, part))];
}

/** Writes a file until there is no room left. */
function fill(path: string): void {
  const file = openSync(path, "w");
  const block = Buffer.alloc(1024 * 1024);
  try {
    for (let size = block.length; size >= 1; size = Math.floor(size / 2)) {
      try {
        for (;;) writeSync(file, block, 0, size);
      } catch (thrown) {
        if ((thrown as NodeJS.ErrnoException).code !== "ENOSPC") throw thrown;
      }
    }
  } finally {
    closeSync(file);
  }
}

function limitOf(pid: number): number {
  const line = /^Max open files\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, "utf8"));
  return Number(line?.[1] ?? 1024);
}

function limit(pid: number, descriptors: number): void {
  const run = spawnSync("prlimit", [`--pid=${pid}`, `--nofile=${descriptors}:`], { encoding: "utf8" });
  if (run.status !== 0) throw new Error(`prlimit: ${run.stderr}`);
}
