import { readFileSync, writeFileSync } from "node:fs";
import { withNamespace } from "@ambit/io/netns.ts";

const SETTINGS = [
  // The kernel moves connections that wait on a closing listener to another one of the same port: while an old and a
  // new proxy share a pod's ports, nobody who is just connecting is reset.
  ["tcp_migrate_req", "1"],
  // A port whose last connection ended a second ago serves again. The proxy ends most connections first, so that
  // at some hundred a second every port would otherwise be waiting for its minute to pass.
  ["tcp_tw_reuse", "1"],
] as const;

/** Congestion controls that do not pace: sockets that have one need no other on the way to a neighbour. */
const UNPACED = new Set(["cubic", "reno"]);

/** Whether sockets of this namespace send by timer unless they ask for something else. */
export function isPaced(namespaceFd: number): boolean {
  try {
    const path = "/proc/sys/net/ipv4/tcp_congestion_control";
    return !UNPACED.has(withNamespace(namespaceFd, () => readFileSync(path, "utf8")).trim());
  } catch {
    return true;
  }
}

/**
 * Sets what the listeners and connections of a proxy need in a pod's namespace. False where a setting cannot be
 * written, as on a read-only /proc/sys; a hand-over may then reset who is just connecting.
 */
export function tuneNamespace(namespaceFd: number): boolean {
  try {
    // The path leads to the settings of the namespace that the reading thread is in.
    withNamespace(namespaceFd, () => {
      for (const [name, value] of SETTINGS) writeFileSync(`/proc/sys/net/ipv4/${name}`, value);
    });
    return true;
  } catch {
    return false;
  }
}
