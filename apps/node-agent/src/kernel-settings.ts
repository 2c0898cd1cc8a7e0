import { closeSync, existsSync, writeFileSync } from "node:fs";
import { openNamespace, withNamespace } from "@ambit/io/netns.ts";
import { hostRoots } from "./host-root.ts";

/**
 * Writes a setting of the namespace that this thread is in. An engine makes its containers' own view of the settings
 * read-only; then the host's is used, where it can be seen. Throws what the file system throws.
 */
export function writeKernelSetting(path: string, value: string): void {
  try {
    writeFileSync(path, value);
  } catch (thrown) {
    const root =
      (thrown as NodeJS.ErrnoException).code === "EROFS"
        ? hostRoots().find((candidate) => existsSync(`${candidate}${path}`))
        : undefined;
    if (root === undefined) throw thrown;
    writeFileSync(`${root}${path}`, value);
  }
}

/** Writes settings below /proc/sys/net, which the kernel keeps per namespace. Throws what the file system throws. */
export function writeKernelSettings(netnsPath: string, settings: Readonly<Record<string, string>>): void {
  const fd = openNamespace(netnsPath);
  try {
    withNamespace(fd, () => {
      for (const [name, value] of Object.entries(settings)) writeKernelSetting(`/proc/sys/${name}`, value);
    });
  } finally {
    closeSync(fd);
  }
}
