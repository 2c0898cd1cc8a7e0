import { existsSync, readdirSync, readFileSync } from "node:fs";

/** Where an engine keeps its containers' namespaces, in its own file system. */
const NAMESPACES = "/run/docker/netns";
/** Made by the engine at its start, the other one only with its first container. */
const ENGINE_FOLDER = "/run/docker";

/**
 * Roots of the host's file system as they are seen from a container with the host's processes: through the first
 * process, or through an engine. No mount has to be passed on to us that way.
 */
export function hostRoots(proc = "/proc"): readonly string[] {
  const engines = readdirSync(proc).filter(
    (name) => /^[0-9]+$/.test(name) && commandOf(`${proc}/${name}/comm`) === "dockerd",
  );
  return ["1", ...engines].map((pid) => `${proc}/${pid}/root`);
}

/** The engine's folder of network namespaces: in this process's own file system, or else in the host's. */
export function engineNamespaces(roots: () => readonly string[] = hostRoots): string {
  const root = ["", ...roots()].find((candidate) => existsSync(`${candidate}${ENGINE_FOLDER}`)) ?? "";
  return `${root}${NAMESPACES}`;
}

function commandOf(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return "";
  }
}
