import { setFlagsFromString } from "node:v8";
import { Worker } from "node:worker_threads";
import type { Logger } from "@ambit/base/logger.ts";
import type {
  DataThreadOptions,
  FromData,
  MetricSample,
  PodAnnouncement,
  PodConnections,
  ToData,
} from "../messages.ts";

/** What a data thread may ask of the main thread. */
export interface DataThreadEvents {
  onWantCertificate(identity: string): void;
  onWantKey(key: string): void;
  onAccessLines(lines: string): void;
  onLog(record: Extract<FromData, { kind: "log" }>): void;
  /** A thread died: the process cannot carry traffic as it should. */
  onFailed(error: string): void;
}

/** One end of the channel to a data thread. */
export interface DataThread {
  post(message: ToData): void;
  onMessage(listener: (message: FromData) => void): void;
  onExit(listener: (error: string) => void): void;
  terminate(): Promise<void>;
}

/**
 * Connections are short, so little of the young generation survives a collection whatever its size; the runtime's usual
 * 48 MiB only makes the proxy larger by a hundred MiB under load, and what it takes and gives back of them as the load
 * changes looks like growth.
 */
const YOUNG_MIB = 6;

/**
 * The old generation is collected for the first time at 16 MiB, and after that when it has grown by a half, or by the
 * 8 MiB that the runtime grants every heap. By itself the runtime lets it come to 25 or 40 MiB now and then, of which 8
 * live, so that a proxy under constant load would grow for no reason that shows. A thread's own limits do not have these.
 */
const HEAP_FLAGS = ["--initial-old-space-size=16", "--heap-growing-percent=50"] as const;

/** Starts a data thread. */
export function startDataThread(options: DataThreadOptions): DataThread {
  for (const flag of HEAP_FLAGS) setFlagsFromString(flag);
  const worker = new Worker(new URL("../data/main.worker.ts", import.meta.url), {
    workerData: options,
    name: `data-${options.index}`,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB },
  });
  return {
    post: (message) => worker.postMessage(message),
    onMessage: (listener) => void worker.on("message", listener),
    onExit: (listener) => {
      worker.on("error", (error) => listener(error instanceof Error ? error.message : "unknown error"));
      worker.on("exit", (code) => listener(`exit status ${code}`));
    },
    terminate: async () => {
      await worker.terminate();
    },
  };
}

/** Answers that have come so far to something asked of every thread. */
interface Round<Answer> {
  readonly answers: Answer[];
  readonly resolve: (answers: readonly Answer[]) => void;
}

/**
 * All data threads as one: whatever changes what they decide goes to each of them in the same order, and questions are
 * answered when each has answered.
 */
export class DataThreads {
  readonly #threads: readonly DataThread[];
  readonly #events: DataThreadEvents;
  readonly #logger: Logger;
  readonly #added = new Map<number, Round<string | undefined>>();
  readonly #gone = new Map<number, Round<number>>();
  readonly #scrapes = new Map<number, Round<readonly MetricSample[]>>();
  readonly #rows = new Map<number, Round<readonly PodConnections[]>>();
  #drained: Round<number> | undefined;
  #ready: Round<string> | undefined;
  #nextRequest = 1;
  #stopping = false;

  constructor(threads: readonly DataThread[], events: DataThreadEvents, logger: Logger) {
    this.#threads = threads;
    this.#events = events;
    this.#logger = logger;
  }

  /** Resolves with the name of the driver when every thread runs. */
  async start(): Promise<string> {
    const ready = new Promise<readonly string[]>((resolve) => {
      this.#ready = { answers: [], resolve };
    });
    for (const thread of this.#threads) {
      thread.onMessage((message) => this.#onMessage(thread, message));
      thread.onExit((error) => {
        if (!this.#stopping) this.#events.onFailed(error);
      });
    }
    const [driver = ""] = await ready;
    return driver;
  }

  /** Sends to every thread. */
  broadcast(message: ToData): void {
    for (const thread of this.#threads) thread.post(message);
  }

  /** Opens a pod's listeners on every thread; when one cannot, those that could let go again. */
  async addPod(pod: PodAnnouncement): Promise<string | undefined> {
    const answers = await this.#ask(this.#added, pod.id, { kind: "pod-add", pod });
    const error = answers.find((answer) => answer !== undefined);
    if (error !== undefined && answers.includes(undefined)) await this.removePod(pod.id, 0);
    return error;
  }

  async removePod(id: number, drainMs: number): Promise<void> {
    await this.#ask(this.#gone, id, { kind: "pod-del", id, drainMs });
  }

  async scrape(): Promise<readonly MetricSample[]> {
    const request = this.#nextRequest++;
    return (await this.#ask(this.#scrapes, request, { kind: "scrape", request })).flat();
  }

  async connections(): Promise<readonly PodConnections[]> {
    const request = this.#nextRequest++;
    return (await this.#ask(this.#rows, request, { kind: "connections", request })).flat();
  }

  /** Resolves with the number of connections that had to be cut. */
  async drain(drainMs: number): Promise<number> {
    const counts = await new Promise<readonly number[]>((resolve) => {
      this.#drained = { answers: [], resolve };
      this.broadcast({ kind: "drain", drainMs });
    });
    return counts.reduce((sum, count) => sum + count, 0);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#threads.map((thread) => thread.terminate()));
  }

  #ask<Answer>(rounds: Map<number, Round<Answer>>, key: number, message: ToData): Promise<readonly Answer[]> {
    return new Promise((resolve) => {
      rounds.set(key, { answers: [], resolve });
      this.broadcast(message);
    });
  }

  #answer<Answer>(rounds: Map<number, Round<Answer>>, key: number, answer: Answer): void {
    const round = rounds.get(key);
    if (round === undefined) return;
    round.answers.push(answer);
    if (round.answers.length < this.#threads.length) return;
    rounds.delete(key);
    round.resolve(round.answers);
  }

  #complete<Answer>(round: Round<Answer> | undefined, answer: Answer): void {
    if (round === undefined) return;
    round.answers.push(answer);
    if (round.answers.length === this.#threads.length) round.resolve(round.answers);
  }

  #onMessage(thread: DataThread, message: FromData): void {
    switch (message.kind) {
      case "ready":
        this.#complete(this.#ready, message.driver);
        break;
      case "want-certificate":
        this.#events.onWantCertificate(message.identity);
        break;
      case "want-key":
        this.#events.onWantKey(message.key);
        break;
      case "pod-added":
        this.#answer(this.#added, message.id, message.error);
        break;
      case "pod-gone":
        this.#answer(this.#gone, message.id, message.id);
        break;
      case "access":
        this.#events.onAccessLines(message.lines);
        break;
      case "log":
        this.#events.onLog(message);
        break;
      case "scraped":
        this.#answer(this.#scrapes, message.request, message.samples);
        break;
      case "connections":
        this.#answer(this.#rows, message.request, message.pods);
        break;
      case "drained":
        this.#complete(this.#drained, message.cut);
        break;
      default:
        this.#logger.error("unknown message from a data thread", { thread: this.#threads.indexOf(thread) });
    }
  }
}
