import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Load } from "../e2e/support/load.ts";
import { TestMesh } from "../e2e/support/mesh.ts";
import { HeldConnection } from "../e2e/support/probe.ts";
import type { Line, RowResult } from "./attacker.ts";
import { grown, type Usage } from "./usage.ts";

/** Part of each attack that a short run makes. */
export const SHORT_SCALE = 0.1;

/** Victims: new connections a second, and held ones. */
const VICTIMS = { perSecond: 25, held: 3 } as const;

export interface SiegeOptions {
  /** Part of the whole size of an attack. @default 1 */
  readonly scale?: number;
  /** Beginnings of the ids of the rows to run, with commas; all when empty. */
  readonly only?: string;
  readonly onRow?: (row: RowResult) => void;
}

/** The summary of a siege; printed as one line of JSON. */
export interface SiegeResult {
  readonly rows: number;
  readonly wrong: number;
  readonly wrongRows: readonly RowResult[];
  readonly victims: {
    readonly served: number;
    readonly failed: number;
    readonly lastError: string;
    readonly heldCut: number;
  };
  readonly before: Usage;
  readonly after: Usage;
  /** Parts of the mesh whose memory is not back within a tenth; a short run does not wait for that. */
  readonly grown: readonly string[];
  readonly seconds: number;
}

/** One mesh, its victims, and every row one after the other. */
export async function besiege(options: SiegeOptions = {}): Promise<SiegeResult> {
  const started = performance.now();
  const mesh = new TestMesh();
  try {
    // A machine that has other things to do takes its time.
    await mesh.up(180_000);
    const load = Load.start(mesh, "client", "http://myapp/", VICTIMS.perSecond);
    const held = await Promise.all(
      Array.from({ length: VICTIMS.held }, () => HeldConnection.open(mesh, "client", "myapp", 80)),
    );
    const seen = await attack(mesh, options);
    const heldCut = held.filter((each) => !each.open).length;
    for (const each of held) each.close();
    const { ok, failed, lastError } = await load.stop();
    const wrongRows = seen.rows.filter((row) => !row.ok);
    return {
      rows: seen.rows.length,
      wrong: wrongRows.length,
      wrongRows,
      victims: { served: ok, failed, lastError, heldCut },
      before: seen.before,
      after: seen.after,
      grown: grown(seen.before, seen.after),
      seconds: Math.round((performance.now() - started) / 1000),
    };
  } finally {
    await mesh.remove();
  }
}

interface Seen {
  readonly rows: readonly RowResult[];
  readonly before: Usage;
  readonly after: Usage;
}

/** Runs the attacker inside the sandbox, in the network of the node that the target is not on. */
async function attack(mesh: TestMesh, options: SiegeOptions): Promise<Seen> {
  const record = JSON.parse(readFileSync(join(mesh.state, "mesh.json"), "utf8")) as {
    innerPid: number;
    rootless: boolean;
  };
  const user = record.rootless && process.getuid?.() !== 0 ? ["--user", "--preserve-credentials"] : [];
  const enter = [`--target=${record.innerPid}`, ...user, "--mount", "--net", "--pid", "--"];
  const node = ["nsenter", "--net=/run/netns/node-a", "--"];
  const scratch = mkdtempSync(join(mesh.folder, "attacker-"));
  const program = [
    process.execPath,
    "--disable-warning=ExperimentalWarning",
    join(import.meta.dirname, "attacker.ts"),
  ];
  const args = [mesh.state, mesh.manifests, scratch, String(options.scale ?? 1), options.only ?? ""];
  const child = spawn("nsenter", [...enter, ...node, ...program, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const rows: RowResult[] = [];
  let before: Usage | undefined;
  let after: Usage | undefined;
  for await (const text of createInterface({ input: child.stdout })) {
    const line = JSON.parse(text) as Line;
    if ("before" in line) before = line.before;
    else if ("after" in line) after = line.after;
    else {
      rows.push(line.row);
      options.onRow?.(line.row);
    }
  }
  if (before === undefined || after === undefined) {
    const how = child.exitCode ?? child.signalCode ?? "unknown";
    // Thrown before the mesh goes, and the victims with it.
    process.stderr.write(`The attacker ended (${how}) after ${rows.length} rows\n`);
    throw new Error(`The attacker ended (${how}) after ${rows.length} rows:\n${mesh.componentLogs()}`);
  }
  return { rows, before, after };
}
