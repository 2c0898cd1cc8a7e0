import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { systemClock } from "@ambit/base/clock.ts";
import { createRoot } from "@ambit/identity/x509.ts";

const CHILD = join(import.meta.dirname, "../testing/ticket-child.ts");
const CONFIG = join(import.meta.dirname, "../../../runtime/openssl.cnf");
const HOUR_MS = 3_600_000;

test.each([
  ["hands out no ticket and takes no session up in a process of the mesh", [`--openssl-config=${CONFIG}`], 0],
  ["takes no session up in a process that was started otherwise", [], 2],
])("ReloadableTls %s", async (_what, flags, tickets) => {
  const now = systemClock.now();
  const validity = { notBefore: now - HOUR_MS, notAfter: now + HOUR_MS };
  const { certificate, privateKey } = await createRoot("tickets", "01", validity);
  const child = spawnSync(process.execPath, ["--disable-warning=ExperimentalWarning", ...flags, CHILD], {
    input: `${certificate}\n${privateKey}`,
    encoding: "utf8",
    timeout: 15_000,
  });
  expect(child.stderr).toBe("");
  expect(JSON.parse(child.stdout)).toEqual({ tickets, reused: false });
});
