import { beforeEach, describe, expect, test } from "vitest";
import { silentLogger } from "@ambit/base/logger.ts";
import { seededRandom } from "@ambit/base/random.ts";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { container } from "../../testing/container.ts";
import { MemoryEngine } from "../../testing/memory-engine.ts";
import { DockerError } from "./docker-error.ts";
import { EngineWatch } from "./engine-watch.ts";

let engine: MemoryEngine;
let clock: FakeClock;
let seen: string[];
let warnings: string[];
let watch: EngineWatch;

beforeEach(() => {
  engine = new MemoryEngine();
  clock = new FakeClock();
  seen = [];
  warnings = [];
  watch = new EngineWatch({
    clock,
    random: seededRandom(1),
    logger: { ...silentLogger, warn: (message) => void warnings.push(message) },
    client: engine,
    onList: (containers) => void seen.push(`list ${containers.map(({ id }) => id).join()}`.trim()),
    onEvent: ({ action, containerId }) => void seen.push(`${action} ${containerId}`),
    onLost: () => void seen.push("lost"),
  });
});

describe("EngineWatch", () => {
  test("start() follows events before it asks for the list, so that nothing falls in between", async () => {
    engine.put(container({ id: "c1" }));
    await watch.start();
    expect(engine.calls).toEqual(["ping", "events from now", "containers"]);
    expect(seen).toEqual(["list c1"]);
    engine.emit("start", "c1");
    engine.emit("die", "c1");
    expect(seen).toEqual(["list c1", "start c1", "die c1"]);
    expect(watch.connected).toBe(true);
  });

  test("start() waits for an engine that comes late, says once that it is away, and has nobody told that it is lost", async () => {
    engine.die();
    let started = false;
    const starting = watch.start().then(() => {
      started = true;
    });
    await clock.advance(60_000);
    expect(started).toBe(false);
    expect(engine.calls.length).toBeGreaterThan(5);
    expect(warnings).toHaveLength(1);
    engine.rise();
    await clock.advance(5_000);
    await starting;
    expect(seen).toEqual(["list"]);
  });

  test("comes back after the engine was away, asks for what it missed, and then for the whole list", async () => {
    await watch.start();
    engine.emit("start", "c1", { time: 1_700_000_005 });
    engine.emit("die", "c2", { time: 1_700_000_003 });
    engine.die();
    await clock.advance(0);
    expect(watch.connected).toBe(false);
    expect(seen.at(-1)).toBe("lost");
    await clock.advance(1_000);
    engine.rise();
    engine.put(container({ id: "c3" }));
    engine.calls.length = 0;
    await clock.advance(5_000);
    expect(engine.calls).toEqual(["ping", "events 1700000005", "containers"]);
    expect(seen.slice(-2)).toEqual(["lost", "list c3"]);
    expect(watch.connected).toBe(true);
  });

  test("comes back after the engine ended the stream without an error", async () => {
    await watch.start();
    engine.endStream();
    await clock.advance(1_000);
    expect(seen).toEqual(["list", "lost", "list"]);
  });

  test("survives a stream that breaks while the list is on its way", async () => {
    engine.hold("containers");
    const starting = watch.start();
    await clock.advance(0);
    engine.endStream(new DockerError("unreachable", "gone"));
    await clock.advance(0);
    engine.letGo();
    await clock.advance(1_000);
    await starting;
    expect(watch.connected).toBe(true);
  });

  test("asks for the list every 10 s, whatever the events said", async () => {
    await watch.start();
    engine.put(container({ id: "silent" }));
    await clock.advance(10_000);
    expect(seen).toEqual(["list", "list silent"]);
  });

  test("takes an engine that does not answer any more for lost, and no list of before for news", async () => {
    await watch.start();
    engine.hold("containers");
    await clock.advance(10_000);
    engine.endStream();
    await clock.advance(0);
    expect(seen).toEqual(["list", "lost"]);
    engine.die();
    engine.letGo();
    await clock.advance(0);
    engine.failures.set("containers", new DockerError("timeout", "The engine did not answer"));
    engine.rise();
    await clock.advance(20_000);
    expect(seen).toEqual(["list", "lost"]);
    engine.failures.clear();
    await clock.advance(5_000);
    expect(seen).toEqual(["list", "lost", "list"]);
  });

  test("a list that arrives after its connection is over says nothing", async () => {
    await watch.start();
    engine.hold("containers");
    await clock.advance(10_000);
    engine.endStream();
    await clock.advance(0);
    engine.letGo();
    await clock.advance(0);
    expect(seen).toEqual(["list", "lost"]);
  });

  test("stop() ends it for good, also while it waits for an answer", async () => {
    await watch.start();
    watch.stop();
    await clock.advance(0);
    expect(engine.followed).toBe(false);
    expect(seen).toEqual(["list"]);
    await clock.advance(60_000);
    expect(engine.calls).toEqual(["ping", "events from now", "containers"]);
    expect(clock.armed).toBe(0);
  });

  test("stop() lets no late first list through", async () => {
    engine.hold("containers");
    void watch.start();
    await clock.advance(0);
    watch.stop();
    engine.letGo();
    await clock.advance(60_000);
    expect(seen).toEqual([]);
    expect(engine.followed).toBe(false);
  });
});
