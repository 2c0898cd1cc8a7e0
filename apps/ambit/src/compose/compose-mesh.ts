import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { MeshRecord } from "../state-dir.ts";

/** True in the container of the command line of a compose mesh. */
export function inCompose(environment: NodeJS.ProcessEnv = process.env): boolean {
  return environment["AMBIT_PLATFORM"] === "docker";
}

/** What `ambit up` would have written down about the mesh around this container. */
export function composeRecord(stateDir: string, environment: NodeJS.ProcessEnv): MeshRecord {
  const nodes = (environment["AMBIT_NODES"] ?? "docker").split(",");
  return {
    name: environment["AMBIT_MESH_NAME"] ?? "compose",
    pid: 0,
    innerPid: 0,
    mode: "compose",
    rootless: false,
    sourceDir: environment["AMBIT_SOURCE_DIR"] ?? "/etc/ambit/manifests",
    nodes,
    startedAt: modified(join(stateDir, "cluster/pods", proxyPodFile(nodes[0] ?? "docker"))),
  };
}

/** File of a node proxy's Pod object; written anew by each start of the mesh. */
export function proxyPodFile(node: string): string {
  return `ambit-system_ztunnel-${node}.yaml`;
}

/** The youngest socket of a folder: a replica that was killed leaves its own behind. */
export function liveSocket(folder: string): string {
  const fallback = join(folder, "admin.sock");
  let names: readonly string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith(".sock"));
  } catch {
    return fallback;
  }
  const [youngest] = names
    .map((name) => join(folder, name))
    .toSorted((left, right) => modified(right) - modified(left));
  return youngest ?? fallback;
}

/** Milliseconds since the epoch; 0 for what is not there. */
function modified(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
