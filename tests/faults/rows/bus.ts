import { pause } from "../../e2e/support/mesh.ts";
import type { FaultRow } from "../row.ts";
import { Watch } from "../watch.ts";
import type { FaultWorld } from "../world.ts";

const BUS_PORT = "4222";

/** What the bar allows without the bus. */
const WITHOUT_BUS_MS = 30_000;

/** The bus cannot be reached, and a permission is taken meanwhile (security.md R7). */
export const BUS_CUT: FaultRow = {
  id: "R7 partition",
  name: "a revocation takes effect while the bus is cut off",
  fault: "every packet of the bus is dropped for 60 s (10 s in a short run), a DENY is written meanwhile",
  rounds: { short: 1, long: 1 },
  mayFail: false,
  mayCut: false,
  act: async (world, { isShort }) => {
    const watch = new Watch(world.mesh, "guest", "http://myapp/");
    await watched(watch, true);
    await cut(world, "drop");
    try {
      const began = performance.now();
      await pause(isShort ? 2_000 : 10_000);
      const revokedMs = await revoke(world, watch);
      if (revokedMs === undefined) return `the revocation was not effective within ${WITHOUT_BUS_MS} ms`;
      const rest = (isShort ? 10_000 : 60_000) - (performance.now() - began);
      await pause(Math.max(0, rest));
      return { revokedMs };
    } finally {
      await mend(world);
      world.forbid("guest", false);
      await watched(watch, true);
      watch.close();
    }
  },
};

/** Half of the packets of the bus get lost. */
export const BUS_LOSS: FaultRow = {
  id: "R7 loss",
  name: "a revocation takes effect while half of the bus's packets are lost",
  fault: "every other packet of the bus is dropped by chance, a DENY is written meanwhile",
  rounds: { short: 1, long: 10 },
  mayFail: false,
  mayCut: false,
  act: async (world) => {
    const watch = new Watch(world.mesh, "guest", "http://myapp/");
    await cut(world, "numgen random mod 2 == 0 drop");
    try {
      const revokedMs = await revoke(world, watch);
      return revokedMs === undefined ? "the revocation was not effective" : { revokedMs };
    } finally {
      await mend(world);
      world.forbid("guest", false);
      await watched(watch, true);
      watch.close();
    }
  },
};

/** The same with the bus: the twin of the row above. */
export const REVOCATION: FaultRow = {
  id: "R7 twin",
  name: "a revocation takes effect with the bus",
  fault: "a DENY is written",
  rounds: { short: 1, long: 50 },
  mayFail: false,
  mayCut: false,
  act: async (world) => {
    const watch = new Watch(world.mesh, "guest", "http://myapp/");
    const revokedMs = await revoke(world, watch);
    world.forbid("guest", false);
    const isBack = await watched(watch, true);
    watch.close();
    if (!isBack) return "the guest is not served again";
    return revokedMs === undefined ? "the revocation was not effective" : { revokedMs };
  },
};

/** Milliseconds from the written file to the first refusal; undefined when there is none in time. */
async function revoke(world: FaultWorld, watch: Watch): Promise<number | undefined> {
  await watched(watch, true);
  const began = Date.now();
  world.forbid("guest", true);
  await watched(watch, false);
  const { last } = watch;
  return last?.served === false ? last.at - began : undefined;
}

/** Waits for an outcome as long as the bar allows; whether it came. */
async function watched(watch: Watch, served: boolean): Promise<boolean> {
  const began = performance.now();
  while (watch.last?.served !== served) {
    if (performance.now() - began > WITHOUT_BUS_MS) return false;
    await pause(20);
  }
  return true;
}

/** Does `verdict` to every packet of the bus. */
async function cut(world: FaultWorld, verdict: string): Promise<void> {
  const nft = (...words: string[]): Promise<void> => world.inSandbox("nft", ...words);
  await nft("add table inet faults");
  await nft("add chain inet faults cut { type filter hook input priority -200; }");
  await nft(`add rule inet faults cut tcp dport ${BUS_PORT} ${verdict}`);
  await nft(`add rule inet faults cut tcp sport ${BUS_PORT} ${verdict}`);
}

function mend(world: FaultWorld): Promise<void> {
  return world.inSandbox("nft", "delete table inet faults");
}
