import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { engineNamespaces, hostRoots } from "./host-root.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ambit-proc-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function runs(pid: number, command: string): void {
  mkdirSync(join(folder, String(pid)));
  writeFileSync(join(folder, String(pid), "comm"), `${command}\n`);
}

test("hostRoots() goes through the first process and through engines", () => {
  runs(1, "init");
  runs(70, "dockerd");
  runs(71, "node");
  mkdirSync(join(folder, "sys"));
  expect(hostRoots(folder)).toEqual([`${folder}/1/root`, `${folder}/70/root`]);
});

test("engineNamespaces() takes the first root in which an engine keeps something", () => {
  const roots = ["first", "second"].map((name) => join(folder, name));
  mkdirSync(join(folder, "second/run/docker"), { recursive: true });
  // On a machine with an engine of its own that one is nearer.
  const own = engineNamespaces(() => []);
  const found = engineNamespaces(() => roots);
  expect([`${folder}/second/run/docker/netns`, own]).toContain(found);
});
