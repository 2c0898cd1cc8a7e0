import { readFileSync } from "node:fs";

/** One thing in an image's file system. Paths have no leading slash. */
export interface Entry {
  readonly path: string;
  readonly type: "directory" | "file" | "link";
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Content of a file; empty for the others. */
  readonly data: Uint8Array;
  /** Where a link leads. */
  readonly target: string;
}

const NOTHING = new Uint8Array();

/** A file of root's that everybody may read. */
export function file(path: string, data: Uint8Array | string, mode = 0o644): Entry {
  const bytes = typeof data === "string" ? Buffer.from(data) : data;
  return { path, type: "file", mode, uid: 0, gid: 0, data: bytes, target: "" };
}

/** A copy of a file of this machine. */
export function fileFrom(path: string, source: string, mode = 0o644): Entry {
  return file(path, readFileSync(source), mode);
}

/** A folder; `owner` is who may write into it. */
export function directory(path: string, mode = 0o755, owner: { uid: number; gid: number } = ROOT): Entry {
  return { path, type: "directory", mode, ...owner, data: NOTHING, target: "" };
}

const ROOT = { uid: 0, gid: 0 } as const;

/** The entries with every folder above them, each path once, parents before children, in an order that never varies. */
export function complete(entries: readonly Entry[]): readonly Entry[] {
  const byPath = new Map<string, Entry>();
  for (const entry of entries) {
    const parts = entry.path.split("/");
    for (let depth = 1; depth < parts.length; depth += 1) {
      const parent = parts.slice(0, depth).join("/");
      if (!byPath.has(parent)) byPath.set(parent, directory(parent));
    }
    byPath.set(entry.path, entry);
  }
  return [...byPath.values()].toSorted((left, right) => (left.path < right.path ? -1 : 1));
}
