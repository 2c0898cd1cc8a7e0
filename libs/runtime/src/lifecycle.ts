import { describeError } from "@ambit/base/errors.ts";
import type { Logger } from "@ambit/base/logger.ts";
import type { Clock } from "@ambit/base/clock.ts";
import { MemoryReturn, type NativeMemory } from "./memory-return.ts";

/** Nobody waits for a main thread that does so little. */
const QUIET_SHARE = 0.25;

/** A process's inside: started once, drained once. */
export interface App {
  start(): Promise<void>;
  /** Stops taking work, lets what runs finish until the signal aborts, then ends everything. */
  drain(deadline: AbortSignal): Promise<void>;
}

/** What a process may be waiting for before it is ready; the names appear on the readiness page. */
export class Readiness {
  readonly #pending = new Set<string>();

  /** Marks `task` as pending until the returned function is called; calling it twice is harmless. */
  begin(task: string): () => void {
    this.#pending.add(task);
    return () => this.#pending.delete(task);
  }

  /** The tasks still pending, in the order they were begun. */
  pending(): readonly string[] {
    return [...this.#pending];
  }

  get ready(): boolean {
    return this.#pending.size === 0;
  }
}

/** What a process runs with. */
export interface ProcessDeps {
  readonly logger: Logger;
  readonly clock: Clock;
  /** What is given back in a quiet moment beside V8's own. @default nothing is */
  readonly native?: NativeMemory;
}

/**
 * Runs an app until SIGTERM or SIGINT, drains it within `drainMs`, and ends the process: status 0 after a clean
 * drain, 1 when the start failed or the drain did. A second signal ends at once.
 */
export async function runProcess(
  app: App,
  options: { readonly drainMs: number },
  deps: ProcessDeps,
): Promise<void> {
  const { logger, clock } = deps;
  try {
    new MemoryReturn({ quietShare: QUIET_SHARE }, deps).start();
    await app.start();
  } catch (thrown) {
    logger.error("start failed", { error: describeError(thrown) });
    process.exit(1);
  }
  const signal = await new Promise<string>((resolve) => {
    for (const name of ["SIGTERM", "SIGINT"]) process.once(name, () => resolve(name));
  });
  logger.info("draining", { signal, drainMs: options.drainMs });
  for (const name of ["SIGTERM", "SIGINT"]) process.once(name, () => process.exit(1));
  const deadline = new AbortController();
  const timer = clock.after(options.drainMs, () => deadline.abort(new Error("drain deadline")), true);
  try {
    await app.drain(deadline.signal);
    timer.cancel();
    logger.info("stopped");
    process.exit(0);
  } catch (thrown) {
    logger.error("drain failed", { error: describeError(thrown) });
    process.exit(1);
  }
}
