/**
 * Rewrites the expected files of the golden pairs (`testdata/<case>.in.yaml`, `.out.yaml`) from what the code does now.
 * Look at the diff before committing it: the diff is the review.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");

const done = spawnSync(
  process.execPath,
  [join(root, "node_modules/vitest/vitest.mjs"), "run", "golden.test.ts"],
  {
    cwd: root,
    env: { ...process.env, AMBIT_GOLDEN: "rewrite" },
    stdio: "inherit",
  },
);
process.exitCode = done.status ?? 1;
