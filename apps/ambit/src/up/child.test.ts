import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { seededRandom } from "@ambit/base/random.ts";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { Component } from "./child.ts";

/** A part of the mesh that says which start it was and ends. */
function dying(): { component: Component; clock: FakeClock; log: () => string; deaths: () => Promise<void> } {
  const folder = mkdtempSync(join(tmpdir(), "ambit-child-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const logPath = join(folder, "part.log");
  const clock = new FakeClock();
  const spec = {
    name: "part",
    command: ["sh", "-c", 'echo "start${NOTE}"; exit 3'],
    environment: { PATH: process.env["PATH"] ?? "" },
    firstStart: { NOTE: " anew" },
    logPath,
    adminSocket: join(folder, "admin.sock"),
  };
  const component = new Component(spec, { clock, random: seededRandom(1) });
  const deaths = async (): Promise<void> => {
    while (component.state.pid !== undefined)
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
  };
  return { component, clock, log: () => readFileSync(logPath, "utf8"), deaths };
}

test("a part that dies is started again within half a second, also the twentieth time", async () => {
  const { component, clock, log, deaths } = dying();
  component.start();
  for (let death = 1; death <= 20; death++) {
    await deaths();
    expect(component.state).toMatchObject({ restarts: death, lastExit: "status 3" });
    expect(log().trim().split("\n")).toHaveLength(death);
    await clock.advance(500);
  }
  await deaths();
  expect(log()).toBe(`start anew\n${"start\n".repeat(20)}`);
});

test("a part that was told to stop stays away", async () => {
  const { component, clock, deaths } = dying();
  component.start();
  await component.stop(1_000);
  await deaths();
  await clock.advance(60_000);
  expect(component.state).toMatchObject({ pid: undefined, restarts: 0 });
});
