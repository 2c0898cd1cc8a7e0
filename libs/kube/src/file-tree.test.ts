import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { silentLogger } from "@ambit/base/logger.ts";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { FileTree } from "./file-tree.ts";

/** Notes how long the tree plans ahead. */
class NotedClock extends FakeClock {
  readonly delays: number[] = [];

  override after(delayMs: number, run: () => void): { cancel(): void } {
    this.delays.push(delayMs);
    return super.after(delayMs, run);
  }
}

let dir: string;
let clock: NotedClock;
let reported: string[];
let tree: FileTree;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "ambit-tree-"));
  writeFileSync(join(dir, "a.yaml"), "a: 1\n");
  clock = new NotedClock();
  reported = [];
  const onChanges = async (changes: readonly { path: string }[]): Promise<void> => {
    reported.push(...changes.map(({ path }) => path));
    return await Promise.resolve();
  };
  tree = new FileTree([dir], { clock, logger: silentLogger, onChanges });
  await tree.start();
  reported.length = 0;
});

afterEach(() => {
  tree.stop();
  rmSync(dir, { recursive: true, force: true });
});

test("recheck() reports a file again in a second by itself", async () => {
  tree.recheck(join(dir, "a.yaml"));
  expect(clock.delays.at(-1)).toBe(1_000);
  await clock.advance(1_000);
  await pause(20);
  expect(reported).toEqual([join(dir, "a.yaml")]);
});

test("a look that took long because the process was frozen does not put the next one off", async () => {
  // The periodic look begins, and ten seconds pass before it ends.
  await clock.advance(1_000);
  await clock.advance(10_000);
  await pause(50);
  const planned = clock.delays.length;
  await clock.advance(1_000);
  await pause(50);
  expect(clock.delays.length).toBeGreaterThan(planned);
  expect(Math.max(...clock.delays)).toBe(1_000);
});
