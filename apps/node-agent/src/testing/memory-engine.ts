import { DockerError } from "../platform/docker/docker-error.ts";
import type { Container, EngineEvent, ListedContainer } from "../platform/docker/engine-answers.ts";
import type { EventHandler } from "../platform/docker/engine-client.ts";

/**
 * The engine's client without an engine: a list and a description show what was there when they were asked for, and
 * arrive at once or, while such answers are held, when they are let go.
 */
export class MemoryEngine {
  /** Calls in their order, such as `events 17` and `inspect c1`. */
  readonly calls: string[] = [];
  /** Errors of calls whose text begins with the key. */
  readonly failures = new Map<string, Error>();
  readonly #present = new Map<string, Container>();
  readonly #held: (() => void)[] = [];
  #up = true;
  #holding: string | undefined;
  #handler: EventHandler | undefined;

  /** True while somebody follows the events. */
  get followed(): boolean {
    return this.#handler !== undefined;
  }

  put(...containers: readonly Container[]): void {
    for (const container of containers) this.#present.set(container.id, container);
  }

  remove(id: string): void {
    this.#present.delete(id);
  }

  /** Sends an event, with the container's labels as the engine does. */
  emit(action: string, containerId: string, change: Partial<EngineEvent> = {}): void {
    const attributes = this.#present.get(containerId)?.labels ?? {};
    this.#handler?.onEvent({ containerId, action, time: 1_700_000_000, attributes, ...change });
  }

  /** Answers to calls whose text begins with `call` wait from now on. */
  hold(call: string): void {
    this.#holding = call;
  }

  /** Held answers arrive, and later ones at once. */
  letGo(): void {
    this.#holding = undefined;
    for (const go of this.#held.splice(0)) go();
  }

  /** The stream breaks, and calls fail until `rise`. */
  die(): void {
    this.#up = false;
    this.endStream(gone());
  }

  rise(): void {
    this.#up = true;
  }

  endStream(error?: DockerError): void {
    const handler = this.#handler;
    this.#handler = undefined;
    handler?.onEnd(error);
  }

  async ping(): Promise<void> {
    await this.#answer("ping");
  }

  async containers(): Promise<readonly ListedContainer[]> {
    const list = [...this.#present.values()].map(({ id, labels, status }) => ({ id, labels, status }));
    await this.#answer("containers");
    return list;
  }

  async inspect(id: string): Promise<Container> {
    const found = this.#present.get(id);
    await this.#answer(`inspect ${id}`);
    if (found === undefined) throw new DockerError("not-found", `The engine knows no ${id}`);
    return found;
  }

  async events(since: number | undefined, handler: EventHandler): Promise<() => void> {
    await this.#answer(`events ${since ?? "from now"}`);
    this.#handler = handler;
    return () => {
      if (this.#handler === handler) this.#handler = undefined;
    };
  }

  async #answer(call: string): Promise<void> {
    this.calls.push(call);
    const holding = this.#holding;
    if (holding !== undefined && call.startsWith(holding))
      await new Promise<void>((resolve) => this.#held.push(resolve));
    if (!this.#up) throw gone();
    for (const [prefix, error] of this.failures) if (call.startsWith(prefix)) throw error;
  }
}

function gone(): DockerError {
  return new DockerError("unreachable", "The engine cannot be reached");
}
