import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { writeFileAtomic } from "@ambit/base/files.ts";
import type { EarlySend } from "@ambit/contract/admin-api.ts";
import { ANNOTATIONS } from "@ambit/contract/labels.ts";
import { DEFAULTS } from "@ambit/contract/names.ts";
import type { Redirection } from "../platform.ts";
import { parseEarlySend } from "./early-send.ts";

/** Kinds of objects, by the folder they are kept in. */
const FOLDERS = ["pods", "nodes", "services", "serviceaccounts", "namespaces"] as const;
/** The folders whose files are the platform's alone, but for those of the mesh's own namespace. */
const OWN: readonly Folder[] = ["pods", "services", "serviceaccounts", "namespaces"];

export type Folder = (typeof FOLDERS)[number];

/**
 * The objects that a cluster's own components would write, one file each, replaced as a whole. Unlike the local
 * mesh's, the containers outlive the agent: what an earlier run wrote stays until `sweep`.
 */
export class ManifestFolder {
  readonly #dir: string;
  readonly #texts = new Map<string, string>();

  /** `clusterDir`: the platform's record of what runs, which discovery and the ca read. */
  constructor(clusterDir: string) {
    this.#dir = clusterDir;
    for (const folder of FOLDERS) mkdirSync(join(clusterDir, folder), { recursive: true, mode: 0o750 });
  }

  /** Writes an object; the same object again costs nothing. Throws what the file system throws. */
  write(folder: Folder, namespace: string, name: string, object: Record<string, unknown>): void {
    const path = this.#path(folder, namespace, name);
    const text = stringify(object);
    if (this.#texts.get(path) === text) return;
    if (!existsSync(path) || readFileSync(path, "utf8") !== text) writeFileAtomic(path, text, 0o640);
    this.#texts.set(path, text);
  }

  remove(folder: Folder, namespace: string, name: string): void {
    const path = this.#path(folder, namespace, name);
    this.#texts.delete(path);
    rmSync(path, { force: true });
  }

  /** How far the capture of a pod was when the earlier run wrote it; empty when that was another pod or none. */
  redirectionOf(namespace: string, name: string, uid: string): Redirection {
    const said = this.#annotation(namespace, name, uid, ANNOTATIONS.redirection);
    return said === "enabled" || said === "pending" ? said : "";
  }

  /** What the earlier run found that a pod had sent before its capture; undefined when that was another pod or nothing. */
  earlySendOf(namespace: string, name: string, uid: string): EarlySend | undefined {
    return parseEarlySend(this.#annotation(namespace, name, uid, ANNOTATIONS.earlySend));
  }

  /** Takes away what earlier runs wrote and this one has not. Files of the mesh's own pods are others'. */
  sweep(): void {
    for (const folder of OWN) {
      for (const file of readdirSync(join(this.#dir, folder))) {
        const path = join(this.#dir, folder, file);
        if (!file.startsWith(`${DEFAULTS.systemNamespace}_`) && !this.#texts.has(path))
          rmSync(path, { force: true });
      }
    }
  }

  #annotation(namespace: string, name: string, uid: string, key: string): unknown {
    try {
      const object: unknown = parse(readFileSync(this.#path("pods", namespace, name), "utf8"));
      const metadata = field(object, "metadata");
      return field(metadata, "uid") === uid ? field(field(metadata, "annotations"), key) : undefined;
    } catch {
      return undefined;
    }
  }

  #path(folder: Folder, namespace: string, name: string): string {
    return join(this.#dir, folder, namespace === "" ? `${name}.yaml` : `${namespace}_${name}.yaml`);
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
