import { expect, test } from "vitest";
import type { DrainReport, UpgradeReport } from "@ambit/contract/admin-api.ts";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { NodeProxies, type ProxyName, type ProxyProcess } from "./node-proxies.ts";

/** A proxy without a process: the test says when it is ready and how it ends. */
class FakeProxy implements ProxyProcess {
  readonly pod: string;
  readonly #events: string[];
  readonly #drained = Promise.withResolvers<DrainReport>();
  readonly #gone = Promise.withResolvers<void>();
  isReady = false;
  lastExit: string | undefined;

  constructor(pod: string, events: string[]) {
    this.pod = pod;
    this.#events = events;
  }

  get state() {
    return { name: this.pod, pid: 1, restarts: 0, lastExit: this.lastExit };
  }

  start(): void {
    this.#events.push(`start ${this.pod}`);
  }

  stop(graceMs: number): Promise<void> {
    this.#events.push(`stop ${this.pod} ${graceMs}`);
    return this.#gone.promise;
  }

  async waitsFor(): Promise<string | undefined> {
    return this.isReady ? undefined : "pods";
  }

  drained(): Promise<DrainReport> {
    return this.#drained.promise;
  }

  end(report?: DrainReport): void {
    this.#drained.promise.catch(() => undefined);
    if (report === undefined) this.#drained.reject(new Error("gone"));
    else this.#drained.resolve(report);
    this.#gone.resolve();
  }
}

function rig() {
  const clock = new FakeClock();
  const events: string[] = [];
  const made: FakeProxy[] = [];
  const finished: UpgradeReport[] = [];
  const podName = ({ node, generation }: ProxyName): string => `${node}.${generation}`;
  const proxies = new NodeProxies({
    clock,
    drainMs: 5_000,
    podName,
    introduce: async (name) => void events.push(`introduce ${podName(name)}`),
    forget: (name) => void events.push(`forget ${podName(name)}`),
    make: (name) => {
      const proxy = new FakeProxy(podName(name), events);
      made.push(proxy);
      return proxy;
    },
    appoint: (name) => void events.push(`appoint ${podName(name)}`),
    onFinished: (report) => void finished.push(report),
  });
  proxies.launch("a");
  events.length = 0;
  return { clock, events, made, finished, proxies };
}

test("upgrade() ends the old proxy only once the new one serves every pod, and reports what was cut", async () => {
  const { clock, events, made, finished, proxies } = rig();
  expect(proxies.upgrade("a")).toMatchObject({ from: "a.1", to: "a.2", phase: "starting", done: false });
  await clock.advance(1_000);
  expect(events).toEqual(["introduce a.2", "start a.2"]);
  if (made[1] !== undefined) made[1].isReady = true;
  await clock.advance(50);
  expect(events.slice(2)).toEqual(["appoint a.2", "stop a.1 10000"]);
  expect(proxies.report("a")).toMatchObject({ phase: "draining", readyMs: 1_050, done: false });
  expect(proxies.processes()).toHaveLength(2);
  made[0]?.end({ cut: 3, durationMs: 5_000 });
  await clock.advance(0);
  expect(events.slice(4)).toEqual(["forget a.1"]);
  expect(proxies.report("a")).toMatchObject({ phase: "done", done: true, cut: 3, drainMs: 5_000 });
  expect(finished).toHaveLength(1);
  expect(proxies.processes()).toEqual([made[1]]);
  proxies.upgrade("a");
  expect(proxies.report("a")).toMatchObject({ from: "a.2", to: "a.3" });
});

test.each(["never ready", "ended"])("upgrade() keeps the old proxy when the new one %s", async (how) => {
  const { clock, events, made, proxies } = rig();
  proxies.upgrade("a");
  await clock.advance(100);
  if (how === "ended" && made[1] !== undefined) made[1].lastExit = "status 1";
  await clock.advance(how === "ended" ? 50 : 30_000);
  expect(events.slice(2)).toEqual(["stop a.2 2000"]);
  made[1]?.end();
  await clock.advance(0);
  expect(events.slice(3)).toEqual(["forget a.2"]);
  expect(proxies.report("a")).toMatchObject({ phase: "failed", done: true });
  expect(proxies.report("a")?.detail).toContain(how === "ended" ? "status 1" : "not ready within 30 s: pods");
  expect(proxies.processes()).toEqual([made[0]]);
  proxies.upgrade("a");
  expect(proxies.report("a")).toMatchObject({ from: "a.1", to: "a.2", done: false });
});

test("upgrade() says when the old proxy ended without a word", async () => {
  const { clock, made, proxies } = rig();
  proxies.upgrade("a");
  await clock.advance(0);
  if (made[1] !== undefined) made[1].isReady = true;
  await clock.advance(50);
  made[0]?.end();
  await clock.advance(0);
  const report = proxies.report("a");
  expect(report).toMatchObject({ phase: "done", detail: "a.1 ended without saying how" });
  expect(report?.cut).toBeUndefined();
});

test("upgrade() refuses an unknown node and a second upgrade at once", async () => {
  const { proxies } = rig();
  expect(() => proxies.upgrade("b")).toThrow('no proxy of a node "b"');
  proxies.upgrade("a");
  expect(() => proxies.upgrade("a")).toThrow("being exchanged already");
});
