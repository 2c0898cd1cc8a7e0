import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DockerRig, web } from "../../testing/docker-rig.ts";

let dir: string;
let rig: DockerRig;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "ambit-docker-"));
  rig = new DockerRig(dir);
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

function pod(): string {
  return readFileSync(join(dir, "pods/shop_shop-web-1.yaml"), "utf8");
}

describe("DockerPlatform: what containers sent before their capture", () => {
  const SENT = { connections: 1, bytes: 240 };
  const warning = "a container sent packets before it was captured: undefined";
  const early = () => rig.platform.rows().map((row) => row.early);

  test("rulesIn() finds it out once, says it, and shows it", async () => {
    await rig.start();
    await rig.happens("start", web());
    rig.traffic = SENT;
    rig.platform.rulesIn("/ns/another");
    expect(early()).toEqual([undefined]);
    rig.platform.rulesIn("/ns/1");
    expect(early()).toEqual([{ reason: "unseen", ...SENT }]);
    expect(pod()).toContain("ambit.dev/early-send: unseen 1 240");
    rig.traffic = { connections: 9, bytes: 9_000 };
    rig.platform.rulesIn("/ns/1");
    expect(early()).toEqual([{ reason: "unseen", ...SENT }]);
    expect(rig.earlySends).toEqual(["unseen"]);
    expect(rig.warnings).toEqual([warning]);
  });

  test("rulesIn() says nothing of one that was held in time, has sent nothing, or cannot be looked at", async () => {
    await rig.start();
    rig.record = { state: "held", traffic: { connections: 0, bytes: 0 } };
    rig.traffic = SENT;
    await rig.happens("start", web());
    rig.platform.rulesIn("/ns/1");
    rig.record = { state: "unseen" };
    rig.traffic = undefined;
    await rig.happens("start", web({ id: "c2", name: "shop-web-2", sandboxKey: "/ns/2" }));
    rig.platform.rulesIn("/ns/2");
    expect(early()).toEqual([undefined, undefined]);
    expect(rig.warnings).toEqual([]);
  });

  test("what ran before the agent was seen by nobody; the next run knows it of the same pod, and not of its next start", async () => {
    await rig.start(web());
    rig.traffic = SENT;
    rig.platform.rulesIn("/ns/1");
    rig.platform.annotate(rig.sandboxes[0]?.uid ?? "", "enabled");
    expect(early()).toEqual([{ reason: "away", ...SENT }]);
    await rig.platform.stop();
    rig = new DockerRig(dir, rig);
    rig.traffic = { connections: 9, bytes: 9_000 };
    await rig.start();
    rig.platform.rulesIn("/ns/1");
    expect(early()).toEqual([{ reason: "away", ...SENT }]);
    expect(rig.earlySends).toEqual([]);
    rig.record = { state: "held", traffic: { connections: 0, bytes: 0 } };
    await rig.happens("start", web({ startedAt: "2026-01-01T01:00:00Z", sandboxKey: "/ns/2" }));
    rig.platform.rulesIn("/ns/2");
    expect(early()).toEqual([undefined]);
    expect(pod()).not.toContain("early-send");
  });

  test("expects a restart from the moment its processes end: the engine answers only when it is over", async () => {
    await rig.start(web());
    expect([rig.platform.expecting, rig.platform.starting]).toEqual([false, false]);
    rig.engine.hold("inspect");
    await rig.happens("die", web({ startedAt: "2026-01-01T01:00:00Z", sandboxKey: "/ns/2" }));
    expect([rig.platform.expecting, rig.platform.starting]).toEqual([true, true]);
    rig.engine.letGo();
    await rig.settle();
    expect(rig.sandboxes.at(-1)?.netnsPath).toBe("/ns/2");
    expect([rig.platform.expecting, rig.platform.starting]).toEqual([false, false]);
  });
});
