import { Backoff } from "@ambit/base/backoff.ts";
import { sleep, type Clock } from "@ambit/base/clock.ts";
import { describeError } from "@ambit/base/errors.ts";
import type { Logger } from "@ambit/base/logger.ts";
import type { Random } from "@ambit/base/random.ts";
import type { EngineEvent, ListedContainer } from "./engine-answers.ts";
import type { EngineClient } from "./engine-client.ts";

const RETRY = { initialMs: 100, maxMs: 5_000 } as const;
/** How often the whole list is asked for, whatever the events said; it also finds an engine that hangs. */
const LOOK_MS = 10_000;

export interface EngineWatchDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly client: Pick<EngineClient, "ping" | "containers" | "events">;
  /** Every container there is; called before events that are newer. */
  readonly onList: (containers: readonly ListedContainer[]) => void;
  readonly onEvent: (event: EngineEvent) => void;
  /** The engine is away; a list follows when it is back. */
  readonly onLost: () => void;
}

/** Follows an engine for good: events, a list after every (re)connect, and one every now and then. */
export class EngineWatch {
  readonly #deps: EngineWatchDeps;
  readonly #backoff: Backoff;
  readonly #first = Promise.withResolvers<void>();
  readonly #stopping = new AbortController();
  #connected = false;
  /** Seconds of the newest event, from which a new stream goes on. */
  #since: number | undefined;

  constructor(deps: EngineWatchDeps) {
    this.#deps = deps;
    this.#backoff = new Backoff(RETRY, deps.random);
  }

  get connected(): boolean {
    return this.#connected;
  }

  /** Resolves after the first list, however long the engine takes to come. */
  start(): Promise<void> {
    void this.#run();
    return this.#first.promise;
  }

  stop(): void {
    this.#stopping.abort(new Error("stopped"));
  }

  get #stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #run(): Promise<void> {
    const { clock, logger, onLost } = this.#deps;
    let reported = "";
    while (!this.#stopped) {
      try {
        await this.#follow();
        reported = "";
      } catch (thrown) {
        const error = describeError(thrown);
        if (!this.#stopped && error !== reported) logger.warn("the container engine is away", { error });
        reported = error;
      }
      if (this.#stopped) return;
      if (this.#connected) onLost();
      this.#connected = false;
      await sleep(clock, this.#backoff.next(), this.#stopping.signal).catch(() => undefined);
    }
  }

  /** One connection: rejects with what ended it, resolves when the engine or `stop` did. */
  async #follow(): Promise<void> {
    const { client, clock, logger, onEvent, onList } = this.#deps;
    const over = Promise.withResolvers<void>();
    let isOver = false;
    const end = (error?: unknown): void => {
      isOver = true;
      if (error === undefined) over.resolve();
      else over.reject(error);
    };
    // It may break while the list is on its way, when nobody waits for it yet.
    over.promise.catch(() => undefined);
    await client.ping();
    // The stream first: what happens between the list and the stream would be lost.
    const close = await client.events(this.#since, {
      onEvent: (event) => {
        this.#since = Math.max(this.#since ?? 0, event.time);
        onEvent(event);
      },
      onEnd: end,
    });
    const look = async (): Promise<void> => {
      const containers = await client.containers();
      if (!isOver) onList(containers);
    };
    const stopped = (): void => end();
    this.#stopping.signal.addEventListener("abort", stopped);
    if (this.#stopped) end();
    const timer = clock.every(LOOK_MS, () => void look().catch(end), true);
    try {
      await Promise.race([look(), over.promise]);
      if (isOver) return await over.promise;
      logger.info("the container engine is there");
      this.#connected = true;
      this.#backoff.reset();
      this.#first.resolve();
      await over.promise;
    } finally {
      timer.cancel();
      this.#stopping.signal.removeEventListener("abort", stopped);
      close();
    }
  }
}
