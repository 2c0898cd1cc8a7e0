import { readFileSync, readdirSync } from "node:fs";

/** Seconds of CPU that these processes, their threads and their children have used. */
export function cpuSeconds(pids: readonly number[]): number {
  let nanoseconds = 0;
  for (const pid of withChildren(pids)) {
    try {
      for (const thread of readdirSync(`/proc/${pid}/task`)) {
        nanoseconds += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]);
      }
    } catch {
      // It ended while we looked.
    }
  }
  return nanoseconds / 1e9;
}

/** Resident memory of these processes and their children, in MiB. */
export function residentMiB(pids: readonly number[]): number {
  let kib = 0;
  for (const pid of withChildren(pids)) {
    try {
      kib += Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
    } catch {
      // It ended while we looked.
    }
  }
  return kib / 1024;
}

function withChildren(pids: readonly number[]): readonly number[] {
  const all = [...pids];
  for (const pid of pids) {
    try {
      for (const thread of readdirSync(`/proc/${pid}/task`)) {
        const text = readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").trim();
        if (text !== "") all.push(...withChildren(text.split(" ").map(Number)));
      }
    } catch {
      // It ended while we looked.
    }
  }
  return all;
}
