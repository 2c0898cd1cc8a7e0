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
  held: (() => void)[] | undefined;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  async fetch(identity: string): Promise<WorkloadCertificate> {
    this.asked.push(identity);
    if (this.held !== undefined) await new Promise<void>((resolve) => this.held?.push(resolve));
    if (this.failing) throw new Error("the authority is away");
    const now = this.#clock.now();
    const serial = String(this.asked.length);
    return {
      identity,
      chain: "",
      privateKey: "",
      roots: "",
      serial,
      notBefore: now,
      notAfter: now + LIFETIME,
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
  await expect(manager.request(CLIENT)).rejects.toThrow("the authority is away");
  source.failing = false;
  expect((await manager.request(CLIENT)).identity).toBe(CLIENT);
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

test("forget() fails those who wait and fetches no more", async () => {
  const { clock, source, manager } = setUp();
  source.held = [];
  const waiting = manager.request(CLIENT);
  manager.forget(CLIENT);
  await expect(waiting).rejects.toThrow("no longer used");
  await clock.advance(LIFETIME);
  expect(source.asked).toHaveLength(1);
});
