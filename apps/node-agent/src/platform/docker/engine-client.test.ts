import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { FakeEngine } from "../../testing/fake-engine.ts";
import type { DockerError } from "./docker-error.ts";
import type { EngineEvent } from "./engine-answers.ts";
import { commonVersion, EngineClient } from "./engine-client.ts";

let engine: FakeEngine;
let clock: FakeClock;
let client: EngineClient;

beforeEach(async () => {
  engine = new FakeEngine();
  await engine.start();
  clock = new FakeClock();
  client = new EngineClient(engine.socketPath, clock);
});

afterEach(() => engine.remove());

/** Follows events into a list; `ended` resolves with the error the stream ended with. */
async function follow(since?: number) {
  const events: EngineEvent[] = [];
  const ended = Promise.withResolvers<DockerError | undefined>();
  const arrived = Promise.withResolvers<void>();
  const stop = await client.events(since, {
    onEvent: (event) => {
      events.push(event);
      arrived.resolve();
    },
    onEnd: ended.resolve,
  });
  return { events, ended: ended.promise, arrived: arrived.promise, stop };
}

describe("EngineClient", () => {
  test("containers() asks with the version both know, and for those that do not run too", async () => {
    engine.containers.set("c1", { id: "c1", labels: { a: "b" }, status: "exited" });
    expect(await client.containers()).toEqual([{ id: "c1", labels: { a: "b" }, status: "exited" }]);
    expect(engine.requests).toEqual(["GET /_ping", "GET /v1.41/containers/json?all=true"]);
  });

  test("inspect() reads who a container is and where its network lies", async () => {
    engine.containers.set("c1", {
      id: "c1",
      name: "shop-web-1",
      pid: 4711,
      health: "healthy",
      sandboxKey: "/var/run/docker/netns/abc",
      networks: { shop_default: "172.20.0.3" },
      exposed: [80],
    });
    expect(await client.inspect("c1")).toEqual({
      id: "c1",
      name: "shop-web-1",
      image: "any/image",
      labels: {},
      status: "running",
      pid: 4711,
      startedAt: "2026-01-01T00:00:00Z",
      health: "healthy",
      restarts: 0,
      networkMode: "app_default",
      sandboxKey: "/var/run/docker/netns/abc",
      networks: [{ name: "shop_default", ipv4: "172.20.0.3", ipv6: "" }],
      exposedPorts: [80],
    });
  });

  test("inspect() tells a container that is gone from an engine that fails", async () => {
    await expect(client.inspect("gone")).rejects.toMatchObject({ code: "not-found" });
    engine.intercept = (_request, response) => {
      response.writeHead(500).end(JSON.stringify({ message: "disk on fire" }));
      return true;
    };
    await expect(client.inspect("any")).rejects.toMatchObject({
      code: "status",
      message: expect.stringContaining("disk on fire") as string,
    });
  });

  test("inspect() refuses an answer that is no container, no JSON, or without an end", async () => {
    const bodies = ["[]", "{", "x".repeat(5 * 1024 * 1024)];
    engine.intercept = (request, response) => {
      if (request.url === "/_ping") return false;
      response.end(bodies.shift());
      return true;
    };
    await expect(client.inspect("c1")).rejects.toMatchObject({ code: "answer" });
    await expect(client.inspect("c1")).rejects.toMatchObject({ code: "answer" });
    await expect(client.inspect("c1")).rejects.toMatchObject({ code: "too-large" });
  });

  test("ping() gives up on an engine that does not answer", async () => {
    const asked = Promise.withResolvers<void>();
    engine.intercept = () => {
      asked.resolve();
      return true;
    };
    const ping = client.ping();
    const refused = expect(ping).rejects.toMatchObject({ code: "timeout" });
    await asked.promise;
    await clock.advance(5_000);
    await refused;
  });

  test("ping() says where it looked when nobody is there", async () => {
    await engine.stop();
    await expect(client.ping()).rejects.toMatchObject({
      code: "unreachable",
      message: expect.stringContaining(engine.socketPath) as string,
    });
  });

  test("events() hands on what happens to containers and their networks, however the bytes are cut", async () => {
    const { events, arrived, stop } = await follow(1_699_999_999);
    const query = new URL(engine.requests.at(-1)?.slice(4) ?? "", "http://engine").searchParams;
    expect(query.get("since")).toBe("1699999999");
    expect(query.get("filters")).toContain('"die"');
    const network = {
      Type: "network",
      Action: "connect",
      Actor: { ID: "n1", Attributes: { container: "c2" } },
      time: 1_700_000_001,
    };
    const volume = { Type: "volume", Action: "mount", Actor: { ID: "v1", Attributes: {} }, time: 1 };
    const text = `${JSON.stringify(volume)}\n\n${JSON.stringify(network)}\n`;
    engine.write(text.slice(0, 150));
    engine.write(text.slice(150));
    await arrived;
    expect(events).toEqual([
      { containerId: "c2", action: "connect", time: 1_700_000_001, attributes: { container: "c2" } },
    ]);
    stop();
  });

  test("events() ends when the engine does, and after something that is no event", async () => {
    const broken = await follow();
    engine.write("{]\n");
    expect(await broken.ended).toMatchObject({ code: "answer" });
    const cut = await follow();
    await engine.stop();
    expect(["unreachable", undefined]).toContain((await cut.ended)?.code);
  });

  test("events() refuses a line without an end", async () => {
    const { ended } = await follow();
    engine.write("x".repeat(1024 * 1024 + 1));
    expect(await ended).toMatchObject({ code: "too-large" });
  });

  test("events() rejects when the engine refuses", async () => {
    await client.ping();
    engine.intercept = (_request, response) => {
      response.writeHead(400).end(JSON.stringify({ message: "client version 1.41 is too old" }));
      return true;
    };
    await expect(follow()).rejects.toMatchObject({ code: "version" });
  });
});

describe("commonVersion()", () => {
  test("is the older of both sides", () => {
    expect(commonVersion("1.41")).toBe("1.41");
    expect(commonVersion("1.99")).toBe("1.50");
    expect(commonVersion("2.1")).toBe("1.50");
  });

  test("refuses an engine that is too old or does not say", () => {
    expect(() => commonVersion("1.24")).toThrow("1.24");
    expect(() => commonVersion(undefined)).toThrow("undefined");
  });
});
