import type { Clock } from "@ambit/base/clock.ts";
import type { Logger } from "@ambit/base/logger.ts";
import type { DeltaBatch, DeltaClient } from "@ambit/xds/client/delta-client.ts";
import type { RejectedResource } from "@ambit/xds/client/protocol.ts";
import type { ToData } from "../messages.ts";
import type { LastGood, LoadedState } from "./last-good.ts";
import type { MeshMirror } from "./mesh-mirror.ts";

/** The discovery stream as the source drives it. */
export type DiscoveryStream = Pick<DeltaClient, "connected" | "start" | "stop" | "hurry">;

/** What the stream is made with. */
export interface StreamParts {
  /** Versions by name that are held already, by type. */
  readonly held: (typeUrl: string) => ReadonlyMap<string, string>;
  readonly apply: (batch: DeltaBatch) => readonly RejectedResource[];
  readonly onSynced: () => void;
}

export interface MeshSourceDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly mirror: MeshMirror;
  readonly lastGood: LastGood | undefined;
  readonly makeStream: (parts: StreamParts) => DiscoveryStream;
  readonly broadcast: (message: ToData) => void;
  /** Once: the mesh is known well enough to serve pods. */
  readonly onKnown: () => void;
}

/**
 * A proxy that knows an earlier state serves from it when discovery has said nothing for this long, and this long when
 * its first answers have begun to arrive: then the wait is for something newer.
 */
const SILENCE_MS = 500;
const PATIENCE_MS = 10_000;

/** Where the picture of the mesh comes from: an earlier run's state first, then discovery. */
export class MeshSource {
  readonly #deps: MeshSourceDeps;
  readonly #stream: DiscoveryStream;
  readonly #loaded: LoadedState | undefined;
  readonly #held = new Map<string, Map<string, string>>();
  readonly #seeds: ToData[] = [];
  #isKnown = false;

  constructor(deps: MeshSourceDeps) {
    this.#deps = deps;
    this.#loaded = deps.lastGood?.load();
    for (const [typeUrl, resources] of this.#loaded?.types ?? []) {
      const { rejected, accepted } = deps.mirror.apply({ typeUrl, resources, removed: [] });
      // What this version of the proxy cannot read is not held: discovery sends it again.
      const bad = new Set(rejected.map(({ name }) => name));
      const good = resources.filter(({ name }) => !bad.has(name));
      this.#held.set(typeUrl, new Map(good.map(({ name, version }) => [name, version])));
      this.#seeds.push(accepted);
    }
    this.#stream = deps.makeStream({
      held: (typeUrl) => this.#held.get(typeUrl) ?? new Map(),
      apply: (batch) => this.#apply(batch),
      onSynced: () => this.#known(),
    });
  }

  /** Begins once the data threads run. */
  start(): void {
    for (const seed of this.#seeds.splice(0)) this.#deps.broadcast(seed);
    this.#stream.start();
    if (this.#loaded === undefined) return;
    const { ageMs } = this.#loaded;
    const { clock, logger } = this.#deps;
    const giveUp = (): void => {
      if (this.#isKnown) return;
      logger.warn("discovery is away: serving from the last good state", { ageMs });
      this.#known();
    };
    clock.after(SILENCE_MS, () => {
      if (this.#stream.connected) clock.after(PATIENCE_MS - SILENCE_MS, giveUp);
      else giveUp();
    });
  }

  /** Tries again at once when the stream waits for its next try. */
  hurry(): void {
    this.#stream.hurry();
  }

  stop(): void {
    this.#stream.stop();
    this.#deps.lastGood?.write();
  }

  #apply(batch: DeltaBatch): readonly RejectedResource[] {
    const { rejected, accepted } = this.#deps.mirror.apply(batch);
    this.#deps.broadcast(accepted);
    this.#deps.lastGood?.note(batch, new Set(rejected.map(({ name }) => name)));
    return rejected;
  }

  #known(): void {
    if (this.#isKnown) return;
    this.#isKnown = true;
    this.#deps.onKnown();
  }
}
