import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { AuditLog, type AuditRecord } from "./audit-log.ts";
import { auditName, AuditTrail } from "./audit-trail.ts";

let folder: string;
let clock: FakeClock;
let trail: AuditTrail;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ambit-trail-"));
  clock = new FakeClock();
  trail = new AuditTrail(folder, auditName(1), { clock });
});
afterEach(() => rmSync(folder, { recursive: true }));

function issued(serial: string, lifetimeMs = 60_000): AuditRecord {
  const now = clock.now();
  return {
    ...{ verdict: "issued", caller: "a/b", peer: "", ttlSeconds: 60, serial },
    ...{ identity: `spiffe://td/ns/a/sa/${serial}`, holder: "a/b/c", node: "node-a", generation: "g" },
    ...{ issuedAt: now, notBefore: now, notAfter: now + lifetimeMs },
  };
}

function log(slot: number): AuditLog {
  return new AuditLog(join(folder, auditName(slot)), { clock });
}

function news(): readonly string[] {
  return trail.news().map(({ serial }) => serial);
}

describe("auditName()", () => {
  test("is that of a lone authority for the first replica", () => {
    expect([1, 2, 16].map(auditName)).toEqual(["audit.log", "audit-2.log", "audit-16.log"]);
  });
});

describe("AuditTrail", () => {
  test("news() tells what the others issued, each once, and nothing of its own", () => {
    const [own, second, third] = [log(1), log(2), log(3)];
    own.append(issued("own"));
    second.append(issued("a"));
    third.append(issued("b"));
    expect(news().toSorted()).toEqual(["a", "b"]);
    expect(news()).toEqual([]);
    second.append(issued("c"));
    expect(news()).toEqual(["c"]);
  });

  test("news() leaves out what has ended and what was refused", async () => {
    const second = log(2);
    second.append(issued("short", 1_000));
    second.append(issued("long"));
    second.append({
      ...{ verdict: "refused", caller: "", peer: "", identity: "", ttlSeconds: 0, unrecorded: 0 },
      reason: '"verdict":"issued"',
    });
    await clock.advance(2_000);
    expect(news()).toEqual(["long"]);
  });

  test("news() waits for the rest of a line, and passes one that a crash cut short", () => {
    const path = join(folder, auditName(2));
    const line = `${JSON.stringify({ time: "", ...issued("slow") })}\n`;
    for (const piece of [line.slice(0, 1), line.slice(1, 60), line.slice(60, -1)]) {
      appendFileSync(path, piece);
      expect(news()).toEqual([]);
    }
    appendFileSync(path, "\n");
    expect(news()).toEqual(["slow"]);
    appendFileSync(path, line.slice(0, 60));
    expect(news()).toEqual([]);
    log(2).append(issued("after"));
    expect(news()).toEqual(["after"]);
  });

  test("news() misses nothing when a log is set aside between two looks", () => {
    const path = join(folder, auditName(2));
    const before = log(2);
    before.append(issued("a"));
    expect(news()).toEqual(["a"]);
    before.append(issued("b"));
    before.close();
    renameSync(path, `${path}.1700000000000`);
    log(2).append(issued("c"));
    expect(news()).toEqual(["b", "c"]);
    expect(news()).toEqual([]);
  });

  test("news() reads a long log whole, and no file that is no log", () => {
    const lines = Array.from({ length: 5_000 }, (_, index) => JSON.stringify(issued(`s${index}`)));
    writeFileSync(join(folder, auditName(2)), `${lines.join("\n")}\n`);
    writeFileSync(join(folder, "audit-x.log"), `${JSON.stringify(issued("no"))}\n`);
    writeFileSync(join(folder, "audit-2.log.tmp"), `${JSON.stringify(issued("no"))}\n`);
    const found = news();
    expect(found).toHaveLength(5_000);
    expect(new Set(found).size).toBe(5_000);
    expect(lines.join("\n").length).toBeGreaterThan(1024 * 1024);
  });
});
