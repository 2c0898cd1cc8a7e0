import { writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { silentLogger, type Logger } from "@ambit/base/logger.ts";
import { seededRandom } from "@ambit/base/random.ts";
import { TYPE_URLS } from "@ambit/contract/type-urls.ts";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { NODE, XdsRig } from "../testing/rig.ts";
import type { DeltaBatch, StreamEnd } from "./delta-client.ts";
import type { RejectedResource } from "./protocol.ts";

const TYPES = [
  { typeUrl: TYPE_URLS.address, onDemand: false },
  { typeUrl: TYPE_URLS.authorization, onDemand: false },
];
const ON_DEMAND = [
  { typeUrl: TYPE_URLS.address, onDemand: true },
  { typeUrl: TYPE_URLS.authorization, onDemand: false },
];

/** What a client was told, with a way to wait for the next thing. */
class Heard {
  readonly batches: DeltaBatch[] = [];
  readonly ends: StreamEnd[] = [];
  readonly retries: number[] = [];
  syncs = 0;
  rejects: (batch: DeltaBatch) => readonly RejectedResource[] = () => [];
  #wake: () => void = () => undefined;

  readonly deps = {
    apply: (batch: DeltaBatch): readonly RejectedResource[] => {
      this.batches.push(batch);
      this.#wake();
      return this.rejects(batch);
    },
    onSynced: (): void => {
      this.syncs++;
      this.#wake();
    },
    onTermination: (reason: StreamEnd): void => {
      this.ends.push(reason);
    },
    logger: {
      ...silentLogger,
      info: (_message, fields) => {
        this.retries.push(Number(fields?.["retryMs"]));
        this.#wake();
      },
    } satisfies Logger,
  };

  /** Resolves when the condition holds; it is looked at whenever the client was told something. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  names(typeUrl: string): string[] {
    return this.batches
      .filter((batch) => batch.typeUrl === typeUrl)
      .flatMap((batch) => batch.resources.map(({ name }) => name));
  }
}

function put(name: string, text = name): { name: string; bytes: Uint8Array } {
  return { name, bytes: Buffer.from(text) };
}

let rig: XdsRig;
let heard: Heard;

beforeEach(async () => {
  rig = await XdsRig.start();
  heard = new Heard();
});

afterEach(() => rig.stop());

describe("DeltaClient against the server over TLS", () => {
  test("is in step once each type has been answered, also with nothing", async () => {
    rig.addresses.apply({ put: [put("a")] });
    rig.client({ types: TYPES }, heard.deps).start();
    await heard.until(() => heard.syncs > 0);
    expect(heard.batches).toEqual([
      { typeUrl: TYPE_URLS.authorization, resources: [], removed: [] },
      { typeUrl: TYPE_URLS.address, resources: [expect.objectContaining({ name: "a" })], removed: [] },
    ]);
    rig.authorizations.apply({ put: [put("p")] });
    await heard.until(() => heard.names(TYPE_URLS.authorization).includes("p"));
    expect(heard.syncs).toBe(1);
  });

  test("is not in step by an answer it rejected, says why, and goes on with what is good", async () => {
    rig.addresses.apply({ put: [put("a"), put("b")] });
    heard.rejects = (batch) =>
      batch.resources.filter(({ name }) => name === "b").map(({ name }) => ({ name, reason: "is bad" }));
    rig.client({ types: TYPES }, heard.deps).start();
    await heard.until(() => heard.batches.length === 2);
    heard.rejects = () => [];
    rig.addresses.apply({ put: [put("c")] });
    await heard.until(() => heard.syncs > 0);
    const type = rig.xds.connections()[0]?.types.find(({ typeUrl }) => typeUrl === TYPE_URLS.address);
    expect(type).toMatchObject({ nacks: 1, lastNack: "b: is bad" });
    expect(heard.names(TYPE_URLS.address)).toEqual(["a", "b", "c"]);
  });

  test("reads root and token again, and gets only what differs, when the server comes back", async () => {
    rig.addresses.apply({ put: [put("a"), put("b"), put("c")] });
    rig.client({ types: TYPES }, heard.deps).start();
    await heard.until(() => heard.syncs > 0);
    rig.stopServer();
    rig.addresses.apply({ put: [put("b", "new")], remove: ["c"] });
    writeFileSync(rig.tokenPath, "istio-system/ztunnel/node-b\n");
    await rig.serve();
    const before = heard.batches.length;
    await heard.until(() => heard.batches.length === before + 2);
    expect(heard.batches.slice(before)).toMatchObject([
      { typeUrl: TYPE_URLS.authorization, resources: [] },
      { typeUrl: TYPE_URLS.address, resources: [{ name: "b" }], removed: ["c"] },
    ]);
    expect(rig.xds.connections()[0]?.identity.node).toBe("node-b");
    expect(heard.syncs).toBe(1);
  });

  test("subscribe() resolves when the answer has been applied, whatever it is", async () => {
    rig.addresses.apply({ put: [{ ...put("pod"), aliases: ["/10.0.0.1"] }] });
    const client = rig.client({ types: ON_DEMAND }, heard.deps);
    client.start();
    await heard.until(() => heard.syncs > 0);
    await client.subscribe(TYPE_URLS.address, "/10.0.0.1");
    expect(heard.names(TYPE_URLS.address)).toEqual(["pod"]);
    await client.subscribe(TYPE_URLS.address, "/10.9.9.9");
    await client.subscribe(TYPE_URLS.authorization, "anything");
    expect(heard.names(TYPE_URLS.address)).toEqual(["pod"]);
  });

  test("subscribe() outlives the loss of the server", async () => {
    const client = rig.client({ types: ON_DEMAND }, heard.deps);
    client.start();
    await heard.until(() => heard.syncs > 0);
    rig.stopServer();
    await heard.until(() => heard.ends.length > 0);
    const answered = client.subscribe(TYPE_URLS.address, "/10.0.0.1");
    rig.addresses.apply({ put: [{ ...put("pod"), aliases: ["/10.0.0.1"] }] });
    await rig.serve();
    await answered;
    expect(heard.names(TYPE_URLS.address)).toEqual(["pod"]);
  });

  test("a response that cannot be applied is rejected by name and does not end the stream", async () => {
    rig.addresses.apply({ put: [put("a")] });
    let thrown = 0;
    heard.rejects = (batch) => {
      if (batch.typeUrl !== TYPE_URLS.address || thrown++ > 0) return [];
      throw new Error("store is broken");
    };
    rig.client({ types: TYPES }, heard.deps).start();
    await heard.until(() => thrown > 0);
    rig.addresses.apply({ put: [put("b")] });
    await heard.until(() => heard.syncs > 0);
    const type = rig.xds.connections()[0]?.types.find(({ typeUrl }) => typeUrl === TYPE_URLS.address);
    expect(type?.lastNack).toBe("a: store is broken");
  });
});

describe("DeltaClient without a server that wants it", () => {
  test("waits longer each time, from 10 ms up to 15 s", async () => {
    rig.stopServer();
    const clock = new FakeClock();
    rig.client({ types: TYPES }, { ...heard.deps, clock, random: { ...noChance } }).start();
    for (let attempt = 1; attempt <= 13; attempt++) {
      await heard.until(() => heard.retries.length === attempt);
      await clock.advance(heard.retries[attempt - 1] ?? 0);
    }
    expect(heard.retries).toEqual([
      10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 5_120, 10_240, 15_000, 15_000,
    ]);
    expect(new Set(heard.ends)).toEqual(new Set(["ConnectionError"]));
  });

  test("waits longer each time when it is refused", async () => {
    writeFileSync(rig.tokenPath, "nobody");
    const clock = new FakeClock();
    rig.client({ types: TYPES }, { ...heard.deps, clock, random: { ...noChance } }).start();
    for (let attempt = 1; attempt <= 4; attempt++) {
      await heard.until(() => heard.retries.length === attempt);
      await clock.advance(heard.retries[attempt - 1] ?? 0);
    }
    expect(heard.retries.slice(0, 4)).toEqual([10, 20, 40, 80]);
  });

  test("tries again when token or root cannot be read", async () => {
    const clock = new FakeClock();
    const client = rig.client(
      { types: TYPES, tokenPath: `${rig.folder}/none` },
      { ...heard.deps, clock, random: { ...noChance } },
    );
    client.start();
    await heard.until(() => heard.retries.length === 1);
    writeFileSync(`${rig.folder}/none`, "istio-system/ztunnel/node-a");
    await clock.advance(10);
    await heard.until(() => heard.syncs > 0);
    expect(client.connected).toBe(true);
  });

  test("two proxies of one name do not drive each other round at full speed", async () => {
    const clocks = [new FakeClock(), new FakeClock()];
    const both = [heard, new Heard()];
    for (const [index, one] of both.entries()) {
      const clock = clocks[index];
      if (clock !== undefined)
        rig.client({ types: TYPES }, { ...one.deps, clock, random: { ...noChance } }).start();
    }
    for (let round = 0; round < 6; round++) {
      const [first, second] = both;
      await Promise.race([
        first?.until(() => first.retries.length > 0),
        second?.until(() => second.retries.length > 0),
      ]);
      const loser = both.findIndex((one) => one.retries.length > 0);
      const delay = both[loser]?.retries.shift() ?? 0;
      if (round === 5) expect(delay).toBeGreaterThanOrEqual(40);
      await clocks[loser]?.advance(delay);
    }
  });

  test("proxies whose good streams end with their server come back soon, each at its own moment", async () => {
    const clocks: FakeClock[] = [];
    const all = Array.from({ length: 20 }, () => new Heard());
    for (const [index, one] of all.entries()) {
      const node = { ...NODE, id: NODE.id.replace("ztunnel-x", `ztunnel-${index}`) };
      const clock = new FakeClock();
      clocks.push(clock);
      rig.client({ types: TYPES, node }, { ...one.deps, clock, random: seededRandom(index + 1) }).start();
    }
    await Promise.all(all.map((one) => one.until(() => one.syncs > 0)));
    for (const clock of clocks) await clock.advance(5_000);
    rig.stopServer();
    await Promise.all(all.map((one) => one.until(() => one.retries.length > 0)));
    const delays = all.map((one) => one.retries[0] ?? 0);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(10);
    expect(Math.max(...delays)).toBeLessThanOrEqual(260);
    expect(Math.max(...delays) - Math.min(...delays)).toBeGreaterThan(100);
    expect(new Set(delays).size).toBeGreaterThan(10);
  });

  test("stop() ends it for good", async () => {
    const clock = new FakeClock();
    const client = rig.client({ types: TYPES }, { ...heard.deps, clock });
    client.start();
    await heard.until(() => heard.syncs > 0);
    client.stop();
    await clock.advance(60_000);
    expect(client.connected).toBe(false);
    expect(heard.ends).toEqual([]);
    expect(clock.armed).toBe(0);
  });
});

const noChance = {
  next: () => 0.5,
  below: () => 0,
  bytes: (length: number) => new Uint8Array(length),
  uuid: () => "",
};
