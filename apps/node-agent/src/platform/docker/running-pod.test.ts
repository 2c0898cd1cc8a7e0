import { beforeEach, describe, expect, test } from "vitest";
import { silentLogger } from "@ambit/base/logger.ts";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { container, labels } from "../../testing/container.ts";
import type { Redirection } from "../platform.ts";
import { containerPod } from "./container-pod.ts";
import type { Container } from "./engine-answers.ts";
import { RunningPod } from "./running-pod.ts";

interface PodObject {
  readonly metadata: { readonly annotations: Readonly<Record<string, string>> };
  readonly status: { readonly podIP: string; readonly conditions: readonly { readonly status: string }[] };
}

let clock: FakeClock;
let objects: Map<string, PodObject>;
let writes: number;
let listening: readonly number[];
let portChanges: number;
let isFull: boolean;

beforeEach(() => {
  clock = new FakeClock();
  objects = new Map();
  writes = 0;
  listening = [];
  portChanges = 0;
  isFull = false;
});

function who(change: Partial<Container> = {}) {
  const described = container(change);
  return [containerPod(described, { namespace: undefined }), described] as const;
}

function start(change: Partial<Container> = {}, adopted: Redirection = ""): RunningPod {
  const facts = { node: "docker", hostIp: "10.0.0.1", netnsPath: "/run/netns/x", adopted };
  return new RunningPod(...who(change), facts, {
    clock,
    logger: silentLogger,
    folder: {
      write: (_kind, namespace, name, object) => {
        if (isFull) throw new Error("ENOSPC");
        writes++;
        objects.set(`${namespace}/${name}`, object as unknown as PodObject);
      },
      remove: (_kind, namespace, name) => void objects.delete(`${namespace}/${name}`),
    },
    listeningPorts: () => {
      if (listening.includes(-1)) throw new Error("ENOENT");
      return listening;
    },
    onPorts: () => void portChanges++,
  });
}

/** What the Pod object says of the capture. */
function published(): string | undefined {
  return objects.get("shop/shop-web-1")?.metadata.annotations["ambient.istio.io/redirection"];
}

describe("RunningPod", () => {
  test("publishes its Pod object at once and takes it away with close()", async () => {
    const pod = start();
    expect([...objects.keys()]).toEqual(["shop/shop-web-1"]);
    pod.close();
    expect(objects.size).toBe(0);
    pod.annotate("enabled");
    pod.update(...who());
    await clock.advance(60_000);
    expect(objects.size).toBe(0);
    expect(clock.armed).toBe(0);
  });

  test("update() publishes what changed", () => {
    const pod = start();
    pod.update(...who({ networks: [{ name: "shop_default", ipv4: "172.20.0.9", ipv6: "" }] }));
    expect(objects.get("shop/shop-web-1")?.status.podIP).toBe("172.20.0.9");
    expect(pod.sandbox.ips).toEqual(["172.20.0.9"]);
  });

  test("update() leaves nothing under the name of before when the container was renamed", () => {
    const pod = start();
    pod.update(...who({ name: "0a1b2c_shop-web-1" }));
    expect([...objects.keys()]).toEqual(["shop/0a1b2c-shop-web-1"]);
    pod.close();
    expect(objects.size).toBe(0);
  });

  test("annotate() publishes how far the capture is", () => {
    const pod = start();
    expect(published()).toBeUndefined();
    pod.annotate("pending");
    expect(published()).toBe("pending");
    pod.annotate("enabled");
    expect(published()).toBe("enabled");
    pod.annotate("");
    expect(published()).toBeUndefined();
  });

  test("stays enabled over the agent's own restart while its proxy comes back", async () => {
    const pod = start({}, "enabled");
    expect(pod.sandbox.started).toBe(true);
    expect(published()).toBe("enabled");
    pod.annotate("pending");
    await clock.advance(4_900);
    expect(published()).toBe("enabled");
    pod.annotate("enabled");
    await clock.advance(10_000);
    expect(published()).toBe("enabled");
  });

  test("is pending 5 s after the agent's own restart when no proxy came back", async () => {
    const pod = start({}, "enabled");
    pod.annotate("pending");
    await clock.advance(5_000);
    expect(published()).toBe("pending");
    pod.annotate("enabled");
    pod.annotate("pending");
    expect(published()).toBe("pending");
  });

  test("sandbox says that nothing of a new start is under way, and where its resolver is", () => {
    expect(start().sandbox).toMatchObject({
      name: "shop-web-1",
      netnsPath: "/run/netns/x",
      started: false,
      hostNetwork: false,
      localResolver: "127.0.0.11",
    });
    expect(start({}, "pending").sandbox.started).toBe(true);
  });

  test("ready follows the health check where there is one", () => {
    for (const [health, ready] of [
      ["starting", false],
      ["healthy", true],
      ["unhealthy", false],
    ] as const)
      expect(start({ health }).ready).toBe(ready);
    expect(start({ health: "healthy", status: "paused" }).ready).toBe(false);
  });

  test("ready waits for a listener where ports are declared, and for nothing where none are", async () => {
    expect(start().ready).toBe(true);
    const declared = start({ exposedPorts: [80] });
    const named = start({ labels: labels({ "ambit.dev/ports": "80" }) });
    expect([declared.ready, named.ready]).toEqual([false, false]);
    listening = [80];
    await clock.advance(50);
    expect([declared.ready, named.ready]).toEqual([true, true]);
    expect(objects.get("shop/shop-web-1")?.status.conditions[0]?.status).toBe("True");
  });

  test("looks for listeners soon after the start and every 2 s then, and tells of changes alone", async () => {
    const pod = start();
    listening = [80];
    await clock.advance(50);
    expect(pod.member.listening).toEqual([80]);
    expect(portChanges).toBe(1);
    await clock.advance(20_000);
    expect(portChanges).toBe(1);
    listening = [80, 81];
    await clock.advance(2_000);
    expect(portChanges).toBe(2);
  });

  test("keeps what it knew of listeners while they cannot be read", async () => {
    listening = [80];
    const pod = start({ exposedPorts: [80] });
    listening = [-1];
    await clock.advance(10_000);
    expect(pod.ready).toBe(true);
    expect(pod.member.listening).toEqual([80]);
  });

  test("writes its object with the next look after a full disk", async () => {
    isFull = true;
    start();
    expect(objects.size).toBe(0);
    isFull = false;
    await clock.advance(50);
    expect(objects.size).toBe(1);
  });

  test("row() is the line of the admin page", () => {
    listening = [80];
    const pod = start({ status: "paused", restarts: 3, pid: 9 });
    pod.annotate("enabled");
    expect(pod.row()).toEqual({
      namespace: "shop",
      name: "shop-web-1",
      serviceAccount: "web",
      owner: "web",
      node: "docker",
      ip: "172.20.0.3",
      phase: "paused",
      ready: false,
      redirection: "enabled",
      restarts: 3,
      netnsPath: "/run/netns/x",
      holderPid: 9,
    });
    expect(start().row().phase).toBe("Running");
  });
});
