import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { writeFileAtomic } from "@ambit/base/files.ts";
import { AmbitError } from "@ambit/base/errors.ts";
import { composeRecord, inCompose, replicaSockets } from "./compose/compose-mesh.ts";

/** What `ambit up` writes down about a running mesh. */
export interface MeshRecord {
  readonly name: string;
  /** The process that holds the mesh up, outside the sandbox. */
  readonly pid: number;
  /** The supervisor as seen from outside the sandbox. */
  readonly innerPid: number;
  readonly mode: "netns" | "loopback" | "compose";
  /** True when the sandbox is an unprivileged user namespace. */
  readonly rootless: boolean;
  readonly sourceDir: string;
  readonly nodes: readonly string[];
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

/** The folder of one mesh; see ARCHITECTURE.md for what lies where. */
export class StateDir {
  readonly path: string;

  constructor(path: string) {
    this.path = resolve(path);
  }

  /** Creates the folder, readable by its owner only. */
  create(): void {
    mkdirSync(this.path, { recursive: true, mode: 0o700 });
    for (const folder of [
      "run",
      "logs",
      "logs/pods",
      "auth/tokens",
      "cluster/pods",
      "cluster/nodes",
      "trust",
    ]) {
      mkdirSync(join(this.path, folder), { recursive: true, mode: 0o700 });
    }
  }

  file(...parts: string[]): string {
    return join(this.path, ...parts);
  }

  /** Unix socket of a component's admin server. */
  adminSocket(component: string): string {
    return join(this.path, "run", component, "admin.sock");
  }

  /** The sockets of every replica of a component, the youngest first. */
  adminSockets(component: string): readonly string[] {
    const found = inCompose() ? replicaSockets(join(this.path, "run", component)) : [];
    return found.length > 0 ? found : [this.adminSocket(component)];
  }

  writeRecord(record: MeshRecord): void {
    writeFileAtomic(this.file("mesh.json"), `${JSON.stringify(record, undefined, 2)}\n`, 0o600);
  }

  /** The record of the mesh, or undefined when there is none or its process is gone. */
  running(): MeshRecord | undefined {
    if (inCompose()) return composeRecord(this.path, process.env);
    if (!existsSync(this.file("mesh.json"))) return undefined;
    const record = JSON.parse(readFileSync(this.file("mesh.json"), "utf8")) as MeshRecord;
    return isAlive(record.pid) ? record : undefined;
  }

  /** The record of the running mesh; throws an AmbitError that names the next step when there is none. */
  requireRunning(): MeshRecord {
    const record = this.running();
    if (record === undefined) {
      throw new AmbitError("no-mesh", "No mesh is running here", {
        hint: "start one with: npx ambit up samples/myapp",
      });
    }
    return record;
  }
}

/** `--state`, else `$AMBIT_STATE`, else `${XDG_STATE_HOME:-~/.local/state}/ambit/<mesh>`. */
export function locateState(options: { readonly state?: string; readonly mesh?: string }): StateDir {
  const explicit = options.state ?? process.env["AMBIT_STATE"];
  if (explicit !== undefined && explicit !== "") return new StateDir(explicit);
  const xdg = process.env["XDG_STATE_HOME"];
  const base = xdg !== undefined && xdg !== "" ? xdg : join(homedir(), ".local/state");
  return new StateDir(join(base, "ambit", options.mesh ?? "default"));
}

/** True when a process with this id exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === "EPERM";
  }
}
