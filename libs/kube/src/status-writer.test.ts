import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { silentLogger } from "@ambit/base/logger.ts";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { readStatus, StatusWriter, type StatusDraft } from "./status-writer.ts";

const draft = (name: string, status: "True" | "False" = "True"): StatusDraft => ({
  apiVersion: "security.istio.io/v1",
  resource: { kind: "AuthorizationPolicy", namespace: "shop", name },
  conditions: [{ type: "Accepted", status, reason: "Accepted", message: "fine" }],
});

describe("StatusWriter", () => {
  let dir: string;
  let clock: FakeClock;
  const file = (name: string): string => join(dir, "status", `AuthorizationPolicy.shop.${name}.yaml`);
  const open = (folder = join(dir, "status")): StatusWriter =>
    new StatusWriter({ folder, fallbackFolder: join(dir, "fallback") }, { clock, logger: silentLogger });

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "ambit-status-"));
    clock = new FakeClock();
  });

  afterEach(() => {
    rmSync(dir, { recursive: true, force: true });
  });

  test("update() writes one readable file per resource and removes the stale ones", async () => {
    const writer = open();
    await writer.update([draft("a"), draft("b")]);
    expect(readdirSync(join(dir, "status")).sort()).toEqual([
      "AuthorizationPolicy.shop.a.yaml",
      "AuthorizationPolicy.shop.b.yaml",
    ]);
    expect(readStatus(readFileSync(file("a"), "utf8"))).toMatchObject({
      resource: { kind: "AuthorizationPolicy", namespace: "shop", name: "a" },
      conditions: [{ type: "Accepted", status: "True", lastTransitionTime: "2026-01-01T00:00:00.000Z" }],
    });
    await writer.update([draft("b")]);
    expect(existsSync(file("a"))).toBe(false);
    expect(writer.statuses().map((status) => status.resource.name)).toEqual(["b"]);
  });

  test("update() leaves a file alone whose content is the same, also after a restart", async () => {
    await open().update([draft("a")]);
    const before = statSync(file("a")).ino;
    await clock.advance(60_000);
    const again = open();
    await again.update([draft("a")]);
    expect(statSync(file("a")).ino).toBe(before);
    await again.update([draft("a", "False")]);
    expect(readFileSync(file("a"), "utf8")).toContain("2026-01-01T00:01:00.000Z");
  });

  test("update() removes files of an earlier run that nobody speaks for", async () => {
    mkdirSync(join(dir, "status"));
    writeFileSync(file("old"), "kind: AuthorizationPolicy\nmetadata: { name: old }\n");
    await open().update([]);
    expect(existsSync(file("old"))).toBe(false);
  });

  test("update() falls back to the other folder when the first cannot be made", async () => {
    writeFileSync(join(dir, "in-the-way"), "");
    chmodSync(join(dir, "in-the-way"), 0o400);
    const writer = open(join(dir, "in-the-way", "status"));
    await writer.update([draft("a")]);
    expect(writer.folder).toBe(join(dir, "fallback"));
    expect(existsSync(join(dir, "fallback", "AuthorizationPolicy.shop.a.yaml"))).toBe(true);
  });

  test("readStatus() gives undefined for anything else", () => {
    expect(readStatus("][")).toBeUndefined();
    expect(readStatus("a: 1")).toBeUndefined();
  });
});
