import { beforeAll, describe, expect, test } from "vitest";
import { missingForNamespaces } from "../e2e/support/mesh.ts";
import { besiege, SHORT_SCALE, type SiegeResult } from "./siege.ts";

const missing = missingForNamespaces();
if (missing !== "") process.stderr.write(`SKIPPED: attacks on a real mesh: ${missing}\n`);

describe.skipIf(missing !== "")("a mesh under attack", () => {
  let result: SiegeResult;
  beforeAll(async () => {
    result = await besiege({ scale: SHORT_SCALE });
    // Less than three minutes on two cores that have little else to do.
  }, 480_000);

  test("every attack gets its verdict and every benign twin is served", () => {
    expect(result.wrongRows).toEqual([]);
    expect(result.rows).toBeGreaterThan(150);
  });

  test("victims are served throughout", () => {
    expect(result.victims).toMatchObject({ failed: 0, heldCut: 0 });
    expect(result.victims.served).toBeGreaterThan(500);
  });

  test("the proxy's descriptors come back", () => {
    expect(result.after.files).toBeLessThan(result.before.files + 40);
  });
});
