import { writeFileSync } from "node:fs";
import { withNamespace } from "@ambit/io/netns.ts";

/**
 * Makes the kernel move connections that wait on a closing listener to another one of the same port: while an old and a
 * new proxy share a pod's ports, nobody who is just connecting is reset. False where the setting cannot be written, as
 * on a read-only /proc/sys; then that short moment remains.
 */
export function enableListenerMigration(namespaceFd: number): boolean {
  try {
    // The path leads to the settings of the namespace that the reading thread is in.
    withNamespace(namespaceFd, () => writeFileSync("/proc/sys/net/ipv4/tcp_migrate_req", "1"));
    return true;
  } catch {
    return false;
  }
}
