import type { UpgradeReport } from "@ambit/contract/admin-api.ts";
import { pause } from "../../e2e/support/mesh.ts";
import { HeldConnections } from "../held.ts";
import type { FaultRow } from "../row.ts";
import { DRAIN_MS } from "../world.ts";

const HELD = 20;

let round = 0;

/** One node proxy takes over from another (security.md 3.1 and R2). */
export const UPGRADE: FaultRow = {
  id: "R2",
  name: "a node proxy is exchanged under load",
  fault: "ambit upgrade ztunnel, the nodes in turn",
  rounds: { short: 2, long: 50 },
  mayFail: false,
  // Those of the whole suite end at the deadline too; this row looks at its own.
  mayCut: true,
  act: async (world) => {
    const node = round++ % 2 === 0 ? "node-a" : "node-b";
    const held = await HeldConnections.open(world.mesh, "client", { host: "myapp", port: 80 }, HELD);
    const began = Date.now();
    const report = await world.ambit<UpgradeReport>("upgrade", "ztunnel", "--node", node);
    await pause(300);
    const { ends } = held;
    await held.close();
    const { readyMs = 0, drainMs, cut } = report;
    if (report.phase !== "done" || drainMs === undefined || cut === undefined) return report.detail;
    const early = ends.filter(({ at }) => at < began + readyMs + DRAIN_MS).length;
    if (early > 0) return `${early} held connections were cut before the deadline`;
    const others = ends.filter(({ closed }) => closed !== "fin").map(({ closed }) => closed);
    if (others.length > 0) return `held connections ended with ${[...new Set(others)].join(", ")}, not FIN`;
    if (cut < ends.length) return `${ends.length} held connections ended and ${cut} were counted`;
    return { readyMs, drainMs, closedAtDeadline: ends.length };
  },
};
