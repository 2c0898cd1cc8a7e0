import { closeSync, writeFileSync } from "node:fs";
import { openNamespace, withNamespace } from "@ambit/io/netns.ts";

/** Writes settings below /proc/sys/net, which the kernel keeps per namespace. Throws what the file system throws. */
export function writeKernelSettings(netnsPath: string, settings: Readonly<Record<string, string>>): void {
  const fd = openNamespace(netnsPath);
  try {
    withNamespace(fd, () => {
      for (const [name, value] of Object.entries(settings)) writeFileSync(`/proc/sys/${name}`, value);
    });
  } finally {
    closeSync(fd);
  }
}
