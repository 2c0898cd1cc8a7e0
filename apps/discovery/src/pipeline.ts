import { setImmediate as endOfTurn } from "node:timers";
import type { Clock, Timer } from "@ambit/base/clock.ts";
import type { Mesh, MeshChanges } from "@ambit/config/mesh.ts";
import type { Source, SourceEvent } from "@ambit/kube/source.ts";

/** Under churn, changes of this long go out together. */
const BATCH_MS = 10;

export interface PipelineDeps {
  readonly clock: Clock;
  readonly mesh: Mesh;
  /** Takes what one flush changed; `sinceMs` is the monotonic time of the oldest event in it. */
  readonly onChanges: (changes: MeshChanges, sinceMs: number) => void;
  /** Runs at the end of the present turn. */
  readonly defer?: (run: () => void) => void;
}

/**
 * From source events to changes of the mesh. A change that comes alone is derived at the end of its turn of the event loop;
 * when changes keep coming, those of 10 ms go out together.
 */
export class Pipeline {
  readonly #deps: PipelineDeps;
  readonly #defer: (run: () => void) => void;
  #unsubscribe: (() => void) | undefined;
  #oldestMs: number | undefined;
  #lastFlushMs = Number.NEGATIVE_INFINITY;
  #timer: Timer | undefined;
  #open = false;

  constructor(deps: PipelineDeps) {
    this.#deps = deps;
    this.#defer = deps.defer ?? ((run) => void endOfTurn(run));
  }

  /** Follows a source; resolves when its complete first state is derived and handed on. */
  async start(source: Source): Promise<void> {
    this.#unsubscribe = source.subscribe((events) => this.#take(events));
    await source.start();
    this.#open = true;
    this.#flush();
  }

  stop(): void {
    this.#unsubscribe?.();
    this.#timer?.cancel();
  }

  #take(events: readonly SourceEvent[]): void {
    const { clock, mesh } = this.#deps;
    mesh.apply(events);
    const now = clock.monotonic();
    const waiting = this.#oldestMs !== undefined;
    this.#oldestMs ??= now;
    // Before the first state is complete there is nothing worth telling.
    if (waiting || !this.#open) return;
    const restMs = this.#lastFlushMs + BATCH_MS - now;
    if (restMs <= 0) this.#defer(() => this.#flush());
    else this.#timer = clock.after(restMs, () => this.#flush());
  }

  #flush(): void {
    const { clock, mesh, onChanges } = this.#deps;
    const since = this.#oldestMs ?? clock.monotonic();
    this.#oldestMs = undefined;
    const changes = mesh.flush();
    this.#lastFlushMs = clock.monotonic();
    onChanges(changes, since);
  }
}
