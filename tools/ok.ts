/**
 * `npm run ok`, the one gate: format, type-aware lint, types, import rules, dead code, generated code up to date,
 * and unit, golden and contract tests. Every step runs; exit status 1 when any failed.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const sources = ["apps", "libs", "tools", "tests", "samples", "vitest.config.ts", "vitest.e2e.config.ts"];

const steps: ReadonlyArray<readonly [name: string, command: string, ...args: string[]]> = [
  ["format", "oxfmt", "--check", ...sources],
  ["lint", "oxlint", "--type-aware", ...sources],
  ["types", "tsc", "-p", "."],
  ["rooms", "node", "tools/boundaries.ts"],
  ["dead code", "knip", "--no-progress"],
  ["generated code", "node", "tools/gen-proto.ts", "--check"],
  ["tests", "node", "tools/test.ts", "--unit"],
];

const failed: string[] = [];
for (const [name, command, ...args] of steps) {
  const started = performance.now();
  process.stdout.write(`== ${name}\n`);
  const run = spawnSync(join(root, "node_modules/.bin", command), args, {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const ok = run.status === 0;
  if (!ok) failed.push(name);
  process.stdout.write(`== ${name}: ${ok ? "ok" : "FAILED"} (${seconds} s)\n`);
}
process.stdout.write(failed.length === 0 ? "gate: ok\n" : `gate: FAILED (${failed.join(", ")})\n`);
if (failed.length > 0) process.exitCode = 1;
