import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { missingForNamespaces } from "../support/mesh.ts";
import type { Findings } from "./scenario.ts";

const missing = missingForNamespaces();
if (missing !== "") process.stderr.write(`SKIPPED: node proxies in real namespaces: ${missing}\n`);

/** Runs the whole scenario in a sandbox of its own. */
function runScenario(driver: string): Findings {
  const flags = [
    "--user",
    "--map-root-user",
    "--net",
    "--mount",
    "--pid",
    "--fork",
    "--kill-child",
    "--mount-proc",
  ];
  const script = join(import.meta.dirname, "scenario.ts");
  const done = spawnSync("unshare", [...flags, process.execPath, script], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    timeout: 110_000,
    env: { PATH: `${process.env["PATH"]}:/usr/sbin:/sbin`, NODE_NO_WARNINGS: "1", AMBIT_DRIVER: driver },
  });
  if (done.status !== 0) throw new Error(`The scenario failed: ${done.stderr}\n${done.stdout}`);
  return JSON.parse(done.stdout.trim().split("\n").at(-1) ?? "") as Findings;
}

const well = { same: true, error: "" };

describe.skipIf(missing !== "").each(["engine", "portable"])(
  "two node proxies on the %s driver",
  (driver) => {
    let found: Findings;
    beforeAll(() => {
      found = runScenario(driver);
    });

    test("connections wait for discovery instead of leaking past the mesh", () => {
      expect(found.heldWhileUnknown).toMatchObject({ ...well, peer: "10.244.1.2" });
      expect(found.heldWhileUnknown.ms).toBeGreaterThan(300);
    });

    test("bytes go through whole, from the client's address, and only encrypted between nodes", () => {
      for (const exchange of [found.first, found.again, found.toPodIp, found.bulk])
        expect(exchange).toMatchObject({ ...well, peer: "10.244.1.2" });
      expect(found.bulk.received).toBeGreaterThan(32_000_000);
      expect(found.markersInMesh).toBe(0);
      expect(found.outsiderPermissive).toMatchObject({ ...well, peer: "10.244.1.3" });
      // The same count sees the outsider's plaintext, so it can see.
      expect(found.markersOfOutsider).toBeGreaterThan(0);
    });

    test("STRICT refuses plaintext and nothing else", () => {
      expect(found.outsiderStrict).toMatchObject({ same: false, received: 0 });
      expect(found.insiderStrict).toMatchObject(well);
    });

    test("a DENY cuts the live connection, refuses new ones, and is gone when it is removed", () => {
      expect(found.deniedHeld.same).toBe(true);
      expect(found.denyTookMs).toBeLessThan(2_000);
      expect(found.deniedNew).toMatchObject({ received: 0 });
      expect(found.afterDeny).toMatchObject(well);
      expect(found.accessServer).toContain(
        'error="connection closed due to policy change: explicitly denied by: default/no-client"',
      );
      expect(found.accessServer).toContain(
        'error="policy rejection: explicitly denied by: default/no-client"',
      );
      expect(found.accessServer).toContain('error="policy rejection: explicitly denied by: default/strict"');
    });

    test("names of services are answered from the mesh", () => {
      expect(found.lookup).toBe("10.96.0.7");
    });

    test("a connection waits for its certificate while the authority is away", () => {
      expect(found.heldWithoutCertificate).toMatchObject(well);
      expect(found.heldWithoutCertificate.ms).toBeGreaterThan(1_000);
      expect(found.issued).toEqual([
        "spiffe://cluster.local/ns/default/sa/client",
        "spiffe://cluster.local/ns/default/sa/server",
      ]);
    });

    test("a proxy started again while discovery is away serves from what it knew", () => {
      expect(found.withoutDiscovery).toMatchObject({ ...well, peer: "10.244.1.2" });
    });

    test("a hand-over between two proxies of a node loses no new connection, and the old one drains", () => {
      expect(found.duringHandover.filter((exchange) => !exchange.same)).toEqual([]);
      expect(found.loadDuringHandover).toMatchObject({ failed: 0, lastError: "" });
      expect(found.loadDuringHandover.ok).toBeGreaterThan(200);
      expect(found.drainedAt.same).toBe(true);
      expect(found.afterDel.received).toBe(0);
    });

    test("the access log and the admin pages tell what happened", () => {
      expect(found.accessClient).toMatch(
        /\tinfo\taccess\tconnection complete\tsrc\.addr=10\.244\.1\.2:\d+ src\.workload="client" src\.namespace="default" src\.identity="spiffe:\/\/cluster\.local\/ns\/default\/sa\/client" src\.cluster="Kubernetes" dst\.addr=10\.244\.2\.2:15008 dst\.hbone_addr=10\.244\.2\.2:8080 dst\.service="server\.default\.svc\.cluster\.local" dst\.workload="server" dst\.namespace="default" dst\.identity="spiffe:\/\/cluster\.local\/ns\/default\/sa\/server" dst\.cluster="Kubernetes" direction="outbound" bytes_sent=1023 bytes_recv=1034 duration="\d+ms"\n/,
      );
      expect(found.dump.workloadState["client-uid"]).toMatchObject({ state: "Up", info: { name: "client" } });
      expect(found.dump.certificates[0]).toMatchObject({ state: "Available" });
      expect(found.metrics).toMatch(
        /istio_tcp_connections_opened_total\{reporter="source",source_workload="client",.*connection_security_policy="mutual_tls".*\} 1\n/,
      );
    });
  },
);
