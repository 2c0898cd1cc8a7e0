import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { Backoff } from "@ambit/base/backoff.ts";
import type { Clock, Timer } from "@ambit/base/clock.ts";
import type { Random } from "@ambit/base/random.ts";

/** One long-running process of the mesh. */
export interface ComponentSpec {
  /** Also the name of its log file and admin socket. */
  readonly name: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly logPath: string;
  /** Unix socket of its admin server. */
  readonly adminSocket: string;
  /** Told to the first process only, not to those that take its place after a crash. */
  readonly firstStart?: Readonly<Record<string, string>>;
}

export interface ComponentState {
  readonly name: string;
  readonly pid: number | undefined;
  readonly restarts: number;
  readonly lastExit: string | undefined;
}

/** A process that lived this long did not end of its start. */
const STABLE_MS = 5_000;

/** Traffic waits for a node proxy that died, however often: it is back within 2 s. A crash loop of a few processes is bearable. */
const RESTART = { initialMs: 100, maxMs: 500 };

/** Runs a component and starts it again, with back-off, when it ends without being asked to. */
export class Component {
  readonly spec: ComponentSpec;
  readonly #clock: Clock;
  readonly #backoff: Backoff;
  #child: ChildProcess | undefined;
  #timer: Timer | undefined;
  #stopping = false;
  #restarts = 0;
  #lastExit: string | undefined;
  #startedAt = 0;

  constructor(spec: ComponentSpec, deps: { clock: Clock; random: Random }) {
    this.spec = spec;
    this.#clock = deps.clock;
    this.#backoff = new Backoff(RESTART, deps.random);
  }

  get state(): ComponentState {
    return {
      name: this.spec.name,
      pid: this.#child?.pid,
      restarts: this.#restarts,
      lastExit: this.#lastExit,
    };
  }

  start(): void {
    const log = openSync(this.spec.logPath, "a", 0o600);
    const [program = "", ...args] = this.spec.command;
    const first = this.#restarts === 0 ? this.spec.firstStart : {};
    const env = { ...this.spec.environment, ...first };
    const child = spawn(program, args, { stdio: ["ignore", log, log], env });
    closeSync(log);
    this.#child = child;
    this.#startedAt = this.#clock.monotonic();
    child.once("error", (error) => this.#ended(child, error.message));
    child.once("exit", (code, signal) => this.#ended(child, signal ?? `status ${code}`));
  }

  /** Sends SIGTERM, and SIGKILL after `graceMs`; resolves when the process is gone. */
  stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    this.#timer?.cancel();
    const child = this.#child;
    if (child === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      const force = this.#clock.after(graceMs, () => child.kill("SIGKILL"));
      child.once("exit", () => {
        force.cancel();
        resolve();
      });
      child.kill("SIGTERM");
    });
  }

  #ended(child: ChildProcess, reason: string): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    this.#lastExit = reason;
    if (this.#stopping) return;
    if (this.#clock.monotonic() - this.#startedAt > STABLE_MS) this.#backoff.reset();
    this.#restarts++;
    this.#timer = this.#clock.after(this.#backoff.next(), () => this.start());
  }
}
