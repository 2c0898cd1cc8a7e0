import { existsSync, readdirSync, statSync } from "node:fs";
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

/** The sockets in a folder, the youngest first: a replica that was killed leaves its own behind. */
export function replicaSockets(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".sock"))
    .map((name) => join(folder, name))
    .toSorted((left, right) => modified(right) - modified(left));
}

/** Milliseconds since the epoch; 0 for what is not there. */
function modified(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
