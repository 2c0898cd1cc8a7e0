import { fstatSync, openSync } from "node:fs";
import { IoError, systemError } from "./io-error.ts";
import { CLONE_NEWNET } from "./linux.ts";
import { createSys } from "./sys.ts";

/** Opens a network namespace by its file, such as /run/netns/NAME or /proc/PID/ns/net; the caller closes it. */
export function openNamespace(path: string): number {
  try {
    return openSync(path, "r");
  } catch (cause) {
    throw new IoError("namespace", "The network namespace cannot be opened", { facts: { path }, cause });
  }
}

/** `dev:ino` of a namespace: equal for two descriptors exactly when they mean the same namespace. */
export function namespaceIdentity(fd: number): string {
  const { dev, ino } = fstatSync(fd, { bigint: true });
  return `${dev}:${ino}`;
}

/**
 * Runs `fn` with this thread inside the network namespace and comes back. `fn` must be synchronous: while it runs no
 * other JavaScript can, so nothing else is ever made in the wrong namespace. It must not start threads, programs or
 * asynchronous work, which would be born inside. If the way back fails the process is aborted: going on in a foreign
 * namespace would be worse. Throws an IoError `namespace` when entering is refused (it needs CAP_SYS_ADMIN).
 */
export function withNamespace<Result>(fd: number, fn: () => Result): Result {
  const sys = createSys();
  const home = homeNamespace();
  const entered = sys.setNamespace(fd, CLONE_NEWNET);
  if (entered < 0) {
    throw new IoError("namespace", "The network namespace cannot be entered", {
      cause: systemError("setns", entered),
      hint: "Entering a network namespace needs CAP_SYS_ADMIN in the user namespace that owns it",
    });
  }
  try {
    const result = fn();
    if (result instanceof Promise) throw new IoError("namespace", "Work in a namespace must be synchronous");
    return result;
  } finally {
    if (sys.setNamespace(home, CLONE_NEWNET) < 0) process.abort();
  }
}

let home = -1;

/** The namespace this thread lives in, opened once: every thread has its own copy of this module. */
function homeNamespace(): number {
  if (home < 0) home = openSync("/proc/thread-self/ns/net", "r");
  return home;
}
