import { readFileSync } from "node:fs";
import { release } from "node:os";
import { engineAvailability } from "@ambit/io/choose-driver.ts";
import { findProgram, planSandbox } from "../up/sandbox.ts";
import type { Check, Finding } from "./check.ts";

/** Descriptors below which a busy node proxy runs out: two per connection. */
const WANTED_DESCRIPTORS = 65_536;

/** What the machine must offer, whether a mesh runs or not. */
export const hostChecks: readonly Check[] = [
  {
    id: "host-kernel",
    category: "host",
    title: "kernel is 5.4 or newer",
    needsMesh: false,
    run: () => kernelFinding(release()),
  },
  ...(["unshare", "nsenter", "ip", "nft"] as const).map((program): Check => ({
    id: `host-${program}`,
    category: "host",
    title: `${program} is installed`,
    needsMesh: false,
    run: () => programFinding(program),
  })),
  {
    id: "host-namespaces",
    category: "host",
    title: "network namespaces are permitted",
    needsMesh: false,
    run: () => {
      const plan = planSandbox();
      return plan.mode === "netns"
        ? { result: "ok", seen: plan.reason }
        : { result: "failed", seen: plan.reason, hint: "allow unprivileged user namespaces, or run as root" };
    },
  },
  {
    id: "host-descriptors",
    category: "host",
    title: `file descriptor limit is at least ${WANTED_DESCRIPTORS}`,
    needsMesh: false,
    run: () => descriptorFinding(readFileSync("/proc/self/limits", "utf8")),
  },
  {
    id: "runtime-node",
    category: "runtime",
    title: "Node is the pinned line",
    needsMesh: false,
    run: () =>
      process.versions.node.startsWith("24.")
        ? { result: "ok", seen: process.version }
        : {
            result: "failed",
            seen: process.version,
            hint: "run through npx ambit, which uses the pinned Node 24",
          },
  },
  {
    id: "runtime-engine",
    category: "runtime",
    title: "the engine data path is usable",
    needsMesh: false,
    run: () => {
      const engine = engineAvailability();
      return engine.available
        ? { result: "ok", seen: "epoll and OpenSSL through FFI" }
        : {
            result: "warning",
            seen: `portable data path: ${engine.reason}`,
            hint: "install the Node of package-lock.json",
          };
    },
  },
];

/** Judges a kernel release such as `6.1.0-18-amd64`. */
export function kernelFinding(text: string): Finding {
  const [major = 0, minor = 0] = text.split(/[.-]/).map(Number);
  const ok = major > 5 || (major === 5 && minor >= 4);
  return ok
    ? { result: "ok", seen: text }
    : { result: "failed", seen: text, hint: "use a kernel of 5.4 or newer" };
}

function programFinding(program: string): Finding {
  const path = findProgram(program);
  const packages: Readonly<Record<string, string>> = { ip: "iproute2", nft: "nftables" };
  return path === undefined
    ? {
        result: "failed",
        seen: "not found",
        hint: `install the package ${packages[program] ?? "util-linux"}`,
      }
    : { result: "ok", seen: path };
}

/** Judges the text of /proc/self/limits. */
export function descriptorFinding(limits: string): Finding {
  const hard = Number(/Max open files\s+\S+\s+(\S+)/.exec(limits)?.[1] ?? "0");
  return hard >= WANTED_DESCRIPTORS
    ? { result: "ok", seen: String(hard) }
    : {
        result: "warning",
        seen: String(hard),
        hint: "raise it with ulimit -Hn, or connections are capped earlier",
      };
}
