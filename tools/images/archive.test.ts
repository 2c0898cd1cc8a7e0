import { createHash } from "node:crypto";
import { spawnSync } from "node:child_process";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { imageArchive, imageId, packLayer, type ImageSpec } from "./archive.ts";
import { file } from "./entry.ts";

const base = packLayer([file("usr/bin/node", "node")], "runtime");
const app = packLayer([file("app/main.js", "main")], "service");

function image(change: Partial<ImageSpec> = {}): ImageSpec {
  return {
    name: "ambit/ca:1.0.0",
    user: "65531:65532",
    entrypoint: ["/usr/bin/node", "/app/main.js"],
    environment: { PATH: "/usr/bin", LOG_FORMAT: "json" },
    labels: { "org.opencontainers.image.version": "1.0.0" },
    created: "2026-01-01T00:00:00Z",
    architecture: "amd64",
    layers: [base, app],
    ...change,
  };
}

/** The files in an archive, by the system's own tar. */
function files(archive: Buffer): ReadonlyMap<string, Buffer> {
  const run = (args: readonly string[]): Buffer => {
    const done = spawnSync("tar", [...args], { input: archive, maxBuffer: 1 << 24 });
    expect(done.status).toBe(0);
    return done.stdout;
  };
  const names = run(["-tf", "-"]).toString().trim().split("\n");
  return new Map(names.filter((name) => !name.endsWith("/")).map((name) => [name, run(["-xOf", "-", name])]));
}

function parsed(all: ReadonlyMap<string, Buffer>, name: string): unknown {
  return JSON.parse(all.get(name)?.toString("utf8") ?? "null");
}

interface Descriptor {
  readonly digest: string;
  readonly size: number;
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

describe("packLayer()", () => {
  test("says the digests of what is packed and of what it unpacks to", () => {
    expect(gunzipSync(base.packed).equals(base.tar)).toBe(true);
    expect(base.digest).toBe(`sha256:${sha256(base.packed)}`);
    expect(base.diffId).toBe(`sha256:${sha256(base.tar)}`);
  });

  test("gives the same bytes every time, whatever system packs", () => {
    expect(packLayer([file("usr/bin/node", "node")], "runtime").packed.equals(base.packed)).toBe(true);
    // RFC 1952: no time of modification, an unknown system.
    expect(base.packed.readUInt32LE(4)).toBe(0);
    expect(base.packed[9]).toBe(255);
  });
});

describe("imageArchive()", () => {
  test("is an OCI layout in which every blob has the digest and the size that lead to it", () => {
    const all = files(imageArchive([image()]));
    expect(parsed(all, "oci-layout")).toEqual({ imageLayoutVersion: "1.0.0" });
    const blobs = [...all].filter(([name]) => name.startsWith("blobs/"));
    for (const [name, bytes] of blobs) expect(name).toBe(`blobs/sha256/${sha256(bytes)}`);
    const { manifests } = parsed(all, "index.json") as { manifests: readonly Descriptor[] };
    const blob = ({ digest, size }: Descriptor): unknown => {
      const path = digest.replace("sha256:", "blobs/sha256/");
      expect(all.get(path)?.length).toBe(size);
      return path.length > 0 && size < 10_000 ? parsed(all, path) : undefined;
    };
    expect(manifests).toHaveLength(1);
    const manifest = blob(manifests[0] as Descriptor) as {
      config: Descriptor;
      layers: readonly Descriptor[];
    };
    expect(manifest.layers.map(({ digest }) => digest)).toEqual([base.digest, app.digest]);
    for (const { digest, size } of manifest.layers)
      expect(all.get(digest.replace("sha256:", "blobs/sha256/"))?.length).toBe(size);
    expect(manifest.config.digest).toBe(imageId(image()));
    expect(blob(manifest.config)).toMatchObject({
      architecture: "amd64",
      os: "linux",
      config: {
        User: "65531:65532",
        Env: ["PATH=/usr/bin", "LOG_FORMAT=json"],
        Entrypoint: ["/usr/bin/node", "/app/main.js"],
      },
      rootfs: { diff_ids: [base.diffId, app.diffId] },
    });
  });

  test("is what older engines load too", () => {
    const all = files(imageArchive([image()]));
    expect(parsed(all, "manifest.json")).toEqual([
      {
        Config: imageId(image()).replace("sha256:", "blobs/sha256/"),
        RepoTags: ["ambit/ca:1.0.0"],
        Layers: [base, app].map(({ digest }) => digest.replace("sha256:", "blobs/sha256/")),
      },
    ]);
  });

  test("holds a layer that images share once, and gives the same bytes for the same images", () => {
    const images = [image(), image({ name: "ambit/nats:1.0.0", layers: [base] })];
    const archive = imageArchive(images);
    const layers = [...files(archive).values()].filter((bytes) => bytes[0] === 0x1f && bytes[1] === 0x8b);
    expect(layers).toHaveLength(2);
    expect(imageArchive(images).equals(archive)).toBe(true);
  });
});

describe("imageId()", () => {
  test("is another one for other content, user or settings, and not for another name", () => {
    expect(imageId(image({ name: "other" }))).toBe(imageId(image()));
    for (const change of [{ user: "0:0" }, { layers: [base] }, { environment: {} }, { entrypoint: [] }])
      expect(imageId(image(change))).not.toBe(imageId(image()));
  });
});
