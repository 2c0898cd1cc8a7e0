import { cpSync } from "node:fs";
import { join } from "node:path";
import { Load } from "../e2e/support/load.ts";
import { pause } from "../e2e/support/mesh.ts";
import { HeldConnections } from "./held.ts";
import type { FaultRow, RoundFigures, RowResult } from "./row.ts";
import { BUS_CUT, BUS_LOSS, REVOCATION } from "./rows/bus.ts";
import { KILLS } from "./rows/kills.ts";
import { LIMITS } from "./rows/limits.ts";
import { soak } from "./rows/soak.ts";
import { UPGRADE } from "./rows/upgrade.ts";
import { CANARY, FaultWorld } from "./world.ts";

export interface FaultOptions {
  readonly isShort: boolean;
  /** Rounds of every row; each row's own number when left out. */
  readonly rounds?: number;
  /** Only rows whose id starts with one of these. */
  readonly only?: readonly string[];
  /** Requests a second of the permitted client, each on a connection of its own. */
  readonly perSecond: number;
  /** Connections that are held open. */
  readonly held: number;
  readonly onRow?: (row: RowResult) => void;
  /** Adds a row without a fault, of this many minutes. */
  readonly soakMinutes?: number;
  /** Folder that gets the logs of the mesh after each row that broke a promise. */
  readonly keep?: string;
}

export interface FaultsResult {
  readonly rows: readonly RowResult[];
  /** Bytes of packets between the nodes that were looked at. */
  readonly packetBytes: number;
  /** Whether a request's text was among them. */
  readonly sawPlaintext: boolean;
}

const ROWS: readonly FaultRow[] = [...KILLS, UPGRADE, REVOCATION, BUS_LOSS, BUS_CUT, ...LIMITS];

const FORBIDDEN_PER_SECOND = 20;

/** Does every fault to a mesh of its own, one after the other, and ends with what its packets showed. */
export async function runFaults(options: FaultOptions): Promise<FaultsResult> {
  const world = new FaultWorld();
  const rows: RowResult[] = [];
  try {
    await world.open();
    const { only, soakMinutes, keep } = options;
    const all = soakMinutes === undefined ? ROWS : [...ROWS, soak(soakMinutes)];
    for (const row of all) {
      if (only !== undefined && !only.some((id) => row.id.startsWith(id))) continue;
      const result = await runRow(world, row, options);
      rows.push(result);
      if (!result.ok && keep !== undefined) {
        cpSync(join(world.mesh.state, "logs"), join(keep, row.id.replaceAll(" ", "-")), { recursive: true });
      }
      options.onRow?.(result);
    }
    const packets = await world.packets();
    const sawPlaintext = packets.includes(CANARY) || packets.includes("HTTP/1.1");
    return { rows, packetBytes: packets.length, sawPlaintext };
  } catch (thrown) {
    throw new Error(`The faults could not be done\n${world.mesh.componentLogs()}`, { cause: thrown });
  } finally {
    await world.close();
  }
}

async function runRow(world: FaultWorld, row: FaultRow, options: FaultOptions): Promise<RowResult> {
  const { mesh } = world;
  const url = `http://myapp/${CANARY}`;
  const load = Load.start(mesh, "client", url, options.perSecond);
  const forbidden = Load.start(mesh, "intruder", url, FORBIDDEN_PER_SECOND);
  const held = await HeldConnections.open(mesh, "client", { host: "myapp", port: 80 }, options.held);
  const broken: string[] = held.refused === 0 ? [] : [`${held.refused} held connections were never served`];
  const rounds = options.rounds ?? (options.isShort ? row.rounds.short : row.rounds.long);
  const figures: RoundFigures[] = [];
  for (let round = 0; round < rounds; round++) {
    const outcome = await row.act(world, options).catch((thrown: unknown) => String(thrown));
    if (typeof outcome === "string") broken.push(outcome);
    else figures.push(outcome);
  }
  // What the fault did to requests that are on their way shows now.
  await pause(500);
  const heldEnded = held.ends.length;
  const [permitted, refused] = await Promise.all([load.stop(), forbidden.stop(), held.close()]);
  if (permitted.failed > 0 && !row.mayFail)
    broken.push(`${permitted.failed} requests failed: ${permitted.lastError}`);
  if (permitted.ok === 0) broken.push("no request was served");
  if (heldEnded > 0 && !row.mayCut) broken.push(`${heldEnded} held connections ended`);
  if (refused.ok > 0) broken.push(`${refused.ok} forbidden requests were allowed`);
  if (refused.failed === 0) broken.push("no forbidden request was refused");
  return {
    id: row.id,
    name: row.name,
    rounds,
    served: permitted.ok,
    failed: permitted.failed,
    lastError: permitted.lastError,
    held: options.held,
    heldEnded,
    wronglyAllowed: refused.ok,
    refused: refused.failed,
    figures: spread(figures),
    broken,
    ok: broken.length === 0,
  };
}

function spread(all: readonly RoundFigures[]): RowResult["figures"] {
  const names = [...new Set(all.flatMap((one) => Object.keys(one)))];
  return Object.fromEntries(
    names.map((name) => {
      const values = all.flatMap((one) => one[name] ?? []).toSorted((left, right) => left - right);
      const at = (share: number): number => values[Math.round((values.length - 1) * share)] ?? 0;
      return [name, [at(0), at(0.5), at(1)]];
    }),
  );
}
