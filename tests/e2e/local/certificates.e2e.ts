import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CaReport, ConfigDump } from "@ambit/contract/admin-api.ts";
import { Load } from "../support/load.ts";
import { missingForNamespaces, pause, TestMesh, until } from "../support/mesh.ts";

const missing = missingForNamespaces();
if (missing !== "") process.stderr.write(`SKIPPED: certificates end to end: ${missing}\n`);

/** How long the load runs over certificates that live 20 s. */
const LOAD_MS = 180_000;

describe.skipIf(missing !== "")("certificates under load", () => {
  const mesh = new TestMesh({ args: ["--leaf-ttl", "20s"] });

  beforeAll(() => mesh.up());
  afterAll(() => mesh.remove());

  test(
    "leaves of 20 s are renewed for 3 minutes and a root rotation runs, with no failed request",
    { timeout: 300_000 },
    async () => {
      const load = Load.start(mesh, "client", "http://myapp/", 50);
      const firstSerial = serialOfMyapp();
      const oldRoot = mesh.json<CaReport>("ca", "list").roots[0]?.fingerprint;
      await pause(LOAD_MS / 2);
      expect(serialOfMyapp()).not.toBe(firstSerial);
      const rotation = mesh.ambit("ca", "rotate", "--watch");
      expect(rotation.status, rotation.stderr).toBe(0);
      await until("only the new root is trusted", () => {
        const roots = mesh.json<CaReport>("ca", "list").roots;
        return roots.length === 1 && roots[0]?.fingerprint !== oldRoot;
      });
      await pause(LOAD_MS / 2);
      const result = await load.stop();
      process.stdout.write(`certificates: ${result.ok} requests answered, ${result.failed} failed\n`);
      expect(result.ok).toBeGreaterThan(LOAD_MS / 1000);
      expect(result.failed, result.lastError).toBe(0);
    },
  );

  function serialOfMyapp(): string {
    for (const node of ["node-a", "node-b"]) {
      const certificates = mesh.json<ConfigDump["certificates"]>(
        "ztunnel-config",
        "certificate",
        "--node",
        node,
      );
      const entry = certificates.find((candidate) => candidate.identity.endsWith("/sa/myapp"));
      const serial = entry?.certChain[0]?.serialNumber;
      if (serial !== undefined) return serial;
    }
    return "";
  }
});
