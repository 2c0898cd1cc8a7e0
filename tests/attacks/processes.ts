import { readdirSync, readFileSync } from "node:fs";

export interface ProcessFacts {
  readonly pid: number;
  readonly command: string;
}

/** Every process of the sandbox. */
export function processes(): ProcessFacts[] {
  return readdirSync("/proc")
    .filter((name) => /^[0-9]+$/.test(name))
    .map((name) => ({ pid: Number(name), command: read(`/proc/${name}/cmdline`).replaceAll("\0", " ") }))
    .filter(({ command }) => command !== "");
}

/** The process of a part of the mesh; undefined while there is none. */
export function part(script: string, node = ""): number | undefined {
  return processes().find(
    ({ pid, command }) =>
      command.includes(script) &&
      !command.startsWith("nsenter") &&
      (node === "" || environment(pid).includes(`NODE_NAME=${node}\0`)),
  )?.pid;
}

export const SCRIPTS = {
  ztunnel: "apps/ztunnel/src/main.ts",
  discovery: "apps/discovery/src/main.ts",
  ca: "apps/ca/src/main.ts",
  bus: "libs/bus/src/broker-main.ts",
} as const;

export function environment(pid: number): string {
  return read(`/proc/${pid}/environ`);
}

/** Resident memory in MiB; 0 when the process is gone. */
export function residentMiB(pid: number): number {
  return Math.round(Number(/VmRSS:\s+(\d+) kB/.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) / 1024);
}

export function openFiles(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
