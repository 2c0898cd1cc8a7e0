import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** How the mesh will be held on this machine, and why. */
export interface SandboxPlan {
  readonly mode: "netns" | "loopback";
  readonly rootless: boolean;
  /** The command that opens the sandbox; the supervisor's command line is appended. Empty in loopback mode. */
  readonly enter: readonly string[];
  /** One sentence: which mode, and what is missing for a better one. */
  readonly reason: string;
}

/** `auto` takes namespaces where they can be had. */
export type SandboxMode = "auto" | "loopback";

/** Folders where system tools live that an ordinary user's PATH may leave out. */
const SYSTEM_PATHS = ["/usr/sbin", "/sbin", "/usr/local/sbin"];

/** PATH with the system folders appended. */
export function systemPath(path = process.env["PATH"] ?? ""): string {
  return [path, ...SYSTEM_PATHS].filter((part) => part !== "").join(delimiter);
}

/** Full path of a program, or undefined. */
export function findProgram(name: string, path = systemPath()): string | undefined {
  return path
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((candidate) => existsSync(candidate));
}

const NAMESPACES = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];

/** Finds out what this system allows. Root uses plain namespaces, everybody else one unprivileged user namespace. */
export function planSandbox(wanted: SandboxMode = "auto"): SandboxPlan {
  const rootless = process.getuid?.() !== 0;
  if (wanted === "loopback") return loopback(rootless, "asked for with --mode loopback");
  const missing = ["unshare", "ip", "nft"].filter((name) => findProgram(name) === undefined);
  if (missing.length > 0) return loopback(rootless, missingSentence(missing));
  const flags = rootless ? ["--user", "--map-root-user", ...NAMESPACES] : NAMESPACES;
  const probe = spawnSync(findProgram("unshare") ?? "unshare", [...flags, "ip", "link", "set", "lo", "up"], {
    env: { ...process.env, PATH: systemPath() },
    encoding: "utf8",
  });
  if (probe.status !== 0) {
    const why = (probe.stderr ?? "").trim().split("\n").at(-1) ?? "unknown reason";
    return loopback(
      rootless,
      `this system forbids ${rootless ? "unprivileged user" : "network"} namespaces (${why})`,
    );
  }
  return {
    mode: "netns",
    rootless,
    enter: [findProgram("unshare") ?? "unshare", ...flags],
    reason: rootless
      ? "network namespaces inside one unprivileged user namespace, real capture"
      : "network namespaces, real capture",
  };
}

function missingSentence(missing: readonly string[]): string {
  const packages: Readonly<Record<string, string>> = {
    unshare: "util-linux",
    ip: "iproute2",
    nft: "nftables",
  };
  return `missing: ${missing.map((name) => `${name} (package ${packages[name] ?? name})`).join(", ")}`;
}

function loopback(rootless: boolean, why: string): SandboxPlan {
  return {
    mode: "loopback",
    rootless,
    enter: [],
    reason: `plain loopback WITHOUT capture and WITHOUT mTLS: ${why}`,
  };
}
