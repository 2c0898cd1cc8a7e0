import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Entry } from "./entry.ts";

/**
 * Writes entries into a folder: those of root into `root/`, those of the service's user into `owned/`, because a
 * Dockerfile's COPY gives everything it copies one owner.
 */
export function writeTree(folder: string, entries: readonly Entry[]): void {
  for (const entry of entries) {
    const path = join(folder, entry.uid === 0 && entry.gid === 0 ? "root" : "owned", entry.path);
    if (entry.type === "directory") mkdirSync(path, { recursive: true });
    else {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, entry.data);
    }
    // Apart from the making: what is asked for there is masked.
    chmodSync(path, entry.mode);
  }
}
