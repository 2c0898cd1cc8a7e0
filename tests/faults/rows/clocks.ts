import { pause } from "../../e2e/support/mesh.ts";
import { becomes } from "../becomes.ts";
import { CLOCK_PARTS, faketime, type ClockPart } from "../clocks.ts";
import { processOf } from "../processes.ts";
import type { FaultRow } from "../row.ts";
import type { FaultWorld } from "../world.ts";

/** How long a clock is wrong. */
const WRONG_MS = 4_000;

/** Jumps (security.md R8), and whether the proxy's certificates are then outside their time. */
const JUMPS = [
  { time: "+10m", expires: false },
  { time: "-10m", expires: true },
  { time: "+24h", expires: true },
  { time: "-24h", expires: true },
  { time: "@1970-01-02 00:00:00", expires: true },
  { time: "@2038-01-20 00:00:00", expires: true },
] as const;

/** Those of the everyday run. */
const SHORT: ReadonlySet<string> = new Set(["ztunnel-node-a +24h", "ca -24h"]);

/** The clock of one part jumps and is corrected. A pod that comes meanwhile needs a certificate. */
function jump(part: ClockPart, { time, expires }: (typeof JUMPS)[number]): FaultRow {
  const name = `${part} ${time}`;
  return {
    id: `R8 ${name}`,
    name: `the clock of ${part} is set to ${time} and corrected`,
    fault: `its clock is wrong for ${WRONG_MS / 1000} s`,
    rounds: { short: SHORT.has(name) ? 1 : 0, long: 2 },
    mayFail: part === "ztunnel-node-a" && expires,
    mayCut: part === "ztunnel-node-a" && expires,
    world: "clocks",
    act: async (world) => {
      const before = processes(world);
      world.setClock(part, time);
      world.addEager();
      await pause(WRONG_MS);
      const wasServed = world.serves("client");
      world.setClock(part, "+0");
      const servedMs = await becomes(() => world.serves("client"));
      const newcomerMs = await becomes(() => world.eagerIsServed());
      await world.removeEager();
      if (servedMs === undefined) return "the client is not served 10 s after the clock is right again";
      if (newcomerMs === undefined)
        return "a pod that came meanwhile is not served 10 s after the clock is right";
      if (processes(world) !== before) return "a process ended";
      return { servedWhileWrong: wasServed ? 1 : 0, servedMs, newcomerMs };
    },
  };
}

function processes({ mesh }: FaultWorld): string {
  const parts = (["ca", "discovery"] as const).map((part) => processOf(mesh, part));
  return String([...parts, processOf(mesh, "ztunnel", "node-a"), processOf(mesh, "ztunnel", "node-b")]);
}

/** Empty where clocks cannot be set. */
export const CLOCKS: readonly FaultRow[] =
  faketime() === undefined ? [] : CLOCK_PARTS.flatMap((part) => JUMPS.map((each) => jump(part, each)));
