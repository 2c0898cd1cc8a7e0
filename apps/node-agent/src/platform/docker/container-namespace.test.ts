import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { container } from "../../testing/container.ts";
import { findNamespace, isNamespace } from "./container-namespace.ts";

let netnsDir: string;

beforeEach(() => {
  netnsDir = mkdtempSync(join(tmpdir(), "ambit-netns-"));
});

afterEach(() => rmSync(netnsDir, { recursive: true, force: true }));

describe("isNamespace()", () => {
  test("tells a namespace from the empty file that is there before it, and from nothing", () => {
    writeFileSync(join(netnsDir, "empty"), "");
    symlinkSync("/proc/self/ns/net", join(netnsDir, "real"));
    expect(isNamespace(join(netnsDir, "real"))).toBe(true);
    expect(isNamespace(join(netnsDir, "empty"))).toBe(false);
    expect(isNamespace(join(netnsDir, "none"))).toBe(false);
  });
});

describe("findNamespace()", () => {
  const sandboxKey = "/var/run/docker/netns/0123456789ab";

  test("is the engine's file where its folder is seen from here, whatever process has the id", () => {
    symlinkSync("/proc/self/ns/net", join(netnsDir, "0123456789ab"));
    expect(findNamespace(container({ sandboxKey, pid: process.pid }), { netnsDir })).toBe(
      join(netnsDir, "0123456789ab"),
    );
  });

  test("is the engine's file at the engine's own place where that is seen", () => {
    const own = join(netnsDir, "own");
    symlinkSync("/proc/self/ns/net", own);
    expect(findNamespace(container({ sandboxKey: own, pid: 0 }), { netnsDir: "/nowhere" })).toBe(own);
  });

  test("is that of the first process when its control group names the container", () => {
    const id = readFileSync("/proc/self/cgroup", "utf8").trim();
    const { pid } = process;
    expect(findNamespace(container({ id, pid, sandboxKey: "" }), { netnsDir })).toBe(`/proc/${pid}/ns/net`);
  });

  test("is never that of another process that happens to have the id here", () => {
    const stranger = container({ pid: process.pid, sandboxKey });
    expect(() => findNamespace(stranger, { netnsDir })).toThrow(
      expect.objectContaining({ code: "namespace", hint: expect.any(String) as string }),
    );
    expect(() => findNamespace(container({ pid: 0, sandboxKey: "" }), { netnsDir })).toThrow("shop-web-1");
  });

  test("is none while the engine has made the file and not yet mounted the namespace", () => {
    writeFileSync(join(netnsDir, "0123456789ab"), "");
    expect(() => findNamespace(container({ sandboxKey, pid: 0 }), { netnsDir })).toThrow("shop-web-1");
  });
});
