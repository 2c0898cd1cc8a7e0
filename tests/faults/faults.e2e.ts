import { beforeAll, describe, expect, test } from "vitest";
import { missingForNamespaces } from "../e2e/support/mesh.ts";
import { runFaults, type FaultsResult } from "./suite.ts";

const missing = missingForNamespaces();
if (missing !== "") process.stderr.write(`SKIPPED: faults of a real mesh: ${missing}\n`);

describe.skipIf(missing !== "")("a mesh whose parts fail under load", () => {
  let result: FaultsResult;
  beforeAll(async () => {
    result = await runFaults({ isShort: true, perSecond: 50, held: 10 });
    process.stdout.write(`${JSON.stringify(result)}\n`);
  }, 420_000);

  test("keeps every promise of every row", () => {
    expect(result.rows.filter((row) => !row.ok)).toEqual([]);
    expect(result.rows.length).toBeGreaterThan(6);
  });

  test("allows nothing that is forbidden, whatever fails", () => {
    expect(result.rows.map((row) => row.wronglyAllowed)).toEqual(result.rows.map(() => 0));
    expect(result.intruderServed).toBe(0);
  });

  test("sends no plaintext between the nodes", () => {
    expect(result.packetBytes).toBeGreaterThan(100_000);
    expect(result.packetsDropped).toBe(0);
    expect(result.sawPlaintext).toBe(false);
  });
});
