import { describe, expect, test } from "vitest";
import { seededRandom } from "@ambit/base/random.ts";
import { aggregatedDiscoveryService, type DeltaResponse } from "@ambit/contract/grpc-services.ts";
import { TYPE_URLS } from "@ambit/contract/type-urls.ts";
import { deltaRequest } from "../testing/messages.ts";
import { encodeResponse } from "./response-bytes.ts";
import { DeltaSession, readsEverything } from "./session.ts";
import { Snapshot } from "./snapshot.ts";

function put(index: number, round: number) {
  const length = index % 40 === 0 ? 3_000 : 50 + (index % 300);
  return { name: `name-${index}`, bytes: Buffer.alloc(length, `${index} ${round} `) };
}

function snapshotOf(count: number): Snapshot {
  const snapshot = new Snapshot(TYPE_URLS.address);
  snapshot.apply({ put: Array.from({ length: count }, (_, index) => put(index, 0)) });
  return snapshot;
}

/** A client with nothing in its hands that reads what is really sent. */
class Reader {
  readonly held = new Map<string, string>();
  readonly session: DeltaSession;
  readonly #snapshot: Snapshot;
  copied = 0;

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot;
    let nonce = 0;
    this.session = new DeltaSession(snapshot, { mayRead: readsEverything, newNonce: () => `n${++nonce}` });
    snapshot.subscribe((names) => this.session.onChange(names));
    this.session.onRequest(deltaRequest({}));
  }

  /** False when there was nothing to read. */
  step(maxBytes: number): boolean {
    const response = this.session.next({ maxBytes, removals: true });
    if (response === undefined) return false;
    this.copied += response.parts.length;
    const bytes = encodeResponse(response, this.#snapshot.typeUrl, "1");
    const { responseDeserialize } = aggregatedDiscoveryService.deltaAggregatedResources;
    const read: DeltaResponse = responseDeserialize(bytes);
    for (const { name, version } of read.resources) this.held.set(name ?? "", version ?? "");
    for (const name of read.removedResources) this.held.delete(name);
    this.session.onRequest(deltaRequest({ responseNonce: read.nonce }));
    return true;
  }
}

function versions(snapshot: Snapshot): Map<string, string> {
  return new Map([...snapshot.resources()].map(({ name, version }) => [name, version]));
}

function blockBytes(snapshot: Snapshot): number {
  return [...snapshot.blocks()].reduce((sum, block) => sum + block.framed.length, 0);
}

describe("blocks of a snapshot", () => {
  test("a first state is copied block by block, and is all of it", () => {
    const snapshot = snapshotOf(2_000);
    const reader = new Reader(snapshot);
    while (reader.step(100_000));
    expect(reader.held).toEqual(versions(snapshot));
    expect(reader.copied).toBeLessThan(2_000 / 5);
    expect(reader.session.state.known).toBe(2_000);
  });

  test("a first state that is overtaken by changes at every step ends at what is true then", () => {
    const random = seededRandom(7);
    const snapshot = snapshotOf(1_000);
    const reader = new Reader(snapshot);
    for (let round = 1; round < 60; round++) {
      reader.step(20_000);
      const remove = Array.from({ length: 5 }, () => `name-${random.below(1_000)}`);
      const changed = Array.from({ length: 40 }, () => put(random.below(1_100), round));
      snapshot.apply({ put: changed, remove });
    }
    while (reader.step(20_000));
    expect(reader.held).toEqual(versions(snapshot));
    expect(reader.session.state.known).toBe(snapshot.size);
  });

  test("blocks that are mostly out of date give their memory back", () => {
    const random = seededRandom(3);
    const snapshot = snapshotOf(1_000);
    for (let round = 1; round < 200; round++) {
      snapshot.apply({ put: Array.from({ length: 50 }, () => put(random.below(1_000), round)) });
    }
    const names = [...snapshot.blocks()].flatMap((block) => block.resources.map(({ name }) => name));
    expect(names.toSorted()).toEqual([...versions(snapshot).keys()].toSorted());
    expect(blockBytes(snapshot)).toBeLessThan(2.2 * snapshot.bytes);
    snapshot.apply({ remove: names });
    expect(blockBytes(snapshot)).toBeLessThan(10_000);
  });
});
