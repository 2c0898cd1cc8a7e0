import { spawn, type ChildProcess } from "node:child_process";
import { appendFileSync, closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { Backoff } from "@ambit/base/backoff.ts";
import type { Clock, Timer } from "@ambit/base/clock.ts";
import { describeError } from "@ambit/base/errors.ts";
import type { Random } from "@ambit/base/random.ts";
import { processStartTime, type Journal, type JournalEntry } from "./journal.ts";

/** A process that ran this long counts as well: the next restart comes quickly again. */
const STABLE_MS = 30_000;
const FIRST_RESTART_MS = 1_000;
const LAST_RESTART_MS = 30_000;

/** What a container is doing; `reason` uses the kubelet's words. */
export type ContainerState =
  | { readonly phase: "waiting"; readonly reason: string; readonly message: string }
  | { readonly phase: "running"; readonly pid: number; readonly startedAt: number }
  | { readonly phase: "terminated"; readonly exitCode: number; readonly reason: string };

/** A command line, ready to run. */
export interface ProcessLaunch {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Set when the command does not change its folder itself. */
  readonly cwd?: string;
}

export interface ContainerProcessOptions {
  readonly logPath: string;
  readonly restartPolicy: "Always" | "OnFailure" | "Never";
  /** Asked anew for every start; what it throws counts as a failed start. */
  readonly launch: () => ProcessLaunch;
  readonly onChange: () => void;
}

export interface ContainerProcessDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly journal: Journal;
}

/** One container's process: started, restarted with growing delays (1 s to 30 s), stopped with its whole group. */
export class ContainerProcess {
  readonly #options: ContainerProcessOptions;
  readonly #deps: ContainerProcessDeps;
  readonly #backoff: Backoff;
  #state: ContainerState = { phase: "waiting", reason: "ContainerCreating", message: "" };
  #child: ChildProcess | undefined;
  #entry: JournalEntry | undefined;
  #timer: Timer | undefined;
  #ended: (() => void)[] = [];
  #stopping = false;
  #restarts = 0;
  #lastExit: Extract<ContainerState, { phase: "terminated" }> | undefined;

  constructor(options: ContainerProcessOptions, deps: ContainerProcessDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#backoff = new Backoff(
      { initialMs: FIRST_RESTART_MS, maxMs: LAST_RESTART_MS, jitter: 0 },
      deps.random,
    );
    mkdirSync(dirname(options.logPath), { recursive: true, mode: 0o700 });
  }

  get state(): ContainerState {
    return this.#state;
  }

  get restarts(): number {
    return this.#restarts;
  }

  /** How the run before the present one ended. */
  get lastExit(): Extract<ContainerState, { phase: "terminated" }> | undefined {
    return this.#lastExit;
  }

  start(): void {
    if (this.#stopping) return;
    let launch: ProcessLaunch;
    let log: number;
    try {
      launch = this.#options.launch();
      log = openSync(this.#options.logPath, "a", 0o600);
    } catch (thrown) {
      this.note(describeError(thrown));
      this.#exited(undefined, 128, "CreateContainerConfigError");
      return;
    }
    const [program = "", ...args] = launch.command;
    const child = spawn(program, args, {
      stdio: ["ignore", log, log],
      env: { ...launch.env },
      detached: true,
      ...(launch.cwd === undefined ? {} : { cwd: launch.cwd }),
    });
    closeSync(log);
    this.#child = child;
    child.once("error", (error) => {
      this.note(error.message);
      this.#exited(child, 128, "StartError");
    });
    child.once("exit", (code, signal) =>
      this.#exited(child, code ?? 137, code === 0 ? "Completed" : (signal ?? "Error")),
    );
    const { pid } = child;
    if (pid === undefined) return;
    this.#entry = { kind: "process", pid, startTime: processStartTime(pid) ?? "" };
    this.#deps.journal.add(this.#entry);
    this.#change({ phase: "running", pid, startedAt: this.#deps.clock.now() });
  }

  /** Ends the process so that it is restarted, as a failed liveness probe demands. */
  restart(graceMs: number, reason: string): void {
    this.note(`restarting: ${reason}`);
    void this.#end(graceMs);
  }

  /** Ends the process for good: SIGTERM, after `graceMs` SIGKILL, both to its whole group. */
  stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    this.#timer?.cancel();
    return this.#end(graceMs);
  }

  /** Writes a line of the agent into the container's log. */
  note(text: string): void {
    try {
      appendFileSync(this.#options.logPath, `ambit: ${text}\n`, { mode: 0o600 });
    } catch {
      // A full disk must not take the agent down.
    }
  }

  #end(graceMs: number): Promise<void> {
    const child = this.#child;
    if (child === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      const force = this.#deps.clock.after(graceMs, () => signalGroup(child, "SIGKILL"));
      this.#ended.push(() => {
        force.cancel();
        resolve();
      });
      signalGroup(child, "SIGTERM");
    });
  }

  #exited(child: ChildProcess | undefined, exitCode: number, reason: string): void {
    if (this.#child !== child) return;
    // What the process left running in its group must not outlive it.
    if (child !== undefined) signalGroup(child, "SIGKILL");
    this.#child = undefined;
    if (this.#entry !== undefined) this.#deps.journal.remove(this.#entry);
    this.#entry = undefined;
    const ranMs = this.#state.phase === "running" ? this.#deps.clock.now() - this.#state.startedAt : 0;
    const exit = { phase: "terminated", exitCode, reason } as const;
    this.#lastExit = exit;
    for (const done of this.#ended.splice(0)) done();
    if (this.#stopping || !this.#wantsRestart(exitCode)) {
      this.#change(exit);
      return;
    }
    if (ranMs > STABLE_MS) this.#backoff.reset();
    const delayMs = this.#backoff.next();
    const message = `ended with status ${exitCode} (${reason}), starting again in ${Math.round(delayMs / 1000)} s`;
    this.note(message);
    const waiting = reason === "CreateContainerConfigError" ? reason : "CrashLoopBackOff";
    this.#change({ phase: "waiting", reason: waiting, message });
    this.#timer = this.#deps.clock.after(delayMs, () => {
      this.#restarts++;
      this.start();
    });
  }

  #wantsRestart(exitCode: number): boolean {
    const { restartPolicy } = this.#options;
    return restartPolicy === "Always" || (restartPolicy === "OnFailure" && exitCode !== 0);
  }

  #change(state: ContainerState): void {
    this.#state = state;
    this.#options.onChange();
  }
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group is gone.
  }
}
