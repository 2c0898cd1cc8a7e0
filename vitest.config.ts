import { defineConfig } from "vitest/config";

// Unit, golden, property and contract tests: no isolation, one process, no globals to leak.
export default defineConfig({
  test: {
    include: [
      "libs/*/src/**/*.test.ts",
      "apps/*/src/**/*.test.ts",
      "tools/**/*.test.ts",
      "samples/**/*.test.ts",
      "tests/fuzz/**/*.test.ts",
      "tests/bench/**/*.test.ts",
      "tests/attacks/**/*.test.ts",
    ],
    isolate: false,
    pool: "forks",
    maxWorkers: 2,
    reporters: ["default"],
    testTimeout: 20_000,
  },
});
