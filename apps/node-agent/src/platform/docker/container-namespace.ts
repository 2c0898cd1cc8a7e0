import { closeSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { openNamespace, withNamespace } from "@ambit/io/netns.ts";
import { DockerError } from "./docker-error.ts";
import type { Container } from "./engine-answers.ts";

export interface NamespaceOptions {
  /** Where the engine's folder of namespaces is seen from here. */
  readonly netnsDir: string;
}

/**
 * The file of a container's network namespace: the engine's own, or, where that folder cannot be seen, that of its
 * first process, when that is the container's beyond doubt. Throws a DockerError `namespace`.
 */
export function findNamespace(container: Container, options: NamespaceOptions): string {
  const { sandboxKey, pid, id, name } = container;
  const named = sandboxKey === "" ? undefined : join(options.netnsDir, basename(sandboxKey));
  for (const path of [named, sandboxKey])
    if (path !== undefined && path !== "" && isNamespace(path)) return path;
  // Process ids mean something else in a container of its own process namespace: the control group tells.
  if (pid > 0 && readText(`/proc/${pid}/cgroup`).includes(id) && isNamespace(`/proc/${pid}/ns/net`))
    return `/proc/${pid}/ns/net`;
  throw new DockerError("namespace", `The network namespace of ${name} cannot be found`, {
    facts: { sandboxKey, pid, netnsDir: options.netnsDir },
    hint: "give the node agent the engine's folder of namespaces (mounted rslave) or the host's process ids",
  });
}

/** True for a file that stands for a namespace: the engine makes an empty file first and mounts the namespace over it. */
export function isNamespace(path: string): boolean {
  try {
    return statSync(path).dev === statSync("/proc/self/ns/net").dev;
  } catch {
    return false;
  }
}

/**
 * Lets answers in from addresses that the proxy borrows: the strict reverse-path filter takes them for forged. False when
 * the filter is strict and cannot be changed.
 */
export function allowBorrowedAddresses(
  netnsPath: string,
  write: (path: string, value: string) => void,
): boolean {
  const names = ["all", "default", "lo"];
  const fd = openNamespace(netnsPath);
  try {
    return withNamespace(fd, () => {
      const strict = names.filter((name) => readText(filterPath(name)).trim() === "1");
      try {
        for (const name of strict) write(filterPath(name), "2");
        return true;
      } catch {
        return false;
      }
    });
  } finally {
    closeSync(fd);
  }
}

function filterPath(name: string): string {
  return `/proc/sys/net/ipv4/conf/${name}/rp_filter`;
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
