import { describe, expect, test } from "vitest";
import { silentLogger } from "@ambit/base/logger.ts";
import { istio } from "@ambit/contract/gen/ambit.js";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import type { ZdsConnection, ZdsPod } from "./zds-connection.ts";
import { ZdsServer } from "./zds-server.ts";

const { WorkloadRequest, WorkloadResponse, ZdsHello } = istio.workload.zds;

interface Sent {
  readonly text: string;
  readonly descriptors: readonly number[];
}

/** The proxy's end: records what it is sent and answers on demand. */
class Proxy {
  readonly sent: Sent[] = [];
  closed = false;
  full = false;
  connection: ZdsConnection | undefined;

  send(bytes: Uint8Array, descriptors: readonly number[] = []): boolean {
    if (this.full) return false;
    const request = WorkloadRequest.decode(bytes);
    const uid = request.add?.uid ?? request.del?.uid ?? request.keep?.uid ?? "";
    this.sent.push({ text: `${request.payload} ${uid}`.trim(), descriptors });
    return true;
  }

  close(): void {
    this.closed = true;
  }

  hello(version = 1): void {
    this.connection?.receive(ZdsHello.encode({ version }).finish(), []);
  }

  ack(error = ""): void {
    this.connection?.receive(WorkloadResponse.encode({ ack: { error } }).finish(), []);
  }

  texts(): readonly string[] {
    return this.sent.map((entry) => entry.text);
  }
}

function pod(uid: string, netnsFd = 9): ZdsPod {
  return { uid, name: `pod-${uid}`, namespace: "default", serviceAccount: "sa", netnsFd };
}

function rig(pods: readonly ZdsPod[] = []) {
  const clock = new FakeClock();
  const server = new ZdsServer({ clock, logger: silentLogger, pods: () => pods });
  const connect = (): Proxy => {
    const proxy = new Proxy();
    proxy.connection = server.accept(proxy);
    return proxy;
  };
  return { clock, server, connect };
}

/** The outcome of a promise as text, once it has one. */
function outcome(promise: Promise<void>): { text: string } {
  const seen = { text: "open" };
  promise.then(
    () => (seen.text = "done"),
    (error: unknown) => (seen.text = error instanceof Error ? error.message : "?"),
  );
  return seen;
}

describe("ZdsServer", () => {
  test("sends a new proxy its snapshot after the hello, one request at a time", () => {
    const { connect } = rig([pod("a", 7), { ...pod("b"), netnsFd: undefined }]);
    const proxy = connect();
    expect(proxy.sent).toEqual([]);
    proxy.hello();
    expect(proxy.sent).toEqual([{ text: "add a", descriptors: [7] }]);
    proxy.ack();
    proxy.ack();
    proxy.ack();
    expect(proxy.texts()).toEqual(["add a", "keep b", "snapshotSent"]);
    expect(proxy.sent[1]?.descriptors).toEqual([]);
  });

  test("add() resolves with the acknowledgement and rejects with the proxy's complaint", async () => {
    const { clock, server, connect } = rig();
    const proxy = connect();
    proxy.hello();
    proxy.ack();
    const good = outcome(server.add(pod("a")));
    const bad = outcome(server.add(pod("b")));
    proxy.ack();
    proxy.ack("cannot bind");
    await clock.advance(0);
    expect(good.text).toBe("done");
    expect(bad.text).toContain("cannot bind");
  });

  test("add() rejects when no proxy is connected", async () => {
    const { server, connect } = rig();
    await expect(server.add(pod("a"))).rejects.toMatchObject({ code: "no-proxy" });
    connect();
    await expect(server.add(pod("a"))).rejects.toMatchObject({ code: "no-proxy" });
  });

  test("gives new pods to the newest proxy and removals to all", async () => {
    const { clock, server, connect } = rig();
    const [old, fresh] = [connect(), connect()];
    for (const proxy of [old, fresh]) {
      proxy.hello();
      proxy.ack();
    }
    const added = outcome(server.add(pod("a")));
    fresh.ack();
    const removed = outcome(server.remove("a"));
    expect(old.texts()).toEqual(["snapshotSent", "del a"]);
    expect(fresh.texts()).toEqual(["snapshotSent", "add a", "del a"]);
    old.ack();
    await clock.advance(0);
    expect(removed.text).toBe("open");
    fresh.ack();
    await clock.advance(0);
    expect([added.text, removed.text]).toEqual(["done", "done"]);
  });

  test("falls back to the older proxy when the newest goes, and tells it of every pod", async () => {
    const pods: ZdsPod[] = [];
    const { server, connect } = rig(pods);
    const [old, fresh] = [connect(), connect()];
    for (const proxy of [old, fresh]) {
      proxy.hello();
      proxy.ack();
    }
    pods.push(pod("came-meanwhile"));
    fresh.connection?.close("gone");
    expect(old.texts()).toEqual(["snapshotSent", "add came-meanwhile"]);
    old.ack();
    void server.add(pod("a"));
    expect(old.texts()).toContain("add a");
  });

  test("closes a proxy that does not answer within five seconds and rejects what is open", async () => {
    const { clock, server, connect } = rig();
    const proxy = connect();
    proxy.hello();
    proxy.ack();
    const open = [outcome(server.add(pod("a"))), outcome(server.add(pod("b")))];
    await clock.advance(4_999);
    expect(proxy.closed).toBe(false);
    await clock.advance(1);
    expect(proxy.closed).toBe(true);
    expect(server.connected).toBe(false);
    expect(open.map((entry) => entry.text)).toEqual([
      expect.stringContaining("no answer in time"),
      expect.stringContaining("no answer in time"),
    ]);
  });

  test("closes a proxy that never says hello, speaks another version, or speaks out of turn", async () => {
    const { clock, connect } = rig();
    const [silent, other, eager] = [connect(), connect(), connect()];
    other.hello(7);
    eager.hello();
    eager.ack();
    eager.ack();
    expect([other.closed, eager.closed]).toEqual([true, true]);
    await clock.advance(5_000);
    expect(silent.closed).toBe(true);
  });

  test("closes a proxy that sends nonsense or does not read", () => {
    const { connect } = rig();
    const [noise, deaf] = [connect(), connect()];
    noise.connection?.receive(Uint8Array.of(0xff, 0xff, 0xff), []);
    deaf.full = true;
    deaf.hello();
    expect([noise.closed, deaf.closed]).toEqual([true, true]);
  });

  test("accepts five connections within a second and more after it", async () => {
    const { clock, connect } = rig();
    const proxies = Array.from({ length: 6 }, connect);
    expect(proxies.map((proxy) => proxy.closed)).toEqual([false, false, false, false, false, true]);
    await clock.advance(1_000);
    expect(connect().closed).toBe(false);
  });

  test("onceConnected() calls when the next proxy has its snapshot, once", async () => {
    const { clock, server, connect } = rig();
    let calls = 0;
    server.onceConnected(() => calls++);
    server.onceConnected(() => calls++)();
    for (let round = 0; round < 2; round++) {
      const proxy = connect();
      proxy.hello();
      expect(calls).toBe(round);
      proxy.ack();
      await clock.advance(0);
    }
    expect(calls).toBe(1);
  });
});
