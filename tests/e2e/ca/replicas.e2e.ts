import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "@ambit/base/clock.ts";
import type { CaClient } from "@ambit/identity/ca-client.ts";
import type { WorkloadCertificate } from "@ambit/identity/certificate.ts";
import { readChain, verifyChain } from "@ambit/identity/chain.ts";
import { answerForNames } from "@ambit/testkit/names.ts";
import { until } from "../support/mesh.ts";
import { Authority, NAME } from "./authority.ts";

const CART = "spiffe://cluster.local/ns/shop/sa/cart";

/** Callers that ask one after the other until they are told to stop. */
class Load {
  readonly certificates: WorkloadCertificate[] = [];
  readonly failures: string[] = [];
  readonly #callers: readonly Promise<void>[];
  #stopped = false;

  constructor(client: CaClient, callers: number) {
    this.#callers = Array.from({ length: callers }, () => this.#call(client));
  }

  /** Resolves when so many more certificates have come. */
  gives(count: number): Promise<void> {
    const wanted = this.certificates.length + count;
    return until(`${count} more certificates came`, () => this.certificates.length >= wanted);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#callers);
  }

  async #call(client: CaClient): Promise<void> {
    while (!this.#stopped) {
      await client.fetch(CART).then(
        (certificate) => this.certificates.push(certificate),
        (thrown: unknown) => this.failures.push(String(thrown)),
      );
    }
  }
}

// The steps build on each other, in the order they are written.
describe("two replicas of the ca over one folder", () => {
  const authority = new Authority();
  let forget: () => void;
  let client: CaClient;
  const roots = (): string => readFileSync(authority.rootPath, "utf8");
  const other = (host: number): number => 3 - host;

  beforeAll(async () => {
    forget = answerForNames({ [NAME]: ["127.0.0.1", "127.0.0.2"] });
    await authority.prepare();
    client = authority.client();
  });

  afterAll(async () => {
    client.close();
    forget();
    await authority.remove();
  });

  test("started at once on an empty folder make one root, and one of them leads", async () => {
    authority.start(1);
    authority.start(2);
    await Promise.all([authority.ready(1), authority.ready(2)]);
    await authority.leader();
    expect(readdirSync(authority.stateDir).filter((name) => name.endsWith(".root.pem"))).toHaveLength(1);
    const slots = new Set([(await authority.replica(1)).slot, (await authority.replica(2)).slot]);
    expect(slots).toEqual(new Set([1, 2]));
    for (const host of [1, 2]) expect((await authority.report(host)).roots).toHaveLength(1);
  });

  test("200 certificates of both lead to the one root, no serial twice, every one recorded", async () => {
    const clients = [authority.client(1), authority.client(2)];
    const certificates = (
      await Promise.all(
        Array.from({ length: 200 }, (_, index) => clients[index % 2]?.fetch(CART) ?? Promise.reject()),
      )
    ).filter((certificate) => certificate !== undefined);
    for (const each of clients) each.close();
    const trusted = readChain(roots());
    expect(trusted).toHaveLength(1);
    for (const { chain } of certificates) verifyChain(readChain(chain), trusted, systemClock.now());
    const serials = new Set(certificates.map(({ serial }) => serial));
    expect(serials.size).toBe(200);
    const recorded = authority.recorded().map(({ serial }) => serial);
    expect(new Set(recorded).size).toBe(recorded.length);
    expect([...serials].filter((serial) => !recorded.includes(serial))).toEqual([]);
    // Either shows what both have given out.
    for (const host of [1, 2])
      expect((await authority.report(host)).issued.filter(({ identity }) => identity === CART)).toHaveLength(
        1,
      );
  });

  test("the leading one killed under load costs no request, and the other leads soon", async () => {
    const leader = await authority.leader();
    const load = new Load(client, 8);
    await load.gives(32);
    await authority.end(leader);
    const killedAt = performance.now();
    await until("the other one leads", async () => (await authority.replica(other(leader))).leads);
    const leadsMs = Math.round(performance.now() - killedAt);
    await load.gives(32);
    await load.stop();
    expect(load.failures).toEqual([]);
    const recorded = new Set(authority.recorded().map(({ serial }) => serial));
    expect(load.certificates.filter(({ serial }) => !recorded.has(serial))).toEqual([]);
    process.stdout.write(
      `certificates over the kill: ${load.certificates.length}, failed: 0, led again after ${leadsMs} ms\n`,
    );
    authority.start(leader);
    await authority.ready(leader);
    expect(await authority.leader()).toBe(other(leader));
  });

  test("a rotation that is asked for at the one that follows is done, and both end at the new root", async () => {
    const leader = await authority.leader();
    const follower = other(leader);
    const before = roots();
    const load = new Load(client, 2);
    expect(await authority.ask(follower, "/rotate", "POST")).toEqual({
      status: 200,
      body: "rotation started\n",
    });
    const again = await authority.ask(follower, "/rotate", "POST");
    expect(again.status).toBe(409);
    expect(again.body).toContain("under way already");
    await until("the rotation is done", async () => (await authority.rotation(follower)).done, 60_000);
    await load.stop();
    expect(load.failures).toEqual([]);
    expect(roots()).not.toBe(before);
    const trusted = readChain(roots());
    expect(trusted).toHaveLength(1);
    for (const host of [1, 2]) {
      const [root, ...rest] = (await authority.report(host)).roots;
      expect([root?.fingerprint, rest.length]).toEqual([trusted[0]?.fingerprint256, 0]);
      const alone = authority.client(host);
      const { chain } = await alone.fetch(CART);
      alone.close();
      verifyChain(readChain(chain), trusted, systemClock.now());
    }
  });

  test("a rotation whose leader is killed in the middle is ended by the other", async () => {
    const leader = await authority.leader();
    const before = roots();
    const load = new Load(client, 2);
    expect((await authority.ask(leader, "/rotate", "POST")).status).toBe(200);
    await until(
      "the new root signs",
      async () => (await authority.rotation(leader)).phase === "sign",
      60_000,
    );
    await authority.end(leader);
    const next = other(leader);
    await until(
      "the other one has ended it",
      async () => {
        const { leads } = await authority.replica(next);
        return leads && (await authority.rotation(next)).done;
      },
      60_000,
    );
    await load.stop();
    expect(load.failures).toEqual([]);
    expect(readChain(roots())).toHaveLength(1);
    expect(roots()).not.toBe(before);
    authority.start(leader);
    await authority.ready(leader);
  });

  test("a leading one that stands still keeps the lead; the other goes on signing and says so to who asks for a rotation", async () => {
    const leader = await authority.leader();
    const follower = other(leader);
    authority.signal(leader, "SIGSTOP");
    const alone = authority.client(follower);
    await expect(alone.fetch(CART)).resolves.toMatchObject({ identity: CART });
    alone.close();
    const refused = await authority.ask(follower, "/rotate", "POST");
    expect(refused.status).toBe(409);
    expect(refused.body).toContain("No replica that leads");
    expect((await authority.replica(follower)).leads).toBe(false);
    authority.signal(leader, "SIGCONT");
    await until("it leads on", async () => (await authority.replica(leader)).leads);
    expect((await authority.rotation(leader)).done).toBe(true);
  });

  test("one that is told to end hands the lead over without a failed request", async () => {
    const leader = await authority.leader();
    const load = new Load(client, 8);
    await load.gives(16);
    await authority.end(leader, "SIGTERM");
    await until("the other one leads", async () => (await authority.replica(other(leader))).leads);
    await load.stop();
    expect(load.failures).toEqual([]);
    expect(authority.logs.filter((line) => /\berror\b/i.test(line))).toEqual([]);
  });
});
