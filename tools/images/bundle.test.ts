import { describe, expect, test } from "vitest";
import { rewriteWorkerAddresses } from "./bundle.ts";

const WORKERS = new Map([["/x/apps/ztunnel/src/data/main.worker.ts", "data.worker"]]);
const PATH = "/x/apps/ztunnel/src/control/start.ts";

describe("rewriteWorkerAddresses()", () => {
  test("leads to the bundled worker, every time it is named", () => {
    const text = 'a(new URL("../data/main.worker.ts", import.meta.url));\n';
    expect(rewriteWorkerAddresses(text + text, PATH, WORKERS)).toBe(
      'a(new URL("./data.worker.js", import.meta.url));\n'.repeat(2),
    );
  });

  test("leaves other addresses and plain mentions alone", () => {
    for (const text of [
      'new URL("../data/table.json", import.meta.url)',
      'new URL("../data/main.worker.ts", base)',
      "// see main.worker.ts",
      "",
    ])
      expect(rewriteWorkerAddresses(text, PATH, WORKERS)).toBe(text);
  });

  test("refuses a worker that is in no image, where it would be missed only at run time", () => {
    const text = 'new URL("./other.worker.ts", import.meta.url)';
    expect(() => rewriteWorkerAddresses(text, PATH, WORKERS)).toThrow(
      "other.worker.ts; add it to services.ts",
    );
  });
});
