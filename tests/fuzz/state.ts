import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

/** How far a target is: the next run goes on with the next input of the last seed. */
export interface FuzzState {
  readonly seed: number;
  /** Inputs that are done, by seed. */
  readonly counts: Readonly<Record<string, number>>;
}

/** Where a target stands; at the first input of seed 1 when it never ran. */
export function readState(target: string): FuzzState {
  const path = statePath(target);
  if (!existsSync(path)) return { seed: 1, counts: {} };
  return JSON.parse(readFileSync(path, "utf8")) as FuzzState;
}

/** Notes that `count` inputs of `seed` are done. What is known of other seeds stays. Returns the inputs of all seeds. */
export function noteDone(target: string, seed: number, count: number): number {
  const counts: Record<string, number> = { ...readState(target).counts, [seed]: count };
  mkdirSync(join(ROOT, ".cache/fuzz"), { recursive: true });
  writeFileSync(statePath(target), `${JSON.stringify({ seed, counts } satisfies FuzzState)}\n`);
  return Object.values(counts).reduce((sum, each) => sum + each, 0);
}

/** Keeps an input for ever: every run of the tests feeds it again. Returns the path within the repository. */
export function keepInput(target: string, input: Uint8Array): string {
  const folder = join("tests/fuzz/regressions", target);
  mkdirSync(join(ROOT, folder), { recursive: true });
  const path = join(folder, `${createHash("sha256").update(input).digest("hex").slice(0, 12)}.bin`);
  writeFileSync(join(ROOT, path), input);
  return path;
}

/** Inputs that once were findings. */
export function keptInputs(target: string): readonly { readonly name: string; readonly input: Uint8Array }[] {
  const folder = join(import.meta.dirname, "regressions", target);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .toSorted()
    .map((name) => ({ name, input: Uint8Array.from(readFileSync(join(folder, name))) }));
}

function statePath(target: string): string {
  return join(ROOT, ".cache/fuzz", `${target}.json`);
}
