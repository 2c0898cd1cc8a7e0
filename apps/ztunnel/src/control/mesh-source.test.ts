import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { silentLogger } from "@ambit/base/logger.ts";
import { TYPE_URLS } from "@ambit/contract/type-urls.ts";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import type { ReceivedResource } from "@ambit/xds/client/protocol.ts";
import { encodeAddress } from "@ambit/xds/resources/address.ts";
import type { ToData } from "../messages.ts";
import { workload } from "../testing/build.ts";
import { LastGood } from "./last-good.ts";
import { MeshMirror } from "./mesh-mirror.ts";
import { MeshSource, type StreamParts } from "./mesh-source.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mesh-source-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** One run of a proxy on the same disk. */
class Run {
  readonly posted: ToData[] = [];
  readonly source: MeshSource;
  readonly mirror = new MeshMirror();
  known = 0;
  parts!: StreamParts;
  calls: string[] = [];
  connected = false;

  constructor(clock: FakeClock) {
    const logger = silentLogger;
    this.source = new MeshSource({
      clock,
      logger,
      mirror: this.mirror,
      lastGood: new LastGood({ path: join(folder, "last-good"), owner: "z" }, { clock, logger }),
      makeStream: (parts) => {
        this.parts = parts;
        const call = (name: string) => (): void => void this.calls.push(name);
        const connected = (): boolean => this.connected;
        return {
          get connected() {
            return connected();
          },
          start: call("start"),
          stop: call("stop"),
          hurry: call("hurry"),
        };
      },
      broadcast: (message) => this.posted.push(message),
      onKnown: () => this.known++,
    });
  }

  receive(...resources: readonly ReceivedResource[]): number {
    return this.parts.apply({ typeUrl: TYPE_URLS.address, resources, removed: [] }).length;
  }
}

function cart(version: string): ReceivedResource {
  const bytes = encodeAddress({ kind: "workload", workload: workload("cart") });
  return { name: "Kubernetes//Pod/shop/cart", version, bytes };
}

test("without an earlier state pods wait for discovery, however long", async () => {
  const clock = new FakeClock();
  const run = new Run(clock);
  run.source.start();
  await clock.advance(60_000);
  expect(run.known).toBe(0);
  run.receive(cart("1"));
  run.parts.onSynced();
  expect(run.known).toBe(1);
  expect(run.posted).toHaveLength(1);
});

test("with an earlier state the proxy serves from it when discovery stays away", async () => {
  const clock = new FakeClock();
  const first = new Run(clock);
  first.source.start();
  first.receive(cart("7"));
  first.source.stop();
  const second = new Run(clock);
  expect(second.mirror.store.stats().workloads).toBe(1);
  expect(second.parts.held(TYPE_URLS.address)).toEqual(new Map([["Kubernetes//Pod/shop/cart", "7"]]));
  expect(second.parts.held(TYPE_URLS.authorization).size).toBe(0);
  second.source.start();
  expect(second.posted).toMatchObject([{ kind: "resources", typeUrl: TYPE_URLS.address }]);
  await clock.advance(499);
  expect(second.known).toBe(0);
  await clock.advance(1);
  expect(second.known).toBe(1);
  second.parts.onSynced();
  expect(second.known).toBe(1);
});

test("with an earlier state the proxy waits longer for a discovery that has begun to answer", async () => {
  const clock = new FakeClock();
  const first = new Run(clock);
  first.source.start();
  first.receive(cart("7"));
  first.source.stop();
  const second = new Run(clock);
  second.source.start();
  second.connected = true;
  await clock.advance(9_999);
  expect(second.known).toBe(0);
  await clock.advance(1);
  expect(second.known).toBe(1);
});

test("with an earlier state discovery still comes first when it answers", async () => {
  const clock = new FakeClock();
  const first = new Run(clock);
  first.source.start();
  first.receive(cart("7"));
  first.source.stop();
  const second = new Run(clock);
  second.source.start();
  second.parts.onSynced();
  await clock.advance(10_000);
  expect(second.known).toBe(1);
});

test("a rejected resource is told to discovery and not written as good", async () => {
  const clock = new FakeClock();
  const first = new Run(clock);
  first.source.start();
  expect(first.receive(cart("7"), { name: "bad", version: "1", bytes: new Uint8Array([0xff]) })).toBe(1);
  first.source.stop();
  expect([...new Run(clock).parts.held(TYPE_URLS.address).keys()]).toEqual(["Kubernetes//Pod/shop/cart"]);
});

test("hurry() and stop() reach the stream", () => {
  const run = new Run(new FakeClock());
  run.source.start();
  run.source.hurry();
  run.source.stop();
  expect(run.calls).toEqual(["start", "hurry", "stop"]);
});
