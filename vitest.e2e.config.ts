import { defineConfig } from "vitest/config";

// End-to-end tests: real processes in real network namespaces, one file at a time.
export default defineConfig({
  test: {
    include: ["tests/e2e/**/*.e2e.ts", "tests/faults/**/*.e2e.ts", "tests/attacks/**/*.e2e.ts"],
    pool: "forks",
    maxWorkers: 1,
    fileParallelism: false,
    reporters: ["default"],
    testTimeout: 120_000,
    hookTimeout: 180_000,
  },
});
