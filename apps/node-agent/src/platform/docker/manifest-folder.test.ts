import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ManifestFolder } from "./manifest-folder.ts";

let dir: string;
let folder: ManifestFolder;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "ambit-manifests-"));
  folder = new ManifestFolder(dir);
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

const pod = (uid: string, redirection?: string) => ({
  metadata: {
    uid,
    annotations: redirection === undefined ? {} : { "ambient.istio.io/redirection": redirection },
  },
});

describe("ManifestFolder", () => {
  test("write() replaces the file as a whole and touches it only for another object", () => {
    folder.write("pods", "shop", "web", pod("u1"));
    const path = join(dir, "pods/shop_web.yaml");
    const first = statSync(path);
    folder.write("pods", "shop", "web", pod("u1"));
    expect(statSync(path).ino).toBe(first.ino);
    folder.write("pods", "shop", "web", pod("u2"));
    expect(statSync(path).ino).not.toBe(first.ino);
    expect(readFileSync(path, "utf8")).toContain("u2");
    expect(first.mode & 0o777).toBe(0o640);
    expect(readdirSync(join(dir, "pods"))).toEqual(["shop_web.yaml"]);
  });

  test("write() leaves what an earlier run wrote as it is when it says the same", () => {
    folder.write("pods", "shop", "web", pod("u1"));
    const before = statSync(join(dir, "pods/shop_web.yaml")).ino;
    new ManifestFolder(dir).write("pods", "shop", "web", pod("u1"));
    expect(statSync(join(dir, "pods/shop_web.yaml")).ino).toBe(before);
  });

  test("write() tries again after the disk refused", () => {
    rmSync(join(dir, "nodes"), { recursive: true });
    writeFileSync(join(dir, "nodes"), "in the way");
    expect(() => folder.write("nodes", "", "docker", { kind: "Node" })).toThrow();
    rmSync(join(dir, "nodes"));
    folder.write("nodes", "", "docker", { kind: "Node" });
    expect(readFileSync(join(dir, "nodes/docker.yaml"), "utf8")).toContain("Node");
  });

  test("remove() takes the file away, and one that is not there is no matter", () => {
    folder.write("services", "shop", "web", { kind: "Service" });
    folder.remove("services", "shop", "web");
    folder.remove("services", "shop", "web");
    expect(readdirSync(join(dir, "services"))).toEqual([]);
    folder.write("services", "shop", "web", { kind: "Service" });
    expect(readdirSync(join(dir, "services"))).toEqual(["shop_web.yaml"]);
  });

  test("redirectionOf() tells of the same pod alone how far it was", () => {
    folder.write("pods", "shop", "web", pod("u1", "enabled"));
    folder.write("pods", "shop", "api", pod("u2", "pending"));
    folder.write("pods", "shop", "odd", pod("u3", "surely"));
    const next = new ManifestFolder(dir);
    expect(next.redirectionOf("shop", "web", "u1")).toBe("enabled");
    expect(next.redirectionOf("shop", "api", "u2")).toBe("pending");
    expect(next.redirectionOf("shop", "web", "another")).toBe("");
    expect(next.redirectionOf("shop", "odd", "u3")).toBe("");
    expect(next.redirectionOf("shop", "none", "u1")).toBe("");
    writeFileSync(join(dir, "pods/shop_web.yaml"), "metadata: [");
    expect(next.redirectionOf("shop", "web", "u1")).toBe("");
  });

  test("earlySendOf() tells of the same pod alone what it had sent", () => {
    const annotations = { "ambit.dev/early-send": "late 1 60" };
    folder.write("pods", "shop", "web", { kind: "Pod", metadata: { uid: "u1", annotations } });
    folder.write("pods", "shop", "api", pod("u2"));
    const next = new ManifestFolder(dir);
    expect(next.earlySendOf("shop", "web", "u1")).toEqual({ reason: "late", connections: 1, bytes: 60 });
    expect(next.earlySendOf("shop", "web", "another")).toBeUndefined();
    expect(next.earlySendOf("shop", "api", "u2")).toBeUndefined();
    expect(next.earlySendOf("shop", "none", "u1")).toBeUndefined();
  });

  test("sweep() takes away what earlier runs wrote and this one has not, but nothing of others", () => {
    for (const kind of ["pods", "services", "serviceaccounts", "namespaces"] as const) {
      folder.write(kind, "shop", "gone", { kind });
      folder.write(kind, "shop", "kept", { kind });
      writeFileSync(join(dir, kind, "ambit-system_ztunnel.yaml"), "kind: Pod\n");
    }
    writeFileSync(join(dir, "pods/shop_web.yaml.tmp-1"), "half");
    writeFileSync(join(dir, "nodes/other.yaml"), "kind: Node\n");
    const next = new ManifestFolder(dir);
    for (const kind of ["pods", "services", "serviceaccounts", "namespaces"] as const)
      next.write(kind, "shop", "kept", { kind });
    next.sweep();
    for (const kind of ["pods", "services", "serviceaccounts", "namespaces"])
      expect(readdirSync(join(dir, kind)).toSorted()).toEqual([
        "ambit-system_ztunnel.yaml",
        "shop_kept.yaml",
      ]);
    expect(existsSync(join(dir, "nodes/other.yaml"))).toBe(true);
  });
});
