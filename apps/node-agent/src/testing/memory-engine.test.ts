import { describe, expect, test } from "vitest";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import type { EngineEvent } from "../platform/docker/engine-answers.ts";
import { EngineClient } from "../platform/docker/engine-client.ts";
import { container } from "./container.ts";
import { FakeEngine } from "./fake-engine.ts";
import { MemoryEngine } from "./memory-engine.ts";

const C1 = container({ id: "c1", labels: { a: "b" }, status: "exited", networks: [] });

/** An engine with the container `c1`, and how it is asked. */
interface Subject {
  readonly client: Pick<EngineClient, "ping" | "containers" | "inspect" | "events">;
  readonly emit: () => void;
  readonly die: () => Promise<void>;
  readonly remove: () => Promise<void>;
}

async function overSocket(): Promise<Subject> {
  const engine = new FakeEngine();
  await engine.start();
  const { id, name, labels, status, pid, startedAt, networkMode, sandboxKey } = C1;
  engine.containers.set("c1", { id, name, labels, status, pid, startedAt, networkMode, sandboxKey });
  return {
    client: new EngineClient(engine.socketPath, new FakeClock()),
    emit: () => engine.emit("die", "c1"),
    die: () => engine.stop(),
    remove: () => engine.remove(),
  };
}

async function inMemory(): Promise<Subject> {
  const engine = new MemoryEngine();
  engine.put(C1);
  return {
    client: engine,
    emit: () => engine.emit("die", "c1"),
    die: async () => engine.die(),
    remove: async () => undefined,
  };
}

describe.each([
  ["over a socket", overSocket],
  ["in memory", inMemory],
])("an engine %s", (_name, make) => {
  test("lists and describes what is there and refuses what is not", async () => {
    const { client, remove } = await make();
    await client.ping();
    expect(await client.containers()).toEqual([{ id: "c1", labels: { a: "b" }, status: "exited" }]);
    expect(await client.inspect("c1")).toEqual(C1);
    await expect(client.inspect("c2")).rejects.toMatchObject({ code: "not-found" });
    await remove();
  });

  test("tells of what happens until it is told to stop", async () => {
    const { client, emit, remove } = await make();
    const events: EngineEvent[] = [];
    const arrived = Promise.withResolvers<void>();
    const close = await client.events(undefined, {
      onEvent: (event) => {
        events.push(event);
        arrived.resolve();
      },
      onEnd: () => events.push({ containerId: "", action: "end", time: 0, attributes: {} }),
    });
    emit();
    await arrived.promise;
    close();
    emit();
    await remove();
    expect(events).toEqual([
      { containerId: "c1", action: "die", time: 1_700_000_000, attributes: { a: "b" } },
    ]);
  });

  test("ends the stream once and refuses calls when it dies", async () => {
    const { client, die, remove } = await make();
    const ended = Promise.withResolvers<void>();
    await client.events(undefined, { onEvent: () => undefined, onEnd: () => ended.resolve() });
    await die();
    await ended.promise;
    await expect(client.ping()).rejects.toMatchObject({ code: "unreachable" });
    await remove();
  });
});
