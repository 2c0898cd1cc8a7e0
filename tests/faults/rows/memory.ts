import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pause } from "../../e2e/support/mesh.ts";
import { becomes } from "../becomes.ts";
import { HeldConnections } from "../held.ts";
import { crash, processOf, supervisorOf } from "../processes.ts";
import type { FaultRow } from "../row.ts";

const CEILING_MIB = 256;

/** How long the proxy works under its ceiling, beside the load of the suite. */
const UNDER_CEILING_MS = 15_000;

/** Connections that are held open through the proxy meanwhile. */
const HELD = 1_000;

/** The two shapes of the kernel's memory controller: where it is, and its files. */
const CONTROLLERS = [
  { root: "/sys/fs/cgroup/memory", limit: "memory.limit_in_bytes", peak: "memory.max_usage_in_bytes" },
  { root: "/sys/fs/cgroup", limit: "memory.max", peak: "memory.peak" },
] as const;

function controller(): (typeof CONTROLLERS)[number] | undefined {
  return CONTROLLERS.find(({ root, limit }) => {
    const probe = join(root, `ambit-probe-${process.pid}`);
    try {
      mkdirSync(probe);
    } catch {
      return false;
    }
    const works = existsSync(join(probe, limit));
    rmdirSync(probe);
    return works;
  });
}

/** A node proxy that may not have more memory than this (security.md R13). */
export const MEMORY: FaultRow = {
  id: "R13 memory",
  name: `a node proxy works under a ceiling of ${CEILING_MIB} MiB`,
  fault: `the clients' node proxy is started anew in a control group of ${CEILING_MIB} MiB, with ${HELD} connections more`,
  rounds: { short: 0, long: 1 },
  mayFail: true,
  mayCut: true,
  act: async (world) => {
    const { mesh } = world;
    const found = controller();
    if (found === undefined) return { leftOut: 1 };
    const group = join(found.root, `ambit-faults-${process.pid}`);
    const put = (folder: string, pid: number): void =>
      writeFileSync(join(folder, "cgroup.procs"), String(pid));
    const supervisor = supervisorOf(mesh);
    if (supervisor === undefined) return "the mesh has no supervisor";
    mkdirSync(group);
    writeFileSync(join(group, found.limit), String(CEILING_MIB * 1024 * 1024));
    // Its children are born where it is.
    put(group, supervisor);
    await crash(mesh, "ztunnel", "node-a");
    put(found.root, supervisor);
    const pid = processOf(mesh, "ztunnel", "node-a");
    const held = await HeldConnections.open(mesh, "client", { host: "myapp", port: 80 }, HELD);
    await pause(UNDER_CEILING_MS);
    const cut = held.ends.length;
    await held.close();
    const lived = processOf(mesh, "ztunnel", "node-a") === pid;
    const peakMiB = Math.round(Number(readFileSync(join(group, found.peak), "utf8")) / 1024 / 1024);
    const servedMs = await becomes(() => world.serves("client"));
    await crash(mesh, "ztunnel", "node-a");
    rmdirSync(group);
    if (!lived) return `the node proxy ended under its ceiling, at ${peakMiB} MiB`;
    if (cut + held.refused > 0) return `${cut} connections were cut and ${held.refused} never served`;
    return servedMs === undefined ? "the client is not served" : { peakMiB, servedMs };
  },
};
