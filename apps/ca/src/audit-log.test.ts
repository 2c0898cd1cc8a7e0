import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { silentLogger } from "@ambit/base/logger.ts";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { AuditLog, type AuditRecord } from "./audit-log.ts";
import { RateLimit } from "./rate-limit.ts";
import { Refusals } from "./refusals.ts";

let folder: string;
let path: string;
let clock: FakeClock;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ambit-audit-"));
  path = join(folder, "audit.log");
  clock = new FakeClock();
});
afterEach(() => rmSync(folder, { recursive: true }));

function issued(serial: string, lifetimeMs = 60_000): AuditRecord {
  const now = clock.now();
  return {
    verdict: "issued",
    caller: "a/b",
    peer: "127.0.0.1:1",
    ttlSeconds: 60,
    identity: "spiffe://td/ns/a/sa/b",
    serial,
    holder: "a/b/c",
    node: "node-a",
    issuedAt: now,
    notBefore: now,
    notAfter: now + lifetimeMs,
    generation: "g",
  };
}

function serials(log: AuditLog): readonly string[] {
  return log.issued().map(({ serial }) => serial);
}

test("issued() gives back what is still valid, over a restart", async () => {
  const log = new AuditLog(path, { clock });
  log.append(issued("01", 5_000));
  log.append(issued("02"));
  log.append({
    verdict: "refused",
    caller: "",
    peer: "",
    identity: "",
    ttlSeconds: 0,
    reason: '"verdict":"issued"',
    unrecorded: 0,
  });
  log.close();
  await clock.advance(10_000);
  const again = new AuditLog(path, { clock });
  expect(serials(again)).toEqual(["02"]);
  again.close();
});

test("append() begins a new line after one that a crash cut short", () => {
  const log = new AuditLog(path, { clock });
  log.append(issued("01"));
  log.append(issued("02"));
  log.close();
  truncateSync(path, readFileSync(path).length - 20);
  const again = new AuditLog(path, { clock });
  again.append(issued("03"));
  expect(serials(again)).toEqual(["01", "03"]);
  again.close();
});

test("append() sets a large file aside whole, and issued() still finds what is in it", async () => {
  const log = new AuditLog(path, { clock });
  log.append(issued("01"));
  log.close();
  appendFileSync(path, `${"x".repeat(65 * 1024 * 1024)}\n`);
  const size = readFileSync(path).length;
  const again = new AuditLog(path, { clock });
  again.append(issued("02"));
  expect(serials(again)).toEqual(["01", "02"]);
  again.close();
  const [old = ""] = readdirSync(folder).filter((name) => name !== "audit.log");
  expect(readFileSync(join(folder, old)).length).toBe(size);
});

test("RateLimit() lets so many through at once and per second, for each caller", async () => {
  const limit = new RateLimit(500, { clock });
  const burst = (caller: string): number =>
    Array.from({ length: 2_000 }, () => limit.take(caller)).filter(Boolean).length;
  expect(burst("a")).toBe(500);
  expect(burst("b")).toBe(500);
  await clock.advance(100);
  expect(burst("a")).toBe(50);
});

test("Refusals() records strangers up to a rate and counts the rest into the next record", async () => {
  const records: AuditRecord[] = [];
  const refusals = new Refusals({
    audit: { append: (record) => void records.push(record) },
    clock,
    logger: silentLogger,
  });
  const stranger = { caller: "", identity: "", ttlSeconds: 0, reason: "rubbish" };
  for (let index = 0; index < 1_000; index++) refusals.record({ ...stranger, peer: `10.0.0.1:${index}` });
  expect(records).toHaveLength(20);
  refusals.record({ ...stranger, peer: "10.0.0.2:1" });
  for (let index = 0; index < 100; index++)
    refusals.record({ ...stranger, caller: "a/b", peer: "10.0.0.3:1" });
  expect(records).toHaveLength(121);
  await clock.advance(1_000);
  refusals.record({ ...stranger, peer: "10.0.0.1:5" });
  expect(records.at(-1)).toMatchObject({ verdict: "refused", unrecorded: 980 });
});

test("Refusals() outlives a full disk", () => {
  const audit = {
    append: () => {
      throw new Error("no space left");
    },
  };
  const refusals = new Refusals({ audit, clock, logger: silentLogger });
  expect(() =>
    refusals.record({ caller: "", peer: "", identity: "", ttlSeconds: 0, reason: "" }),
  ).not.toThrow();
});
