import { expect, test } from "vitest";
import { seededRandom } from "@ambit/base/random.ts";
import { silentLogger } from "@ambit/base/logger.ts";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import type { WorkloadCertificate } from "./certificate.ts";
import { CertManager } from "./cert-manager.ts";

const START = Date.UTC(2026, 0, 1);
const LIFETIME = 60_000;
const CLIENT = "spiffe://cluster.local/ns/a/sa/client";

class ScriptedSource {
  readonly asked: string[] = [];
  readonly #clock: FakeClock;
  failing = false;
  lifetime = LIFETIME;
  /** By how much the authority's clock is ahead. */
  ahead = 0;
  held: (() => void)[] | undefined;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  async fetch(identity: string): Promise<WorkloadCertificate> {
    this.asked.push(identity);
    if (this.held !== undefined) await new Promise<void>((resolve) => this.held?.push(resolve));
    if (this.failing) throw new Error("the authority is away");
    const now = this.#clock.now() + this.ahead;
    const serial = String(this.asked.length);
    return {
      identity,
      chain: "",
      privateKey: "",
      roots: "",
      serial,
      notBefore: now,
      notAfter: now + this.lifetime,
    };
  }
}

function setUp(): { clock: FakeClock; source: ScriptedSource; manager: CertManager; got: string[] } {
  const clock = new FakeClock(START);
  const source = new ScriptedSource(clock);
  const got: string[] = [];
  const manager = new CertManager({
    clock,
    random: seededRandom(1),
    logger: silentLogger,
    source,
    onCertificate: (certificate) => got.push(certificate.serial),
  });
  return { clock, source, manager, got };
}

test("request() fetches once for all that wait and answers from the cache afterwards", async () => {
  const { source, manager } = setUp();
  const both = await Promise.all([manager.request(CLIENT), manager.request(CLIENT)]);
  expect(both.map((certificate) => certificate.serial)).toEqual(["1", "1"]);
  await manager.request(CLIENT);
  expect(source.asked).toHaveLength(1);
});

test("a certificate is renewed before and near half of its life", async () => {
  const { clock, got, manager } = setUp();
  await manager.request(CLIENT);
  await clock.advance(LIFETIME * 0.44);
  expect(got).toEqual(["1"]);
  await clock.advance(LIFETIME * 0.07);
  expect(got).toEqual(["1", "2"]);
});

test("the old certificate serves while renewals fail, and is not handed out once expired", async () => {
  const { clock, source, manager } = setUp();
  await manager.request(CLIENT);
  source.failing = true;
  await clock.advance(LIFETIME * 0.9);
  expect(manager.peek(CLIENT)?.serial).toBe("1");
  expect(source.asked.length).toBeGreaterThan(3);
  await clock.advance(LIFETIME * 0.2);
  expect(manager.peek(CLIENT)).toBeUndefined();
  const refused = expect(manager.request(CLIENT)).rejects.toThrow("the authority is away");
  await clock.advance(1_000);
  await refused;
  source.failing = false;
  const served = manager.request(CLIENT);
  await clock.advance(1_000);
  expect((await served).identity).toBe(CLIENT);
});

test("waiting connections go before warm-ups, eight calls at a time", async () => {
  const { source, manager } = setUp();
  source.held = [];
  for (let index = 0; index < 10; index++) manager.warm(`spiffe://cluster.local/ns/a/sa/warm-${index}`);
  const waiting = manager.request(CLIENT);
  expect(source.asked).toHaveLength(8);
  const { held } = source;
  source.held = undefined;
  for (const release of held) release();
  await waiting;
  expect(source.asked[8]).toBe(CLIENT);
});

test("a wall clock set forward renews at once", async () => {
  const { clock, got, manager } = setUp();
  await manager.request(CLIENT);
  clock.jump(LIFETIME * 2);
  expect(manager.peek(CLIENT)).toBeUndefined();
  await clock.advance(12_000);
  expect(got).toContain("2");
  expect(manager.peek(CLIENT)?.serial).toBe("2");
});

test("refetchAll() fetches every identity again within its bound", async () => {
  const { clock, got, manager } = setUp();
  await manager.request(CLIENT);
  manager.refetchAll(1_000);
  await clock.advance(1_000);
  expect(got).toEqual(["1", "2"]);
});

test("request() asks a failing authority once a second however many connections wait, and no back-off holds them", async () => {
  const { clock, source, manager } = setUp();
  source.failing = true;
  await expect(manager.request(CLIENT)).rejects.toThrow("the authority is away");
  await clock.advance(60_000);
  const before = source.asked.length;
  let refusals = 0;
  for (let tenth = 0; tenth < 100; tenth++) {
    manager.request(CLIENT).catch(() => void refusals++);
    await clock.advance(100);
  }
  expect(source.asked.length - before).toBeGreaterThanOrEqual(8);
  expect(source.asked.length - before).toBeLessThanOrEqual(11);
  expect(refusals).toBeGreaterThan(80);
  source.failing = false;
  const served = manager.request(CLIENT);
  await clock.advance(1_000);
  expect((await served).identity).toBe(CLIENT);
});

test("request() gives up its place for nothing: a renewal that waits becomes urgent", async () => {
  const { source, manager } = setUp();
  source.held = [];
  for (let index = 0; index < 8; index++) manager.warm(`spiffe://cluster.local/ns/a/sa/busy-${index}`);
  for (let index = 0; index < 5; index++) manager.warm(`spiffe://cluster.local/ns/a/sa/warm-${index}`);
  manager.warm(CLIENT);
  const waiting = manager.request(CLIENT);
  const { held } = source;
  source.held = undefined;
  held[0]?.();
  await waiting;
  expect(source.asked[8]).toBe(CLIENT);
  expect(source.asked.filter((identity) => identity === CLIENT)).toHaveLength(1);
  for (const release of held) release();
});

test("failures back off from one second up to 150 seconds, doubling", async () => {
  const { clock, source, manager } = setUp();
  source.failing = true;
  manager.warm(CLIENT);
  const times: number[] = [];
  for (let second = 0; second < 1_000; second++) {
    while (times.length < source.asked.length) times.push(second);
    await clock.advance(1_000);
  }
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  expect(gaps[0]).toBeLessThanOrEqual(2);
  for (const [index, gap] of gaps.entries()) {
    const wanted = Math.min(2 ** index, 150);
    expect(gap).toBeGreaterThanOrEqual(Math.floor(wanted * 0.8) - 1);
    expect(gap).toBeLessThanOrEqual(Math.min(Math.ceil(wanted * 1.2), 150) + 1);
  }
});

test("a certificate whose time is up is not revived by a wall clock that is set back", async () => {
  const { clock, source, manager } = setUp();
  await manager.request(CLIENT);
  source.failing = true;
  await clock.advance(LIFETIME - 1_000);
  clock.jump(-LIFETIME);
  expect(manager.peek(CLIENT)?.serial).toBe("1");
  await clock.advance(2_000);
  expect(manager.peek(CLIENT)).toBeUndefined();
});

test("a certificate that has expired on arrival is a failure", async () => {
  const { source, manager, got } = setUp();
  source.lifetime = -1;
  await expect(manager.request(CLIENT)).rejects.toMatchObject({ code: "ca-refused" });
  expect(manager.peek(CLIENT)).toBeUndefined();
  expect(got).toEqual([]);
});

test("a certificate of an authority whose clock is ahead serves, and is replaced soon after that clock is right", async () => {
  const { clock, source, manager, got } = setUp();
  source.ahead = 600_000;
  await expect(manager.request(CLIENT)).resolves.toMatchObject({ serial: "1" });
  await clock.advance(3_000);
  source.ahead = 0;
  await clock.advance(3_000);
  const replaced = got.length;
  expect(replaced).toBe(3);
  await clock.advance(LIFETIME / 3);
  expect(got).toHaveLength(replaced);
});

test("refetchAll() fetches again what was under way when it was called", async () => {
  const { clock, source, got, manager } = setUp();
  source.held = [];
  const waiting = manager.request(CLIENT);
  manager.refetchAll(1_000);
  const { held } = source;
  source.held = undefined;
  for (const release of held) release();
  await waiting;
  await clock.advance(1_000);
  expect(got).toEqual(["1", "2"]);
});

test("refetchAll() does not put off a fetch that comes sooner", async () => {
  const { clock, got, manager } = setUp();
  await manager.request(CLIENT);
  await clock.advance(LIFETIME * 0.44);
  manager.refetchAll(LIFETIME * 100);
  await clock.advance(LIFETIME * 0.07);
  expect(got).toEqual(["1", "2"]);
});

test("list() tells what is available, what failed and what is still to come", async () => {
  const { source, manager } = setUp();
  await manager.request(CLIENT);
  source.failing = true;
  await expect(manager.request("spiffe://cluster.local/ns/a/sa/bad")).rejects.toThrow("away");
  source.held = [];
  manager.warm("spiffe://cluster.local/ns/a/sa/new");
  expect(manager.list().map(({ certificate, error }) => [certificate?.serial, error])).toEqual([
    ["1", ""],
    [undefined, "the authority is away"],
    [undefined, ""],
  ]);
});

test("forget() fails those who wait and fetches no more", async () => {
  const { clock, source, manager } = setUp();
  source.held = [];
  const waiting = manager.request(CLIENT);
  manager.forget(CLIENT);
  await expect(waiting).rejects.toThrow("no longer used");
  await clock.advance(LIFETIME);
  expect(source.asked).toHaveLength(1);
});
