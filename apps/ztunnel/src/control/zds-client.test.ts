import { expect, test } from "vitest";
import { seededRandom } from "@ambit/base/random.ts";
import { silentLogger } from "@ambit/base/logger.ts";
import { istio } from "@ambit/contract/gen/ambit.js";
import type { SeqpacketConnection, SeqpacketHandler } from "@ambit/io/seqpacket.ts";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import type { PodAnnouncement } from "../messages.ts";
import { WorkloadManager } from "./workload-manager.ts";
import { ZdsClient } from "./zds-client.ts";

const { WorkloadRequest, WorkloadResponse, ZdsHello } = istio.workload.zds;

const INFO = { name: "cart-1", namespace: "shop", serviceAccount: "cart" };

/** A node agent whose connections the test holds, and data threads that do what the test says. */
class Rig {
  readonly clock = new FakeClock();
  readonly sent: Uint8Array[] = [];
  readonly started: PodAnnouncement[] = [];
  readonly removed: number[] = [];
  readonly closedFds: number[] = [];
  readonly faults: string[] = [];
  readonly manager: WorkloadManager;
  readonly client: ZdsClient;
  attempts = 0;
  listening = true;
  refusal: string | undefined;
  #handler: SeqpacketHandler | undefined;
  #connectionClosed = false;

  constructor() {
    this.manager = new WorkloadManager({
      clock: this.clock,
      logger: silentLogger,
      data: {
        addPod: async (pod) => {
          this.started.push(pod);
          return this.refusal;
        },
        removePod: async (id) => {
          this.removed.push(id);
        },
      },
      namespaceIdentity: (fd) => `namespace ${fd % 100}`,
      closeFd: (fd) => this.closedFds.push(fd),
      onChange: () => undefined,
    });
    this.client = new ZdsClient({
      clock: this.clock,
      random: seededRandom(1),
      logger: silentLogger,
      manager: this.manager,
      connect: (handler) => {
        this.attempts++;
        if (!this.listening) throw new Error("ECONNREFUSED");
        this.#handler = handler;
        this.#connectionClosed = false;
        return {
          send: (bytes) => this.sent.push(bytes) > 0,
          close: () => {
            this.#connectionClosed = true;
          },
        };
      },
      closeFd: (fd) => this.closedFds.push(fd),
      onProtocolError: (error) => this.faults.push(error),
    });
  }

  get connectionClosed(): boolean {
    return this.#connectionClosed;
  }

  async ask(request: istio.workload.zds.WorkloadRequest.$Properties, ...fds: number[]): Promise<void> {
    const bytes = WorkloadRequest.encode(request).finish();
    this.#handler?.onMessage(undefined as unknown as SeqpacketConnection, bytes, fds);
    await this.clock.advance(0);
  }

  async lose(): Promise<void> {
    this.#handler?.onEnd(undefined as unknown as SeqpacketConnection, undefined);
    await this.clock.advance(0);
  }

  /** Answers after the hello. */
  answers(): string[] {
    return this.sent.slice(1).map((bytes) => WorkloadResponse.decode(bytes).ack?.error ?? "none");
  }
}

test("the worked example: hello, add, snapshot, del", async () => {
  const rig = new Rig();
  rig.client.start();
  expect(ZdsHello.decode(rig.sent[0] ?? new Uint8Array()).version).toBe(1);
  expect(rig.manager.pending).toBe(true);
  await rig.ask({ add: { uid: "7d1e", workloadInfo: INFO } }, 11);
  expect(rig.answers()).toEqual([""]);
  expect(rig.started[0]).toMatchObject({ uid: "7d1e", identity: INFO, namespaceFd: 11 });
  expect(rig.manager.pending).toBe(true);
  await rig.ask({ snapshotSent: {} });
  expect(rig.manager.pending).toBe(false);
  expect(rig.manager.states()).toEqual([{ uid: "7d1e", identity: INFO, state: "Up" }]);
  await rig.ask({ del: { uid: "7d1e" } });
  expect(rig.answers()).toEqual(["", "", ""]);
  expect(rig.removed).toEqual([1]);
  expect(rig.closedFds).toEqual([11]);
  expect(rig.manager.counts()).toEqual({ active: 0, pending: 0, started: 1, stopped: 1 });
});

test("the same pod again is a no-op in the same namespace and a new proxy in another one", async () => {
  const rig = new Rig();
  rig.client.start();
  await rig.ask({ add: { uid: "a", workloadInfo: INFO } }, 11);
  await rig.ask({ add: { uid: "a", workloadInfo: INFO } }, 111);
  expect(rig.started).toHaveLength(1);
  expect(rig.closedFds).toEqual([111]);
  await rig.ask({ add: { uid: "a", workloadInfo: INFO } }, 12);
  expect(rig.removed).toEqual([1]);
  expect(rig.started).toHaveLength(2);
  expect(rig.closedFds).toEqual([111, 11]);
});

test("a pod that cannot be served is answered with the error, retried, and keeps the proxy unready", async () => {
  const rig = new Rig();
  rig.client.start();
  rig.refusal = "bind failed";
  await rig.ask({ add: { uid: "a", workloadInfo: INFO } }, 11);
  await rig.ask({ snapshotSent: {} });
  expect(rig.answers()).toEqual(["bind failed", ""]);
  expect(rig.manager.pending).toBe(true);
  expect(rig.manager.states()[0]?.state).toBe("Pending");
  rig.refusal = undefined;
  await rig.clock.advance(4_999);
  expect(rig.started).toHaveLength(1);
  await rig.clock.advance(1);
  expect(rig.started).toHaveLength(2);
  expect(rig.manager.pending).toBe(false);
});

test("a pod removed while it is pending gives its descriptor back and is not tried again", async () => {
  const rig = new Rig();
  rig.client.start();
  rig.refusal = "bind failed";
  await rig.ask({ add: { uid: "a", workloadInfo: INFO } }, 11);
  await rig.ask({ del: { uid: "a" } });
  expect(rig.closedFds).toEqual([11]);
  await rig.clock.advance(10_000);
  expect(rig.started).toHaveLength(1);
});

test("a new connection's snapshot decides what stays; a kept pod is not started again", async () => {
  const rig = new Rig();
  rig.client.start();
  await rig.ask({ add: { uid: "a", workloadInfo: INFO } }, 11);
  await rig.ask({ add: { uid: "b", workloadInfo: INFO } }, 12);
  await rig.ask({ add: { uid: "c", workloadInfo: INFO } }, 13);
  await rig.ask({ snapshotSent: {} });
  await rig.lose();
  expect(rig.manager.pending).toBe(true);
  expect(rig.removed).toEqual([]);
  await rig.clock.advance(20);
  expect(rig.attempts).toBe(2);
  await rig.ask({ keep: { uid: "a" } });
  await rig.ask({ add: { uid: "b", workloadInfo: INFO } }, 112);
  await rig.ask({ snapshotSent: {} });
  expect(rig.removed).toEqual([3]);
  expect(rig.started).toHaveLength(3);
  expect(rig.manager.pending).toBe(false);
});

test("connections are tried again with a growing delay up to 15 seconds", async () => {
  const rig = new Rig();
  rig.listening = false;
  rig.client.start();
  await rig.clock.advance(120_000);
  const early = rig.attempts;
  expect(early).toBeGreaterThan(10);
  await rig.clock.advance(60_000);
  expect(rig.attempts - early).toBeLessThanOrEqual(6);
  rig.client.stop();
  expect(rig.clock.armed).toBe(0);
});

test.each([
  ["an Add without a descriptor", { add: { uid: "a", workloadInfo: INFO } }, []],
  ["an Add with two", { add: { uid: "a", workloadInfo: INFO } }, [11, 12]],
  ["an Add without workload_info", { add: { uid: "a" } }, [11]],
  ["a Del with a descriptor", { del: { uid: "a" } }, [11]],
  ["an empty request", {}, []],
])("%s is a fault that ends the connection and leaks no descriptor", async (_what, request, fds) => {
  const rig = new Rig();
  rig.client.start();
  await rig.ask(request, ...fds);
  expect(rig.faults).toHaveLength(1);
  expect(rig.connectionClosed).toBe(true);
  expect(rig.closedFds).toEqual(fds);
  expect(rig.started).toEqual([]);
});

test.each([
  ["a Keep", { keep: { uid: "a" } }],
  ["a second SnapshotSent", { snapshotSent: {} }],
])("%s after the snapshot is a fault", async (_what, request) => {
  const rig = new Rig();
  rig.client.start();
  await rig.ask({ snapshotSent: {} });
  await rig.ask(request);
  expect(rig.faults).toHaveLength(1);
});
