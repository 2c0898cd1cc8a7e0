import { part, openFiles, residentMiB, SCRIPTS } from "./processes.ts";
import { SERVED, type Row, type Scale } from "./row.ts";
import { ROWS } from "./rows/all.ts";
import { isBack, most, type Usage } from "./usage.ts";
import { wait } from "./wait.ts";
import { warmUp } from "./warm-up.ts";
import { openWorld, type World } from "./world.ts";

/** What one row came to; a line of JSON each. */
export interface RowResult {
  readonly id: string;
  readonly name: string;
  readonly outcome: string;
  readonly twin: string;
  readonly ok: boolean;
  readonly ms: number;
  /** Resident memory after it, by part of the mesh. */
  readonly memoryMiB: Usage["memoryMiB"];
}

export type Line = { readonly row: RowResult } | { readonly before: Usage } | { readonly after: Usage };

const ROW_TIMEOUT_MS = 120_000;
/** From the busiest hour to rest, before anything is measured: memory goes back after a quiet minute. */
const SETTLE_MS = 100_000;
/** As long is looked at what is used at rest: between two collections that changes by itself. */
const REST_LOOKS = 20;
/** Time for connections that say nothing to go and for collectors to run. */
const RETURN_MS = 240_000;

// Runs inside the sandbox, in the network of a node: state directory, manifests, scratch, scale, wanted rows.
const [, , state = "", manifests = "", scratch = "", scaleText = "1", only = ""] = process.argv;
const scale: Scale = Number(scaleText);
const chosen = ROWS.filter((row) =>
  only === ""
    ? row.onRequest !== true && (scale === 1 || row.slow !== true)
    : only.split(",").some((id) => row.id.startsWith(id)),
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

async function tryRow(world: World, row: Row, size = scale): Promise<RowResult> {
  const started = performance.now();
  const outcome = await inTime(row.attack(world, size));
  const twin = await inTime(row.twin(world));
  return {
    id: row.id,
    name: row.name,
    outcome,
    twin,
    ok: row.expected.includes(outcome) && twin === SERVED,
    ms: Math.round(performance.now() - started),
    memoryMiB: usage(world).memoryMiB,
  };
}

/** They wait for the other side's patience to end, and can do that together; each with a smaller part of its connections. */
async function makeWaits(rows: readonly Row[]): Promise<void> {
  for (const result of await Promise.all(rows.map((row) => tryRow(world, row, scale / 2))))
    print({ row: result });
}

/** What is used at rest. */
async function atRest(): Promise<Usage> {
  let seen = usage(world);
  for (let look = 0; look < REST_LOOKS * scale; look++) {
    await wait(1_000);
    seen = most(seen, usage(world));
  }
  return seen;
}

/** What is used once it is back to what it was, or once there has been time for that. */
async function settled(before: Usage): Promise<Usage> {
  const deadline = performance.now() + RETURN_MS * scale;
  for (;;) {
    const now = usage(world);
    if (isBack(before, now) || performance.now() > deadline) return now;
    await wait(1_000);
  }
}

const world = await openWorld(state, manifests, scratch);
await warmUp(world, scale);
await wait(SETTLE_MS * scale);
const before = await atRest();
print({ before });
if (scale < 1) await makeWaits(chosen.filter(({ waits }) => waits === true));
const inTurn = chosen.filter(({ waits }) => scale === 1 || waits !== true);
for (const row of inTurn) if (row.disrupts !== true) print({ row: await tryRow(world, row) });
print({ after: await settled(before) });
// A part that was started anew would have no memory of what it has been through.
for (const row of inTurn) if (row.disrupts === true) print({ row: await tryRow(world, row) });
process.exit(0);
