import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const SANDBOX = ["--user", "--map-root-user", "--net"];
const CHILD = join(import.meta.dirname, "testing", "namespace-child.ts");

/** Why the sandbox cannot be made here; empty when it can. */
function obstacle(): string {
  const probe = spawnSync("unshare", [
    ...SANDBOX,
    "sh",
    "-c",
    "nft list tables && ip link && nsenter --version",
  ]);
  return probe.status === 0 ? "" : `unshare, nft, ip or nsenter: ${String(probe.stderr ?? probe.error)}`;
}

describe("network namespaces", () => {
  it.each(["engine", "portable"])("%s driver serves a pod from outside it", (name) => {
    const missing = obstacle();
    if (missing !== "") {
      process.stderr.write(
        `\nNOT TESTED: the ${name} driver in network namespaces. Missing here: ${missing}\n`,
      );
      return;
    }
    const child = spawnSync("unshare", [...SANDBOX, process.execPath, CHILD, name], {
      encoding: "utf8",
      timeout: 15_000,
    });
    expect(child.stderr).toBe("");
    expect(JSON.parse(child.stdout)).toEqual({
      inside: true,
      back: true,
      identity: [true, false],
      redirected: ["connected", { ip: "10.99.0.1", port: 8080 }],
      redirectedIpv6: ["connected", { ip: "fd00:99::1", port: 8080 }],
      marked: ["connected", "none"],
      direct: ["connected", "none"],
      outside: "ENETUNREACH",
      foreignSource: ["EADDRNOTAVAIL", "bound"],
      udp: "PING",
    });
  });
});
