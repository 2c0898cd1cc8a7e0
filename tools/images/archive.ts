import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { directory, file, type Entry } from "./entry.ts";
import { tar } from "./tar.ts";

/** A layer of an image, packed. */
export interface Layer {
  readonly tar: Buffer;
  /** Digest of the unpacked archive. */
  readonly diffId: string;
  readonly packed: Buffer;
  /** Digest of the packed archive. */
  readonly digest: string;
  readonly comment: string;
}

/** An image as it goes into an archive. */
export interface ImageSpec {
  /** `name:tag`. */
  readonly name: string;
  readonly user: string;
  readonly entrypoint: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** RFC 3339. */
  readonly created: string;
  /** As the OCI names it: `amd64`, `arm64`. */
  readonly architecture: string;
  readonly layers: readonly Layer[];
}

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const INDEX = "application/vnd.oci.image.index.v1+json";
const CONFIG = "application/vnd.oci.image.config.v1+json";
const LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";

/** Packs entries into a layer; `comment` is what the image's history says of it. */
export function packLayer(entries: readonly Entry[], comment: string): Layer {
  const archive = tar(entries);
  const packed = gzipSync(archive, { level: 6 });
  // The header names the system that packed; what is packed does not depend on it.
  packed[9] = 255;
  return { tar: archive, diffId: digestOf(archive), packed, digest: digestOf(packed), comment };
}

/**
 * One archive of several images that both `docker load` (of any age) and OCI tools read: an OCI layout with the older
 * `manifest.json` beside its index. Layers that images share are in it once. The same images give the same bytes.
 */
export function imageArchive(images: readonly ImageSpec[]): Buffer {
  const blobs = new Map<string, Buffer>();
  const put = (bytes: Buffer): { digest: string; size: number } => {
    const digest = digestOf(bytes);
    blobs.set(digest, bytes);
    return { digest, size: bytes.length };
  };
  const index: unknown[] = [];
  const older: unknown[] = [];
  for (const image of images) {
    for (const layer of image.layers) blobs.set(layer.digest, layer.packed);
    const config = put(json(configOf(image)));
    const layers = image.layers.map(({ digest, packed }) => ({
      mediaType: LAYER,
      digest,
      size: packed.length,
    }));
    const manifest = {
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: { mediaType: CONFIG, ...config },
      layers,
    };
    index.push({
      mediaType: MANIFEST,
      ...put(json({ ...manifest, annotations: image.labels })),
      annotations: {
        "io.containerd.image.name": `docker.io/${image.name}`,
        "org.opencontainers.image.ref.name": image.name,
      },
      platform: { architecture: image.architecture, os: "linux" },
    });
    older.push({
      Config: blobPath(config.digest),
      RepoTags: [image.name],
      Layers: image.layers.map(({ digest }) => blobPath(digest)),
    });
  }
  return tar([
    ...["blobs", "blobs/sha256"].map((path) => directory(path)),
    ...[...blobs]
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .map(([digest, bytes]) => file(blobPath(digest), bytes)),
    file("index.json", json({ schemaVersion: 2, mediaType: INDEX, manifests: index })),
    file("manifest.json", json(older)),
    file("oci-layout", json({ imageLayoutVersion: "1.0.0" })),
  ]);
}

/** Digest of an image's configuration: what `docker image inspect` calls its id. */
export function imageId(image: ImageSpec): string {
  return digestOf(json(configOf(image)));
}

function configOf(image: ImageSpec): unknown {
  return {
    created: image.created,
    architecture: image.architecture,
    os: "linux",
    config: {
      User: image.user,
      Env: Object.entries(image.environment).map(([name, value]) => `${name}=${value}`),
      Entrypoint: image.entrypoint,
      WorkingDir: "/",
      Labels: image.labels,
    },
    rootfs: { type: "layers", diff_ids: image.layers.map(({ diffId }) => diffId) },
    history: image.layers.map(({ comment }) => ({ created: image.created, created_by: comment })),
  };
}

function blobPath(digest: string): string {
  return `blobs/${digest.replace(":", "/")}`;
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
