import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { captureRouting, captureRules, removalRules } from "./rules-nft.ts";

function golden(name: string): string {
  return readFileSync(join(import.meta.dirname, "testdata", name), "utf8");
}

const PLAIN = { dnsCapture: true, bypassInbound: false, rerouteInterfaces: [], ipv6: true };

describe("captureRules()", () => {
  test("writes the whole contract for a dual-stack pod", () => {
    expect(captureRules(PLAIN)).toBe(golden("capture-dual.nft"));
  });

  test("leaves out inbound capture, lookups and IPv6 where they are not wanted, and takes a machine's interface in", () => {
    const rules = captureRules({
      dnsCapture: false,
      bypassInbound: true,
      rerouteInterfaces: ["tap0"],
      ipv6: false,
    });
    expect(rules).toBe(golden("capture-ingress.nft"));
  });

  test("takes only lookups to a resolver inside the pod, ahead of that resolver's own redirection, and leaves its zones alone", () => {
    const rules = captureRules({ ...PLAIN, ipv6: false, localResolver: "127.0.0.11" });
    expect(rules).toBe(golden("capture-local-resolver.nft"));
    const without = captureRules({ ...PLAIN, dnsCapture: false, localResolver: "127.0.0.11" });
    expect(without).not.toContain("redirect to :15053");
  });

  test("begins with the removal, so that loading it again changes nothing", () => {
    expect(captureRules(PLAIN).startsWith(removalRules())).toBe(true);
  });
});

describe("captureRouting()", () => {
  test("sends marked answers to the proxy", () => {
    expect(captureRouting().add).toEqual([
      "route replace local default dev lo table 100",
      "rule add fwmark 0x00000111/0x00000fff pref 32764 lookup 100",
    ]);
  });
});
