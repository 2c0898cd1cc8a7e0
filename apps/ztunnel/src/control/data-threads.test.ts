import { expect, test } from "vitest";
import { silentLogger } from "@ambit/base/logger.ts";
import type { FromData, ToData } from "../messages.ts";
import { DataThreads, type DataThread } from "./data-threads.ts";

class FakeThread implements DataThread {
  readonly got: ToData[] = [];
  #listener: (message: FromData) => void = () => undefined;
  #exit: (error: string) => void = () => undefined;
  terminated = false;

  post(message: ToData): void {
    this.got.push(message);
  }

  onMessage(listener: (message: FromData) => void): void {
    this.#listener = listener;
  }

  onExit(listener: (error: string) => void): void {
    this.#exit = listener;
  }

  async terminate(): Promise<void> {
    this.terminated = true;
    this.#exit("exit status 1");
  }

  say(message: FromData): void {
    this.#listener(message);
  }

  die(): void {
    this.#exit("out of memory");
  }
}

const POD = { id: 4, uid: "u", identity: { namespace: "n", name: "p", serviceAccount: "s" }, namespaceFd: 9 };

async function setUp(): Promise<{
  threads: DataThreads;
  left: FakeThread;
  right: FakeThread;
  events: string[];
}> {
  const left = new FakeThread();
  const right = new FakeThread();
  const events: string[] = [];
  const threads = new DataThreads(
    [left, right],
    {
      onWantCertificate: (identity) => events.push(`certificate ${identity}`),
      onWantKey: (key) => events.push(`key ${key}`),
      onAccessLines: (lines) => events.push(`lines ${lines}`),
      onLog: ({ message }) => events.push(`log ${message}`),
      onFailed: (error) => events.push(`failed ${error}`),
    },
    silentLogger,
  );
  const started = threads.start();
  left.say({ kind: "ready", driver: "engine" });
  right.say({ kind: "ready", driver: "engine" });
  expect(await started).toBe("engine");
  return { threads, left, right, events };
}

test("addPod() resolves when every thread has answered", async () => {
  const { threads, left, right } = await setUp();
  const added = threads.addPod(POD);
  expect(left.got).toEqual([{ kind: "pod-add", pod: POD }]);
  left.say({ kind: "pod-added", id: 4, error: undefined });
  right.say({ kind: "pod-added", id: 4, error: undefined });
  expect(await added).toBeUndefined();
});

test("addPod() that one thread refuses is taken back on the others", async () => {
  const { threads, left, right } = await setUp();
  const added = threads.addPod(POD);
  left.say({ kind: "pod-added", id: 4, error: undefined });
  right.say({ kind: "pod-added", id: 4, error: "bind failed" });
  await Promise.resolve();
  expect(left.got[1]).toEqual({ kind: "pod-del", id: 4, drainMs: 0 });
  left.say({ kind: "pod-gone", id: 4 });
  right.say({ kind: "pod-gone", id: 4 });
  expect(await added).toBe("bind failed");
});

test("scrape() and connections() gather what the threads say", async () => {
  const { threads, left, right } = await setUp();
  const sample = { name: "n", labels: [], value: 1 };
  const scraped = threads.scrape();
  const rows = threads.connections();
  for (const thread of [left, right]) {
    thread.say({ kind: "connections", request: 2, pods: [{ uid: "u", inbound: [], outbound: [] }] });
    thread.say({ kind: "scraped", request: 1, samples: [sample] });
  }
  expect(await scraped).toEqual([sample, sample]);
  expect(await rows).toHaveLength(2);
});

test("drain() sums up what had to be cut", async () => {
  const { threads, left, right } = await setUp();
  const drained = threads.drain(5_000);
  expect(right.got).toEqual([{ kind: "drain", drainMs: 5_000 }]);
  left.say({ kind: "drained", cut: 2 });
  right.say({ kind: "drained", cut: 3 });
  expect(await drained).toBe(5);
});

test("what threads ask and report reaches the main thread", async () => {
  const { left, events } = await setUp();
  left.say({ kind: "want-certificate", identity: "i" });
  left.say({ kind: "want-key", key: "k" });
  left.say({ kind: "access", lines: "l" });
  left.say({ kind: "log", level: "info", scope: "data", message: "m", fields: {} });
  expect(events).toEqual(["certificate i", "key k", "lines l", "log m"]);
});

test("a thread that dies is a failure, one that is stopped is not", async () => {
  const { threads, left, events } = await setUp();
  left.die();
  expect(events).toEqual(["failed out of memory"]);
  await threads.stop();
  expect(events).toHaveLength(1);
});
