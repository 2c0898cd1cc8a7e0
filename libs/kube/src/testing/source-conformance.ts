import { afterEach, beforeEach, expect, test } from "vitest";
import type { Source, SourceEvent } from "../source.ts";

/** A source under test together with the hands that change what it reads. */
export interface SourceHarness {
  readonly source: Source;
  /** Makes the named document exist with this text (one or more YAML documents). */
  write(name: string, text: string): void;
  remove(name: string): void;
  /** Resolves once the source has taken notice of everything done so far. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

const account = (name: string, label = "one"): string =>
  `apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: ${name}, namespace: shop, labels: { v: ${label} } }\n`;

function summary(events: readonly SourceEvent[]): string[] {
  return events.map((event) => `${event.type} ${event.kind} ${event.namespace}/${event.name}`).sort();
}

/** What every Source promises; call it inside a `describe`. */
export function sourceConformance(open: () => Promise<SourceHarness> | SourceHarness): void {
  let harness: SourceHarness;

  beforeEach(async () => {
    harness = await open();
  });

  afterEach(() => harness.close());

  test("start() resolves when the complete first state was handed over", async () => {
    harness.write("a", account("a"));
    harness.write("b", account("b"));
    const seen: SourceEvent[] = [];
    harness.source.subscribe((events) => seen.push(...events));
    expect(harness.source.synced).toBe(false);
    await harness.source.start();
    expect(harness.source.synced).toBe(true);
    expect(summary(seen)).toEqual(["put ServiceAccount shop/a", "put ServiceAccount shop/b"]);
  });

  test("subscribe() hands a late subscriber the present state first", async () => {
    harness.write("a", account("a"));
    await harness.source.start();
    const batches: string[][] = [];
    harness.source.subscribe((events) => batches.push(summary(events)));
    expect(batches).toEqual([["put ServiceAccount shop/a"]]);
  });

  test("subscribe() reports additions, changes and removals once each, and nothing for a rewrite", async () => {
    await harness.source.start();
    const seen: string[] = [];
    harness.source.subscribe((events) => seen.push(...summary(events)));
    harness.write("a", account("a"));
    await harness.settle();
    harness.write("a", account("a"));
    await harness.settle();
    harness.write("a", account("a", "two"));
    await harness.settle();
    harness.remove("a");
    await harness.settle();
    expect(seen).toEqual([
      "put ServiceAccount shop/a",
      "put ServiceAccount shop/a",
      "delete ServiceAccount shop/a",
    ]);
  });

  test("a broken change keeps the last good version, and the rest goes on", async () => {
    harness.write("a", account("a"));
    await harness.source.start();
    const seen: string[] = [];
    harness.source.subscribe((events) => seen.push(...summary(events)));
    seen.length = 0;
    harness.write("a", account("a").replace("{ v: one }", "[v]"));
    harness.write("b", account("b"));
    await harness.settle();
    expect(seen).toEqual(["put ServiceAccount shop/b"]);
    expect(harness.source.diagnostics().map((entry) => entry.severity)).toEqual(["error"]);
  });

  test("a subscriber that left hears nothing more", async () => {
    await harness.source.start();
    const seen: string[] = [];
    const leave = harness.source.subscribe((events) => seen.push(...summary(events)));
    leave();
    harness.write("a", account("a"));
    await harness.settle();
    expect(seen).toEqual([]);
  });
}
