/**
 * `npm run bench -- [--rounds N] [--rows a,b] [--variants a,b] [--seconds N] [--bulk BYTES] [--idle N] [--warm SECONDS]
 * [--store]`: the node
 * proxies against peers in the same places, in interleaved rounds. See README.md beside this file.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { cpuSeconds, residentMiB } from "./cpu.ts";
import { pause, runJson } from "./mesh.ts";
import type { LoadResult } from "./load/protocol.ts";
import { formatReport, storeResults, type Memory, type Sample } from "./report.ts";
import { rowsFor, type Row } from "./rows.ts";
import { Variants, type Variant } from "./variants.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "6" },
    rows: { type: "string", default: "" },
    variants: { type: "string", default: "" },
    seconds: { type: "string", default: "3" },
    bulk: { type: "string", default: "1500000000" },
    idle: { type: "string", default: "2000" },
    warm: { type: "string", default: "15" },
    store: { type: "boolean", default: false },
  },
});

/** The command line of a load program; undefined where the variant has no tunnel to be shaken hands with. */
function loadCommand(
  variant: Variant,
  program: Row["program"],
  args: readonly string[],
): readonly string[] | undefined {
  const { tunnel } = variant;
  const place = program === "handshakes" ? tunnel : variant;
  if (place === undefined) return undefined;
  const words = args.flatMap((arg) => {
    if (arg === "@") return place.address;
    return arg === "@certificates" ? [tunnel?.folder ?? ""] : [arg];
  });
  const load = join(import.meta.dirname, "load", `${program}.ts`);
  return place.run([process.execPath, "--disable-warning=ExperimentalWarning", load, ...words]);
}

async function runOnce(row: Row, round: number, variant: Variant): Promise<Sample | undefined> {
  const command = loadCommand(variant, row.program, row.args);
  if (command === undefined) return undefined;
  const before = cpuSeconds(variant.pids());
  try {
    const result = await runJson<LoadResult>(command, 60_000);
    const cpu = ((cpuSeconds(variant.pids()) - before) / result.units) * row.cpuFactor;
    return { row: row.name, round, variant: variant.name, result, cpu };
  } catch (thrown) {
    process.stderr.write(`FAILED ${row.name} ${variant.name}: ${(thrown as Error).message}\n`);
    return undefined;
  }
}

/** From start to rest: our proxies give back what the start has taken after a minute without work. */
const REST_MS = 90_000;

/** Memory at rest and with idle connections held. */
async function measureMemory(variant: Variant, connections: number): Promise<Memory> {
  const restMiB = residentMiB(variant.pids());
  const [file = "", ...args] = loadCommand(variant, "client", ["idle", "@", String(connections)]) ?? [];
  const holder = spawn(file, args, { stdio: ["pipe", "pipe", "inherit"] });
  const line = await new Promise<string>((resolve) => {
    holder.stdout.once("data", (bytes: Buffer) => resolve(bytes.toString("utf8")));
    holder.once("exit", () => resolve("{}"));
  });
  const { units = 0 } = JSON.parse(line) as { readonly units?: number };
  if (units < connections)
    process.stderr.write(`${variant.name} holds ${units} of ${connections} idle connections\n`);
  await pause(500);
  const idleMiB = residentMiB(variant.pids());
  holder.stdin.end();
  await new Promise((resolve) => {
    holder.once("exit", resolve);
  });
  return { variant: variant.name, restMiB, idleMiB, idleConnections: units };
}

async function runRound(
  round: number,
  variants: readonly Variant[],
  rows: readonly Row[],
): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  for (const row of rows) {
    // The order turns round, so that what drifts does not favour anybody.
    for (const variant of round % 2 === 0 ? variants : variants.toReversed()) {
      const sample = await runOnce(row, round, variant);
      if (sample !== undefined) samples.push(sample);
    }
  }
  return samples;
}

async function measure(variants: readonly Variant[], rows: readonly Row[]): Promise<void> {
  const memory: Memory[] = [];
  const idle = Number(values.idle);
  if (idle > 0) {
    await pause(REST_MS);
    for (const variant of variants.filter(({ name }) => name !== "direct"))
      memory.push(await measureMemory(variant, idle));
  }
  // Nobody's first round counts: proxies run for weeks, and caches, windows and compiled code are warm then. It is longer
  // than the others, as compilers work on what has run for many seconds.
  await runRound(-1, variants, wantedAt(Number(values.warm)));
  const samples: Sample[] = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    samples.push(...(await runRound(round, variants, rows)));
    process.stderr.write(`round ${round + 1} of ${values.rounds} done\n`);
  }
  process.stdout.write(formatReport(rows, samples, memory));
  if (values.store)
    process.stdout.write(`stored ${storeResults(join(import.meta.dirname, "results"), samples, memory)}\n`);
}

const names = (text: string): readonly string[] => text.split(",").filter((name) => name !== "");
const wantedRows = names(values.rows);
const rows = wantedAt(Number(values.seconds));

function wantedAt(seconds: number): readonly Row[] {
  return rowsFor({ bulkBytes: Number(values.bulk), seconds }).filter(
    (row) => wantedRows.length === 0 || wantedRows.includes(row.name),
  );
}
const folder = mkdtempSync(join(tmpdir(), "ambit-bench-"));
const variants = new Variants(folder);
try {
  await variants.up(names(values.variants));
  await measure(variants.list, rows);
} finally {
  variants.down();
  rmSync(folder, { recursive: true, force: true });
}
