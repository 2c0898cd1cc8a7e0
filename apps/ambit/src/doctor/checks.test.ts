import { expect, test } from "vitest";
import { runChecks, type Check } from "./check.ts";
import { descriptorFinding, kernelFinding } from "./host-checks.ts";
import { earlyFinding, issuerFinding } from "./mesh-checks.ts";
import { StateDir } from "../state-dir.ts";
import { AdminClient } from "../client/admin-client.ts";

const context = {
  state: new StateDir("/nonexistent"),
  admin: (name: string) => new AdminClient(name, "/nonexistent"),
  admins: (name: string) => [new AdminClient(name, "/nonexistent")],
  record: undefined,
};

test("kernelFinding() wants 5.4 or newer", () => {
  expect(kernelFinding("5.3.99-x").result).toBe("failed");
  expect(kernelFinding("5.4.0").result).toBe("ok");
  expect(kernelFinding("6.1.0-18-amd64").result).toBe("ok");
});

test("descriptorFinding() warns below the wanted limit", () => {
  expect(
    descriptorFinding("Max open files            1024                 20000                files").result,
  ).toBe("warning");
  expect(
    descriptorFinding("Max open files            1024                 1048576              files").result,
  ).toBe("ok");
});

test("issuerFinding() warns late in a lifetime and fails after it", () => {
  const report = (notAfter: string) => ({
    roots: [{ serial: "1", notBefore: "2026-01-01T00:00:00Z", notAfter }],
    intermediates: [],
    issued: [],
  });
  const now = Date.parse("2026-01-10T00:00:00Z");
  expect(issuerFinding(report("2027-01-01T00:00:00Z"), now).result).toBe("ok");
  expect(issuerFinding(report("2026-01-11T00:00:00Z"), now).result).toBe("warning");
  expect(issuerFinding(report("2026-01-09T00:00:00Z"), now).result).toBe("failed");
});

test("earlyFinding() warns of containers that sent before they were captured, by name and with the remedy", () => {
  expect(earlyFinding([]).result).toBe("ok");
  const early = { reason: "away", connections: 2, bytes: 180 } as const;
  const found = earlyFinding([{ name: "web" }, { name: "worker", early }, { name: "db" }]);
  expect(found).toMatchObject({ result: "warning", seen: "worker (180 bytes, away)" });
  expect(found.hint).toMatch(/holder.*STRICT/);
});

test("runChecks() skips mesh checks without a mesh and turns a throw into a failure", async () => {
  const check = (needsMesh: boolean): Check => ({
    id: "x",
    category: "host",
    title: "x",
    needsMesh,
    run: () => {
      throw new Error("broken");
    },
  });
  const results = await runChecks([check(true), check(false)], context);
  expect(results.map((result) => [result.result, result.seen])).toEqual([
    ["skipped", "no mesh is running"],
    ["failed", "broken"],
  ]);
});
