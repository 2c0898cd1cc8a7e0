import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { silentLogger } from "@ambit/base/logger.ts";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { LastGood } from "./last-good.ts";

const TYPE = "type.googleapis.com/istio.workload.Address";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "last-good-"));
  path = join(folder, "state", "last-good");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function open(clock: FakeClock, owner = "ztunnel-a"): LastGood {
  return new LastGood({ path, owner }, { clock, logger: silentLogger });
}

function resource(name: string, version: string): { name: string; version: string; bytes: Uint8Array } {
  return { name, version, bytes: Buffer.from(`bytes of ${name} ${version}`) };
}

async function written(clock: FakeClock): Promise<LastGood> {
  const last = open(clock);
  last.note({ typeUrl: TYPE, resources: [resource("a", "1"), resource("b", "1")], removed: [] }, new Set());
  last.note(
    { typeUrl: TYPE, resources: [resource("a", "2"), resource("c", "1")], removed: ["b"] },
    new Set(["a"]),
  );
  await clock.advance(5_000);
  return last;
}

test("load() gives back what was accepted, with the version of the last good one", async () => {
  const clock = new FakeClock();
  await written(clock);
  await clock.advance(60_000);
  const loaded = open(clock).load();
  expect(loaded?.ageMs).toBe(60_000);
  const rows = loaded?.types
    .get(TYPE)
    ?.map(({ name, version, bytes }) => [name, version, Buffer.from(bytes).toString()]);
  expect(rows).toEqual([
    ["a", "1", "bytes of a 1"],
    ["c", "1", "bytes of c 1"],
  ]);
});

test("write() waits for more changes, and goes on from what was loaded", async () => {
  const clock = new FakeClock();
  const last = open(clock);
  last.note({ typeUrl: TYPE, resources: [resource("a", "1")], removed: [] }, new Set());
  await clock.advance(4_999);
  expect(open(clock).load()).toBeUndefined();
  last.write();
  const second = open(clock);
  second.load();
  second.note({ typeUrl: TYPE, resources: [resource("b", "1")], removed: [] }, new Set());
  second.write();
  expect(open(clock).load()?.types.get(TYPE)).toHaveLength(2);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("load() uses nothing of a damaged file, nor of another proxy's", async () => {
  const clock = new FakeClock();
  await written(clock);
  expect(open(clock, "ztunnel-b").load()).toBeUndefined();
  const text = readFileSync(path, "utf8");
  for (const damaged of [text.slice(0, -20), text.replace('"a"', '"x"'), "", "no newline"]) {
    writeFileSync(path, damaged);
    expect(open(clock).load()).toBeUndefined();
  }
  writeFileSync(path, text);
  expect(open(clock).load()).toBeDefined();
});

test.each([
  ["no JSON", "{"],
  ["nothing", ""],
  ["null", "null"],
  ["a number", "7"],
  ["no types", { types: undefined }],
  ["types that are a list of text", { types: ["a"] }],
  ["a row that is none", { types: { [TYPE]: [null] } }],
  ["a row too short", { types: { [TYPE]: [["a", "1"]] } }],
  ["a version that is no text", { types: { [TYPE]: [["a", 1, ""]] } }],
  ["no time", { writtenAt: null }],
])("load() uses nothing of a file with a right digest but %s in it", async (_what, change) => {
  const clock = new FakeClock();
  await written(clock);
  const body = JSON.parse(readFileSync(path, "utf8").split("\n")[1] ?? "") as object;
  const text = typeof change === "string" ? change : JSON.stringify({ ...body, ...change });
  writeFileSync(path, `${createHash("sha256").update(text).digest("hex")}\n${text}\n`);
  expect(open(clock).load()).toBeUndefined();
});

test("write() to a place that cannot be written is survived", async () => {
  const clock = new FakeClock();
  writeFileSync(join(folder, "state"), "a file, not a folder");
  await written(clock);
  expect(open(clock).load()).toBeUndefined();
});
