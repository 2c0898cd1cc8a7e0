import { describe, expect, test } from "vitest";
import { Mesh } from "@ambit/config/mesh.ts";
import { DEFAULT_MESH_OPTIONS } from "@ambit/config/options.ts";
import { objectsOf, putOf } from "@ambit/config/testing/mesh-from-yaml.ts";
import type { Source, SourceEvent } from "@ambit/kube/source.ts";
import { podValue, yamlDocument } from "@ambit/kube/testing/yaml-builder.ts";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { Pipeline } from "./pipeline.ts";

/** A source that says what the test says. */
class SpokenSource implements Source {
  readonly synced = true;
  #listener: ((events: readonly SourceEvent[]) => void) | undefined;
  readonly #first: readonly SourceEvent[];

  constructor(first: readonly SourceEvent[]) {
    this.#first = first;
  }

  start(): Promise<void> {
    this.say(this.#first);
    return Promise.resolve();
  }

  say(events: readonly SourceEvent[]): void {
    this.#listener?.(events);
  }

  subscribe(listener: (events: readonly SourceEvent[]) => void): () => void {
    this.#listener = listener;
    return () => {
      this.#listener = undefined;
    };
  }

  stop(): void {}
  diagnostics(): readonly [] {
    return [];
  }
  locate(): undefined {
    return undefined;
  }
  onDiagnostics(): () => void {
    return () => undefined;
  }
}

const pod = (name: string): SourceEvent[] => objectsOf(yamlDocument(podValue({ name }))).map(putOf);

async function open(first: readonly SourceEvent[] = []) {
  const clock = new FakeClock();
  const flushes: { names: string[]; waitedMs: number }[] = [];
  const deferred: (() => void)[] = [];
  const source = new SpokenSource(first);
  const pipeline = new Pipeline({
    clock,
    mesh: new Mesh(DEFAULT_MESH_OPTIONS),
    onChanges: ({ workloads }, sinceMs) =>
      flushes.push({
        names: workloads.map((one) => one.after?.name ?? "").sort(),
        waitedMs: clock.monotonic() - sinceMs,
      }),
    defer: (run) => deferred.push(run),
  });
  await pipeline.start(source);
  const endTurn = (): void => {
    for (const run of deferred.splice(0)) run();
  };
  return { clock, flushes, source, endTurn, pipeline };
}

describe("Pipeline", () => {
  test("start() hands on the complete first state in one piece", async () => {
    const { flushes } = await open([...pod("a"), ...pod("b")]);
    expect(flushes).toEqual([{ names: ["a", "b"], waitedMs: 0 }]);
  });

  test("a change that comes alone goes out at the end of its turn, with what came in the same turn", async () => {
    const { clock, flushes, source, endTurn } = await open();
    await clock.advance(1_000);
    source.say(pod("a"));
    source.say(pod("b"));
    expect(flushes).toHaveLength(1);
    endTurn();
    expect(flushes[1]).toEqual({ names: ["a", "b"], waitedMs: 0 });
  });

  test("under churn, changes of ten milliseconds go out together", async () => {
    const { clock, flushes, source, endTurn } = await open();
    await clock.advance(1_000);
    source.say(pod("a"));
    endTurn();
    await clock.advance(2);
    source.say(pod("b"));
    endTurn();
    await clock.advance(3);
    source.say(pod("c"));
    await clock.advance(4);
    expect(flushes).toHaveLength(2);
    await clock.advance(1);
    expect(flushes[2]).toEqual({ names: ["b", "c"], waitedMs: 8 });
  });

  test("stop() ends it", async () => {
    const { clock, flushes, source, endTurn, pipeline } = await open();
    pipeline.stop();
    await clock.advance(1_000);
    source.say(pod("a"));
    endTurn();
    expect(flushes).toHaveLength(1);
  });
});
