import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, rmSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { systemClock } from "@ambit/base/clock.ts";
import { AmbitError } from "@ambit/base/errors.ts";
import { AdminClient } from "../client/admin-client.ts";
import { StateDir, type MeshRecord } from "../state-dir.ts";
import { HostForwards } from "./forwards.ts";
import {
  PLAN_VARIABLE,
  type ComponentEnvironment,
  type SupervisorMessage,
  type SupervisorPlan,
} from "./progress.ts";
import { planSandbox, systemPath, type SandboxMode, type SandboxPlan } from "./sandbox.ts";

export interface UpOptions {
  readonly directory: string;
  readonly nodes: number;
  readonly leafTtl: string;
  /** How long connections of a node proxy that leaves may go on, in milliseconds. */
  readonly drainMs: number;
  readonly driver: string;
  readonly logLevel: string;
  readonly environment: ComponentEnvironment;
  readonly mesh: string;
  readonly mode: SandboxMode;
}

/** Letters of the simulated nodes: node-a, node-b, ... */
const NODE_LETTERS = "abcdefghijklmnopqrstuvwxyz";

/** A mesh that is up; `done` resolves when it has ended and everything is gone. */
export interface RunningMesh {
  readonly record: MeshRecord;
  readonly sandbox: SandboxPlan;
  readonly forwards: HostForwards;
  readonly done: Promise<void>;
  stop(): Promise<void>;
}

/** Brings the mesh up and resolves once every part is ready. Throws an AmbitError that names the log to read. */
export async function bringUp(
  state: StateDir,
  options: UpOptions,
  onStep: (name: string, detail: string) => void,
): Promise<RunningMesh> {
  const sourceDir = resolve(options.directory);
  if (!existsSync(sourceDir) || !statSync(sourceDir).isDirectory()) {
    throw new AmbitError("no-directory", `${sourceDir} is no directory of manifests`);
  }
  const sandbox = planSandbox(options.mode);
  clearRuntime(state);
  state.create();
  const nodes = Array.from({ length: options.nodes }, (_, index) => `node-${NODE_LETTERS[index]}`);
  const plan: SupervisorPlan = {
    mode: sandbox.mode,
    stateDir: state.path,
    sourceDir,
    nodes,
    leafTtl: options.leafTtl,
    drainMs: options.drainMs,
    driver: options.driver,
    logLevel: options.logLevel,
    environment: options.environment,
  };
  onStep("sandbox", sandbox.reason);
  const child = launch(state, sandbox, plan);
  await supervisorReady(child, state, onStep);
  const record: MeshRecord = {
    name: options.mesh,
    pid: process.pid,
    innerPid: innerPid(child, sandbox),
    mode: sandbox.mode,
    rootless: sandbox.rootless,
    sourceDir,
    nodes,
    startedAt: systemClock.now(),
  };
  state.writeRecord(record);
  return hold(state, child, record, sandbox);
}

// What the previous run left on disk and is not state: sockets, pods, logs.
function clearRuntime(state: StateDir): void {
  for (const part of ["run", "logs", "cluster", "mesh.json"])
    rmSync(state.file(part), { recursive: true, force: true });
}

function launch(state: StateDir, sandbox: SandboxPlan, plan: SupervisorPlan): ChildProcess {
  const log = openSync(state.file("logs/supervisor.log"), "a", 0o600);
  const script = join(import.meta.dirname, "../main.ts");
  const command = [
    ...sandbox.enter,
    process.execPath,
    "--disable-warning=ExperimentalWarning",
    script,
    "_supervise",
  ];
  const [program = "", ...args] = command;
  const child = spawn(program, args, {
    stdio: ["ignore", log, log, "ipc"],
    // A process group of its own: Ctrl-C reaches us alone, and we take the mesh down in order.
    detached: true,
    env: {
      PATH: systemPath(),
      HOME: process.env["HOME"] ?? "/",
      NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] ?? state.file("run/compile-cache"),
      [PLAN_VARIABLE]: JSON.stringify(plan),
    },
  });
  closeSync(log);
  return child;
}

function supervisorReady(
  child: ChildProcess,
  state: StateDir,
  onStep: (name: string, detail: string) => void,
): Promise<void> {
  return new Promise((ready, reject) => {
    child.on("message", (message) => {
      const known = message as SupervisorMessage;
      switch (known.type) {
        case "step":
          onStep(known.name, known.detail);
          break;
        case "ready":
          ready();
          break;
        case "failed":
          reject(new AmbitError("start-failed", known.message, { hint: known.hint }));
          break;
      }
    });
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      const log = state.file("logs/supervisor.log");
      const tail = existsSync(log) ? (readFileSync(log, "utf8").trim().split("\n").at(-1) ?? "") : "";
      reject(
        new AmbitError(
          "start-failed",
          `The supervisor ended while starting (${signal ?? `status ${code}`}): ${tail}`,
          {
            hint: `see ${state.file("logs")}`,
          },
        ),
      );
    });
  });
}

/** The supervisor's process id out here: unshare's only child. */
function innerPid(child: ChildProcess, sandbox: SandboxPlan): number {
  const pid = child.pid ?? 0;
  if (sandbox.enter.length === 0) return pid;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
  return Number(children[0] ?? pid);
}

function hold(state: StateDir, child: ChildProcess, record: MeshRecord, sandbox: SandboxPlan): RunningMesh {
  const forwards = new HostForwards(new AdminClient("node-agent", state.adminSocket("node-agent")));
  const refresh = systemClock.every(1_000, () => {
    // The agent may be restarting; the next round finds it again.
    forwards.refresh().catch(() => undefined);
  });
  const done = new Promise<void>((resolve) => {
    child.once("exit", () => {
      refresh.cancel();
      forwards.close();
      rmSync(state.file("mesh.json"), { force: true });
      rmSync(state.file("run"), { recursive: true, force: true });
      resolve();
    });
  });
  return {
    record,
    sandbox,
    forwards,
    done,
    async stop() {
      if (child.connected) child.disconnect();
      const force = systemClock.after(15_000, () => child.kill("SIGKILL"));
      await done;
      force.cancel();
    },
  };
}
