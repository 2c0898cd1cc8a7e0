import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { composeRecord, inCompose, replicaSockets } from "./compose-mesh.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ambit-compose-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("replicaSockets() names the youngest first, and nothing else that lies there", () => {
  for (const [age, name] of ["new.sock", "old.sock", "notes.txt"].entries()) {
    writeFileSync(join(folder, name), "");
    utimesSync(join(folder, name), 1_000 - age, 1_000 - age);
  }
  expect(replicaSockets(folder)).toEqual([join(folder, "new.sock"), join(folder, "old.sock")]);
});

test("replicaSockets() is empty where nothing is mounted", () => {
  expect(replicaSockets(join(folder, "nothing"))).toEqual([]);
});

test("composeRecord() tells what the container was told", () => {
  const environment = { AMBIT_PLATFORM: "docker", AMBIT_NODES: "docker", AMBIT_SOURCE_DIR: "/etc/manifests" };
  expect(inCompose(environment)).toBe(true);
  expect(inCompose({})).toBe(false);
  expect(composeRecord(folder, environment)).toMatchObject({
    mode: "compose",
    nodes: ["docker"],
    sourceDir: "/etc/manifests",
    startedAt: 0,
  });
});
