import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { ScaleControlPlane } from "../../bench/scale/control-plane.ts";
import { writeFleet } from "../../bench/scale/fleet.ts";
import { measureScale } from "../../bench/scale/measure.ts";
import { formatScale } from "../../bench/scale/table.ts";

const folder = mkdtempSync(join(tmpdir(), "ambit-scale-e2e-"));
const plane = new ScaleControlPlane(join(folder, "state"), []);

afterAll(async () => {
  await plane.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("a small fleet goes through every stage and nothing that changed is missing at any proxy", async () => {
  const fleet = writeFleet(join(folder, "fleet"), {
    services: 20,
    workloads: 120,
    nodes: 4,
    namespaces: 3,
    policies: 8,
    seed: 7,
  });
  const load = {
    proxies: 25,
    processes: 2,
    connectPerSecond: 50,
    changes: 6,
    churnPerSecond: 200,
    churnSeconds: 1,
  };
  const figures = await measureScale(fleet, plane, load);
  expect(figures["churnArrivedShare"]).toBeGreaterThanOrEqual(1);
  expect(figures["streamsLost"]).toBe(0);
  expect(figures["changeBytes"]).toBeGreaterThan(100);
  expect(formatScale(figures).split("\n").length).toBeGreaterThan(15);
});
