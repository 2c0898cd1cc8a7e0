import { cpSync } from "node:fs";
import { join } from "node:path";
import { Load } from "../e2e/support/load.ts";
import { pause } from "../e2e/support/mesh.ts";
import { HeldConnections } from "./held.ts";
import type { FaultRow, RoundFigures, RowResult } from "./row.ts";
import { BUS_CUT, BUS_LOSS, REVOCATION } from "./rows/bus.ts";
import { CLOCKS } from "./rows/clocks.ts";
import { KILLS } from "./rows/kills.ts";
import { LIMITS } from "./rows/limits.ts";
import { MEMORY } from "./rows/memory.ts";
import { soak } from "./rows/soak.ts";
import { UPGRADE } from "./rows/upgrade.ts";
import { CANARY, FaultWorld, type WorldKind, type WorldReport } from "./world.ts";

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
  /** Bytes of packets between the nodes that were looked at, from the first to the last. */
  readonly packetBytes: number;
  /** Packets that came too fast to be looked at. */
  readonly packetsDropped: number;
  /** Whether a request's text was among them. */
  readonly sawPlaintext: boolean;
  /** Seconds in which forbidden pods that never stop asking got an answer. */
  readonly intruderServed: number;
}

const ROWS: readonly FaultRow[] = [
  ...KILLS,
  UPGRADE,
  REVOCATION,
  BUS_LOSS,
  BUS_CUT,
  ...LIMITS,
  MEMORY,
  ...CLOCKS,
];

const FORBIDDEN_PER_SECOND = 20;

/** Does every fault to a mesh, one after the other; each kind of world is a mesh of its own. */
export async function runFaults(options: FaultOptions): Promise<FaultsResult> {
  const { only, soakMinutes } = options;
  const all = soakMinutes === undefined ? ROWS : [...ROWS, soak(soakMinutes)];
  const wanted = all.filter(
    (row) => roundsOf(row, options) > 0 && (only === undefined || only.some((id) => row.id.startsWith(id))),
  );
  const rows: RowResult[] = [];
  const reports: WorldReport[] = [];
  for (const kind of ["plain", "clocks"] as const) {
    const own = wanted.filter((row) => (row.world ?? "plain") === kind);
    if (own.length > 0) reports.push(await runWorld(kind, own, options, rows));
  }
  const sum = (read: (report: WorldReport) => number): number =>
    reports.reduce((total, report) => total + read(report), 0);
  return {
    rows,
    packetBytes: sum(({ packets }) => packets.bytes),
    packetsDropped: sum(({ packets }) => packets.dropped),
    sawPlaintext: reports.some(({ packets }) => packets.found.length > 0),
    intruderServed: sum(({ intruderServed }) => intruderServed),
  };
}

function roundsOf({ rounds }: FaultRow, options: FaultOptions): number {
  return options.rounds ?? (options.isShort ? rounds.short : rounds.long);
}

async function runWorld(
  kind: WorldKind,
  rows: readonly FaultRow[],
  options: FaultOptions,
  results: RowResult[],
): Promise<WorldReport> {
  const { keep } = options;
  const world = new FaultWorld(kind);
  try {
    await world.open();
    for (const row of rows) {
      const result = await (row.isWithoutLoad === true ? runAlone : runRow)(world, row, options);
      results.push(result);
      if (!result.ok && keep !== undefined) {
        cpSync(join(world.mesh.state, "logs"), join(keep, row.id.replaceAll(/\W/g, "-")), {
          recursive: true,
        });
      }
      options.onRow?.(result);
    }
    return await world.report();
  } catch (thrown) {
    throw new Error(`The faults could not be done\n${world.mesh.componentLogs()}`, { cause: thrown });
  } finally {
    await world.close();
  }
}

/** Rounds whose figures count, and what was broken. */
interface Rounds {
  readonly rounds: number;
  readonly figures: RoundFigures[];
  readonly broken: string[];
}

async function runRounds(world: FaultWorld, row: FaultRow, options: FaultOptions): Promise<Rounds> {
  const done: Rounds = { rounds: roundsOf(row, options), figures: [], broken: [] };
  for (let round = 0; round < done.rounds; round++) {
    const outcome = await row.act(world, options).catch((thrown: unknown) => String(thrown));
    if (typeof outcome === "string") done.broken.push(outcome);
    else done.figures.push(outcome);
  }
  return done;
}

/** A row whose fault the pods of the load do not live through. */
async function runAlone(world: FaultWorld, row: FaultRow, options: FaultOptions): Promise<RowResult> {
  const { rounds, figures, broken } = await runRounds(world, row, options);
  const nothing = {
    served: 0,
    failed: 0,
    lastError: "",
    held: 0,
    heldEnded: 0,
    wronglyAllowed: 0,
    refused: 0,
  };
  const { id, name } = row;
  return { id, name, rounds, ...nothing, figures: spread(figures), broken, ok: broken.length === 0 };
}

async function runRow(world: FaultWorld, row: FaultRow, options: FaultOptions): Promise<RowResult> {
  const { mesh } = world;
  const url = `http://myapp/${CANARY}`;
  const load = Load.start(mesh, "client", url, options.perSecond);
  const forbidden = Load.start(mesh, "intruder", url, FORBIDDEN_PER_SECOND);
  const held = await HeldConnections.open(mesh, "client", { host: "myapp", port: 80 }, options.held);
  const { rounds, figures, broken } = await runRounds(world, row, options);
  if (held.refused > 0) broken.push(`${held.refused} held connections were never served`);
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
