/**
 * `npm test`: unit, golden, property and contract tests, then the end-to-end tests. Ends with one line
 * `N passed, N failed, N skipped`; exit status 1 when anything failed. `--unit` or `--e2e` runs one half;
 * other arguments are handed to vitest as file filters.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

const root = join(import.meta.dirname, "..");

function runVitest(config: string, filters: readonly string[], scratch: string): Counts {
  const report = join(scratch, `${config}.json`);
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const args = [
    vitest,
    "run",
    "--config",
    config,
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    "--passWithNoTests",
  ];
  const cache = join(root, ".cache/bin");
  const path = [cache, process.env["PATH"] ?? "", "/usr/sbin", "/sbin"].join(delimiter);
  const run = spawnSync(process.execPath, [...args, ...filters], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, PATH: path },
  });
  if (!existsSync(report)) return { passed: 0, failed: 1, skipped: 0 };
  const json = JSON.parse(readFileSync(report, "utf8")) as {
    numPassedTests: number;
    numFailedTests: number;
    numPendingTests: number;
    numTodoTests: number;
  };
  const failed = json.numFailedTests;
  // A file that cannot be loaded fails without a test of its own; an unhandled error shows in the status only.
  return {
    passed: json.numPassedTests,
    failed: failed === 0 && run.status !== 0 ? 1 : failed,
    skipped: json.numPendingTests + json.numTodoTests,
  };
}

function main(): void {
  const args = process.argv.slice(2);
  const filters = args.filter((arg) => !arg.startsWith("--"));
  const configs = [
    ...(args.includes("--e2e") ? [] : ["vitest.config.ts"]),
    ...(args.includes("--unit") ? [] : ["vitest.e2e.config.ts"]),
  ];
  const scratch = mkdtempSync(join(tmpdir(), "ambit-test-"));
  try {
    const total: Counts = { passed: 0, failed: 0, skipped: 0 };
    for (const config of configs) {
      const counts = runVitest(config, filters, scratch);
      total.passed += counts.passed;
      total.failed += counts.failed;
      total.skipped += counts.skipped;
    }
    const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : "";
    process.stdout.write(`${total.passed} passed, ${total.failed} failed${skipped}\n`);
    if (total.failed > 0 || total.passed === 0) process.exitCode = 1;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

main();
