import { part, openFiles, residentMiB, SCRIPTS } from "./processes.ts";
import { SERVED, type Row, type Scale } from "./row.ts";
import { ROWS } from "./rows/all.ts";
import { openWorld, type World } from "./world.ts";

/** What one row came to; a line of JSON each. */
export interface RowResult {
  readonly id: string;
  readonly name: string;
  readonly outcome: string;
  readonly twin: string;
  readonly ok: boolean;
  readonly ms: number;
  /** Of the target's proxy. */
  readonly residentMiB: number;
}

/** What is used by whom, and how many descriptors the target's proxy has open. */
export interface Usage {
  readonly memoryMiB: Readonly<Record<string, number>>;
  readonly files: number;
}

export type Line = { readonly row: RowResult } | { readonly before: Usage } | { readonly after: Usage };

const ROW_TIMEOUT_MS = 120_000;

// Runs inside the sandbox, in the network of a node: state directory, manifests, scratch, scale, wanted rows.
const [, , state = "", manifests = "", scratch = "", scaleText = "1", only = ""] = process.argv;
const scale: Scale = Number(scaleText);
const chosen = ROWS.filter((row) =>
  only === "" ? scale === 1 || row.slow !== true : only.split(",").some((id) => row.id.startsWith(id)),
);

function print(line: Line): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function usage(world: World): Usage {
  const proxy = part(SCRIPTS.ztunnel, world.target.node) ?? 0;
  const memory = (["discovery", "ca", "bus"] as const).map(
    (name) => [name, residentMiB(part(SCRIPTS[name]) ?? 0)] as const,
  );
  return {
    memoryMiB: { ztunnel: residentMiB(proxy), ...Object.fromEntries(memory) },
    files: openFiles(proxy),
  };
}

async function inTime(work: Promise<string>): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve("timeout"), ROW_TIMEOUT_MS);
  });
  try {
    return await Promise.race([work, late]);
  } catch (thrown) {
    return `threw ${thrown instanceof Error ? thrown.message : String(thrown)}`;
  } finally {
    clearTimeout(timer);
  }
}

async function tryRow(world: World, row: Row): Promise<RowResult> {
  const started = performance.now();
  const outcome = await inTime(row.attack(world, scale));
  const twin = await inTime(row.twin(world));
  return {
    id: row.id,
    name: row.name,
    outcome,
    twin,
    ok: row.expected.includes(outcome) && twin === SERVED,
    ms: Math.round(performance.now() - started),
    residentMiB: residentMiB(part(SCRIPTS.ztunnel, world.target.node) ?? 0),
  };
}

const world = await openWorld(state, manifests, scratch);
// The first requests of a process take memory that stays; they are not the attacker's.
for (let index = 0; index < 20; index++) await ROWS[0]?.twin(world);
print({ before: usage(world) });
for (const row of chosen) print({ row: await tryRow(world, row) });
await new Promise((resolve) => {
  setTimeout(resolve, scale === 1 ? 30_000 : 3_000);
});
print({ after: usage(world) });
process.exit(0);
