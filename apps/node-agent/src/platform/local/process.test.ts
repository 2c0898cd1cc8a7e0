import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { seededRandom } from "@ambit/base/random.ts";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { Journal } from "./journal.ts";
import { ContainerProcess, type ContainerProcessOptions } from "./process.ts";

/** Resolves when the process has run once more and ended. */
async function nextExit(process: ContainerProcess, reaches: (phase: string) => Promise<void>): Promise<void> {
  const before = process.lastExit;
  for (;;) {
    await reaches("waiting");
    if (process.lastExit !== before) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe("ContainerProcess", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "ambit-process-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function rig(script: string, options: Partial<ContainerProcessOptions> = {}) {
    const clock = new FakeClock();
    const journal = new Journal(join(folder, "journal"));
    let changed = (): void => undefined;
    const process = new ContainerProcess(
      {
        logPath: join(folder, "logs/pod.log"),
        restartPolicy: "Always",
        launch: () => ({ command: ["sh", "-c", script], env: { PATH: "/usr/bin:/bin" } }),
        onChange: () => changed(),
        ...options,
      },
      { clock, random: seededRandom(1), journal },
    );
    /** Resolves when the process is in that phase. */
    const reaches = (phase: string): Promise<void> =>
      new Promise((resolve) => {
        changed = () => {
          // Before its first run a process waits as well.
          if (process.state.phase === phase && (phase === "running" || process.lastExit !== undefined))
            resolve();
        };
        changed();
      });
    return {
      clock,
      journal,
      process,
      reaches,
      log: () => readFileSync(join(folder, "logs/pod.log"), "utf8"),
    };
  }

  test("starts again with growing delays, and tells why in the log", async () => {
    const { clock, process, reaches, log } = rig("echo hello; exit 3");
    process.start();
    await reaches("waiting");
    for (const seconds of [1, 2, 4]) {
      expect(process.state).toMatchObject({
        reason: "CrashLoopBackOff",
        message: expect.stringContaining(`starting again in ${seconds} s`),
      });
      await clock.advance(seconds * 1000 - 1);
      expect(process.state.phase).toBe("waiting");
      const ended = nextExit(process, reaches);
      await clock.advance(1);
      await ended;
    }
    expect(process.restarts).toBe(3);
    expect(log()).toContain("hello\nambit: ended with status 3 (Error), starting again in 1 s");
    await process.stop(0);
  });

  test("keeps a process that ended as its policy says", async () => {
    const good = rig("exit 0", { restartPolicy: "OnFailure" });
    good.process.start();
    await good.reaches("terminated");
    expect(good.process.state).toEqual({ phase: "terminated", exitCode: 0, reason: "Completed" });
    const bad = rig("exit 9", { restartPolicy: "Never" });
    bad.process.start();
    await bad.reaches("terminated");
    expect(bad.process.state).toMatchObject({ exitCode: 9 });
  });

  test("stop() ends the whole group, kindly first and then by force", async () => {
    const { clock, process, reaches, journal } = rig("trap '' TERM; while :; do sleep 60; done");
    process.start();
    await reaches("running");
    expect(journal.entries()).toHaveLength(1);
    const stopped = process.stop(2_000);
    await clock.advance(2_000);
    await stopped;
    expect(process.lastExit).toMatchObject({ exitCode: 137 });
    expect(journal.entries()).toEqual([]);
  });

  test("takes a launch that cannot be planned as a failed start", async () => {
    const { process, reaches, log } = rig("", {
      launch: () => {
        throw new Error("no such image");
      },
    });
    process.start();
    await reaches("waiting");
    expect(process.state).toMatchObject({ reason: "CreateContainerConfigError" });
    expect(log()).toContain("no such image");
    await process.stop(0);
  });

  test("takes a program that is not there as a failed start", async () => {
    const { process, reaches } = rig("", { launch: () => ({ command: ["/nonexistent"], env: {} }) });
    process.start();
    await reaches("waiting");
    expect(process.lastExit).toMatchObject({ exitCode: 128, reason: "StartError" });
    await process.stop(0);
  });
});
