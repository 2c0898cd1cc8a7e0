import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { silentLogger } from "@ambit/base/logger.ts";
import { seededRandom } from "@ambit/base/random.ts";
import { readChain, verifyChain } from "@ambit/identity/chain.ts";
import { generateKey } from "@ambit/identity/x509.ts";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { AuditLog } from "./audit-log.ts";
import { auditName, AuditTrail } from "./audit-trail.ts";
import { Issuer } from "./issue.ts";
import { ownHolder } from "./own-certificate.ts";
import type { PodDirectory } from "./pods.ts";
import { RootStore } from "./root-store.ts";
import { Rotation } from "./rotation.ts";
import { Upkeep } from "./upkeep.ts";

const CART = "spiffe://cluster.local/ns/shop/sa/cart";
const DISCOVERY = "spiffe://cluster.local/ns/ambit-system/sa/discovery";
const TTL = 3_600_000;
const YEAR = 365 * 24 * 3_600_000;

/** An authority whose clients fetch when the test says so. */
class Bench {
  readonly folder: string;
  readonly clock: FakeClock;
  readonly slot: number;
  readonly running = new Set(["node-a", "node-b"]);
  changes = 0;
  announced = 0;
  failing = false;
  leads = true;
  store!: RootStore;
  issuer!: Issuer;
  audit!: AuditLog;
  rotation!: Rotation;

  /** `first`: the replica beside which this one is another on the same state. */
  constructor(first?: Bench) {
    this.folder = first?.folder ?? mkdtempSync(join(tmpdir(), "ambit-rotation-"));
    this.clock = first?.clock ?? new FakeClock();
    this.slot = first === undefined ? 1 : first.slot + 1;
  }

  /** Opens the authority on its state, as a start of the process does. */
  async open(podsKnown = true): Promise<void> {
    const { clock, folder } = this;
    this.rotation?.stop();
    this.audit?.close();
    this.store = await RootStore.open(
      { stateDir: join(folder, "ca"), pluggedInDir: undefined },
      { clock, random: seededRandom(clock.now() % 1_000) },
    );
    const log = auditName(this.slot);
    this.audit = new AuditLog(join(folder, "ca", log), { clock });
    const trail = new AuditTrail(join(folder, "ca"), log, { clock });
    this.issuer = new Issuer(this.store, { clock, news: () => trail.news() });
    this.issuer.restore(this.audit.issued());
    const pods: PodDirectory = {
      pod: () => undefined,
      runsOn: (node, _namespace, account) => account === "cart" && this.running.has(node),
      runs: (_namespace, account) => account === "cart" && this.running.size > 0,
    };
    this.rotation = new Rotation(
      {
        path: join(folder, "ca/rotation.json"),
        phaseLimitMs: TTL,
        systemNamespace: "ambit-system",
        podsKnown,
        ownHolder: ownHolder(this.slot),
      },
      {
        clock,
        logger: silentLogger,
        store: this.store,
        issuer: this.issuer,
        pods,
        onChange: async () => {
          if (this.failing) throw new Error("the disk is full");
          this.changes++;
        },
        announce: () => void this.announced++,
      },
    );
    if (this.leads) this.rotation.resume();
  }

  async fetch(identity: string, node: string, holder = node): Promise<readonly string[]> {
    const { publicKey } = await generateKey();
    const issued = await this.issuer.issue(
      { identity, publicKey, ttlMs: TTL, dnsNames: [], ipAddresses: [], holder, node },
      (facts) => this.audit.append({ verdict: "issued", caller: "x", peer: "", ttlSeconds: 1, ...facts }),
    );
    return issued.chain;
  }

  /** The phase, whether both roots are trusted, and whether the newest signs. */
  get state(): string {
    const { signing, trusted } = this.store;
    const signer = signing === trusted.at(-1) ? "newest" : "old";
    return `${this.rotation.report().phase} ${trusted.length} ${signer}`;
  }

  remove(): void {
    this.rotation.stop();
    this.audit.close();
    rmSync(this.folder, { recursive: true });
  }
}

let bench: Bench;

beforeEach(async () => {
  bench = new Bench();
  await bench.open();
});
afterEach(() => bench.remove());

test("a rotation waits in every step until the identity was fetched again on every node", async () => {
  const { clock } = bench;
  const before = await bench.fetch(CART, "node-a");
  await bench.fetch(CART, "node-b");
  await clock.advance(1_000);
  await bench.rotation.begin();
  expect(bench.state).toBe("distribute 2 old");
  const chains: (readonly string[])[] = [];
  for (const [step, next] of [
    ["distribute 2 old", "sign 2 newest"],
    ["sign 2 newest", "retire 1 newest"],
    ["retire 1 newest", "idle 1 newest"],
  ] as const) {
    await clock.advance(60_000);
    expect(bench.state).toBe(step);
    expect(bench.rotation.report().detail).toContain("waiting for 2");
    chains.push(await bench.fetch(CART, "node-a"));
    await clock.advance(60_000);
    expect(bench.state).toBe(step);
    expect(bench.rotation.report().detail).toContain(`waiting for 1: ${CART} on node-b`);
    chains.push(await bench.fetch(CART, "node-b"));
    await clock.advance(2_000);
    expect(bench.state).toBe(next);
  }
  expect(bench.rotation.report().done).toBe(true);
  // Whatever two neighbouring steps hold trusts each other both ways.
  const steps = [before, ...chains];
  for (const [index, chain] of steps.entries()) {
    for (const other of steps.slice(Math.max(0, index - 2), index + 3)) {
      verifyChain(readChain(chain.slice(0, -1).join("")), readChain(other.at(-1) ?? ""), clock.now());
    }
  }
  expect(bench.store.bundle.roots).toHaveLength(1);
});

test("a step gives the last one that fetched a moment to put its certificate to use", async () => {
  const { clock } = bench;
  await bench.fetch(CART, "node-a");
  await clock.advance(1_000);
  await bench.rotation.begin();
  await clock.advance(500);
  await bench.fetch(CART, "node-a");
  await clock.advance(900);
  expect(bench.state).toBe("distribute 2 old");
  await clock.advance(600);
  expect(bench.state).toBe("sign 2 newest");
});

test("a rotation does not wait for pods that are gone, but for the control plane", async () => {
  const { clock } = bench;
  await bench.fetch(CART, "node-a");
  await bench.fetch(DISCOVERY, "", "discovery");
  bench.running.clear();
  await clock.advance(1_000);
  await bench.rotation.begin();
  await clock.advance(60_000);
  expect(bench.rotation.report().detail).toContain(`waiting for 1: ${DISCOVERY}`);
  await bench.fetch(DISCOVERY, "", "discovery");
  await clock.advance(2_000);
  expect(bench.state).toBe("sign 2 newest");
});

test("without knowledge of the pods every certificate counts until it ends", async () => {
  await bench.open(false);
  const { clock } = bench;
  bench.running.clear();
  await bench.fetch(CART, "node-a");
  await clock.advance(1_000);
  await bench.rotation.begin();
  await clock.advance(TTL / 2);
  expect(bench.state).toBe("distribute 2 old");
});

test("a step ends at the latest when certificates from before it have ended", async () => {
  const { clock } = bench;
  await bench.fetch(CART, "node-a");
  await clock.advance(1_000);
  await bench.rotation.begin();
  await clock.advance(TTL - 2_000);
  expect(bench.state).toBe("distribute 2 old");
  await clock.advance(2_300);
  expect(bench.state).toBe("sign 2 newest");
});

test("a restart continues the step it interrupted and knows who has not fetched yet", async () => {
  const { clock } = bench;
  await bench.fetch(CART, "node-a");
  await bench.fetch(CART, "node-b");
  await clock.advance(1_000);
  await bench.rotation.begin();
  await clock.advance(1_000);
  await bench.fetch(CART, "node-a");
  const told = bench.announced;
  await bench.open();
  await clock.advance(60_000);
  expect(bench.state).toBe("distribute 2 old");
  expect(bench.rotation.report().detail).toContain(`waiting for 1: ${CART} on node-b`);
  expect(bench.announced).toBeGreaterThan(told);
  await bench.fetch(CART, "node-b");
  await clock.advance(2_000);
  expect(bench.state).toBe("sign 2 newest");
});

test("whoever missed the announcement is told again, ever more rarely", async () => {
  const { clock } = bench;
  await bench.fetch(CART, "node-a");
  await clock.advance(1_000);
  await bench.rotation.begin();
  expect(bench.announced).toBe(1);
  await clock.advance(11_000);
  expect(bench.announced).toBe(2);
  await clock.advance(21_000);
  expect(bench.announced).toBe(3);
  await clock.advance(600_000);
  expect(bench.announced).toBeLessThan(9);
});

test("a bundle that cannot be published is tried again, and nobody is asked to fetch before", async () => {
  const { clock } = bench;
  await bench.fetch(CART, "node-a");
  await clock.advance(1_000);
  bench.failing = true;
  await expect(bench.rotation.begin()).rejects.toThrow("the disk is full");
  await clock.advance(5_000);
  expect(bench.announced).toBe(0);
  expect(bench.state).toBe("distribute 2 old");
  bench.failing = false;
  await clock.advance(500);
  expect([bench.changes, bench.announced]).toEqual([1, 1]);
});

test("begin() refuses a second rotation", async () => {
  await bench.fetch(CART, "node-a");
  await bench.clock.advance(1_000);
  await bench.rotation.begin();
  await expect(bench.rotation.begin()).rejects.toMatchObject({ code: "state" });
  expect(bench.store.trusted).toHaveLength(2);
});

test("begin() goes on with a generation that a crash left trusted", async () => {
  const { store } = bench;
  const next = await store.createGeneration();
  store.commit(store.signing, [store.signing, next]);
  await bench.open();
  await bench.rotation.begin();
  expect(bench.store.trusted.map(({ id }) => id)).toEqual([store.signing.id, next.id]);
});

test.each(["{", "[]", '{"phase":"dance","since":1}'])(
  "a progress file of %j is refused by name",
  async (text) => {
    writeFileSync(join(bench.folder, "ca/rotation.json"), text);
    await expect(bench.open()).rejects.toMatchObject({ code: "state", message: /rotation\.json/ });
  },
);

test("Upkeep renews the intermediate in its last fifth and rotates a root in its last fifth", async () => {
  const { clock, store, rotation } = bench;
  const upkeep = new Upkeep({ clock, logger: silentLogger, store, rotation });
  const first = store.signing.id;
  await upkeep.start();
  expect(store.signing.id).toBe(first);
  await clock.advance(1_000);
  clock.jump(0.81 * YEAR);
  await clock.advance(3_600_000);
  await expect.poll(() => store.signing.id).not.toBe(first);
  expect(store.bundle.roots).toHaveLength(1);
  clock.jump(7.5 * YEAR);
  await clock.advance(3_600_000);
  await expect.poll(() => rotation.report().phase).toBe("distribute");
  upkeep.stop();
});

describe("with another replica", () => {
  /** The other one: it follows what the bench's, which leads, does, and may take over. */
  async function follower(): Promise<Bench> {
    const other = new Bench(bench);
    other.leads = false;
    await other.open();
    onTestFinished(() => {
      other.rotation.stop();
      other.audit.close();
    });
    return other;
  }

  test("begin() is refused where another leads, and report() tells how far the other is", async () => {
    const other = await follower();
    await expect(other.rotation.begin()).rejects.toMatchObject({ code: "state" });
    await bench.fetch(CART, "node-a");
    await bench.clock.advance(1_000);
    await bench.rotation.begin();
    expect(other.rotation.report()).toEqual(bench.rotation.report());
    expect(other.rotation.report()).toMatchObject({ phase: "distribute", done: false });
  });

  test("it waits for certificates that the other gave out, and takes those it gave out again", async () => {
    const other = await follower();
    await other.fetch(CART, "node-a");
    await bench.clock.advance(1_000);
    await bench.rotation.begin();
    await bench.clock.advance(60_000);
    expect(bench.state).toBe("distribute 2 old");
    const [leaf = "", signer = ""] = await other.fetch(CART, "node-a");
    await bench.clock.advance(2_000);
    expect(bench.state).toBe("sign 2 newest");
    const [next = "", nextSigner = ""] = await other.fetch(CART, "node-a");
    expect([leaf === next, signer === nextSigner]).toEqual([false, false]);
    await bench.clock.advance(2_000);
    expect(bench.state).toBe("retire 1 newest");
  });

  test("it waits for no certificate of another replica's own, which may be gone", async () => {
    const other = await follower();
    await other.fetch("spiffe://cluster.local/ns/ambit-system/sa/ca", "", "self-2");
    await bench.clock.advance(1_000);
    await bench.rotation.begin();
    await bench.clock.advance(2_000);
    expect(bench.rotation.report().phase).toBe("sign");
  });

  test("one that takes over goes on where the killed one was", async () => {
    const other = await follower();
    await bench.fetch(CART, "node-a");
    await bench.clock.advance(1_000);
    await bench.rotation.begin();
    await bench.clock.advance(1_000);
    bench.rotation.stop();
    // As soon as it has the lead it is asked, before it has taken the duties.
    expect(other.rotation.report().phase).toBe("distribute");
    await expect(other.rotation.begin()).rejects.toMatchObject({ code: "state" });
    other.store.refresh();
    other.rotation.resume();
    await expect(other.rotation.begin()).rejects.toMatchObject({ message: /under way/ });
    await other.fetch(CART, "node-a");
    await bench.clock.advance(2_000);
    expect(other.state).toBe("sign 2 newest");
    expect(other.announced).toBe(2);
  });
});
