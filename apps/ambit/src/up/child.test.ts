import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { seededRandom } from "@ambit/base/random.ts";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { Component } from "./child.ts";

/** A part of the mesh that says which start it was and runs until it is killed. */
function part() {
  const folder = mkdtempSync(join(tmpdir(), "ambit-child-"));
  const logPath = join(folder, "part.log");
  const clock = new FakeClock();
  const spec = {
    name: "part",
    command: ["sh", "-c", 'echo "start${NOTE}"; exec sleep 1000'],
    environment: { PATH: process.env["PATH"] ?? "" },
    firstStart: { NOTE: " anew" },
    logPath,
    adminSocket: join(folder, "admin.sock"),
  };
  const component = new Component(spec, { clock, random: seededRandom(1) });
  onTestFinished(async () => {
    await component.stop(1_000);
    rmSync(folder, { recursive: true, force: true });
  });
  return { component, clock, log: () => readFileSync(logPath, "utf8") };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition())
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
}

test("a part that dies is started again within half a second, also the twentieth time", async () => {
  const { component, clock, log } = part();
  component.start();
  for (let death = 1; death <= 20; death++) {
    await until(() => log().split("\n").length === death + 1);
    const { pid } = component.state;
    if (pid === undefined) throw new Error("it does not run");
    process.kill(pid, "SIGKILL");
    await until(() => component.state.pid === undefined);
    expect(component.state).toMatchObject({ restarts: death, lastExit: "SIGKILL" });
    await clock.advance(500);
    expect(component.state.pid).toBeDefined();
  }
  await until(() => log().split("\n").length === 22);
  expect(log()).toBe(`start anew\n${"start\n".repeat(20)}`);
});

test("a part that was told to stop stays away", async () => {
  const { component, clock } = part();
  component.start();
  await component.stop(1_000);
  await clock.advance(60_000);
  expect(component.state).toMatchObject({ pid: undefined, restarts: 0 });
});
