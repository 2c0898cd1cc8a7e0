import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { silentLogger } from "@ambit/base/logger.ts";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { NamespaceHold } from "./hold.ts";

const NAME = "0123456789ab";

let dir: string;
let path: string;
let clock: FakeClock;
let mounted: Set<string>;
let loads: string[];
let messages: string[];
let expecting: boolean;
let starting: boolean;
let connections: number;
let broken: boolean;
let gate: Promise<void> | undefined;
let hold: NamespaceHold;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "ambit-hold-"));
  path = join(dir, NAME);
  clock = new FakeClock();
  mounted = new Set();
  loads = [];
  messages = [];
  expecting = true;
  starting = false;
  connections = 0;
  broken = false;
  gate = undefined;
  hold = make();
});

afterEach(async () => {
  await hold.stop();
  rmSync(dir, { recursive: true, force: true });
});

function make(folder = dir): NamespaceHold {
  const note = (message: string): void => void messages.push(message);
  return new NamespaceHold(folder, {
    clock,
    logger: { ...silentLogger, warn: note, error: note },
    expecting: () => expecting,
    starting: () => starting,
    readTraffic: () => ({ connections, bytes: 60 * connections }),
    isNamespace: (candidate) => mounted.has(candidate),
    load: async (netnsPath, rules) => {
      // The transaction that ends a hold only deletes the table; the one that begins it makes it anew.
      const kind = rules.includes("hook output") ? "hold" : "release";
      if (kind === "hold") await gate;
      if (broken) throw new Error("nft failed");
      loads.push(`${kind} ${netnsPath.slice(dir.length + 1)}`);
    },
  });
}

/** The engine makes a namespace: an empty file, over which it mounts. */
async function appear(name = NAME): Promise<void> {
  mounted.add(join(dir, name));
  writeFileSync(join(dir, name), "");
  await seen();
}

/** The kernel's news of the folder arrive, and what follows from them has happened. */
async function seen(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 5));
  await clock.advance(2);
}

describe("NamespaceHold", () => {
  test("start() holds a namespace as it appears, before anybody says whose it is", async () => {
    hold.start();
    await appear();
    expect(loads).toEqual([`hold ${NAME}`]);
    expect(hold.holds).toBe(true);
  });

  test("start() holds nothing while no container of the mesh is expected, and no namespace of a network", async () => {
    hold.start();
    await appear("1-abcdef0123");
    await appear("default");
    expecting = false;
    await appear();
    await clock.advance(10_000);
    expect(loads).toEqual([]);
    expect(hold.holds).toBe(false);
  });

  test("waits for the namespace to be mounted over its file, and gives up when that never happens", async () => {
    hold.start();
    writeFileSync(path, "");
    await seen();
    expect(loads).toEqual([]);
    mounted.add(path);
    await clock.advance(2);
    expect(loads).toEqual([`hold ${NAME}`]);
    writeFileSync(join(dir, "ba9876543210"), "");
    await seen();
    await clock.advance(10_000);
    expect(loads).not.toContain("hold ba9876543210");
    expect(hold.holds).toBe(false);
  });

  test("releases what nobody claims after 3 s", async () => {
    hold.start();
    await appear();
    await clock.advance(2_900);
    expect(hold.holds).toBe(true);
    await clock.advance(200);
    expect(loads).toEqual([`hold ${NAME}`, `release ${NAME}`]);
    expect(hold.holds).toBe(false);
  });

  test("keeps what nobody claims while the engine starts a container of the mesh, for 30 s at most", async () => {
    hold.start();
    starting = true;
    await appear();
    await clock.advance(29_000);
    expect(loads).toEqual([`hold ${NAME}`]);
    await clock.advance(1_100);
    expect(loads).toEqual([`hold ${NAME}`, `release ${NAME}`]);
    await appear("ba9876543210");
    await clock.advance(7_000);
    starting = false;
    await clock.advance(2_100);
    expect(loads.slice(2)).toEqual(["hold ba9876543210", "release ba9876543210"]);
    expect(clock.armed).toBe(0);
  });

  test("record() tells what had left when the hold came into force, or why there is none", async () => {
    const slow = Promise.withResolvers<void>();
    hold.start();
    expect(hold.record(path)).toEqual({ state: "unseen" });
    gate = slow.promise;
    await appear();
    expect(hold.record(path)).toEqual({ state: "late" });
    connections = 2;
    slow.resolve();
    await seen();
    connections = 9;
    expect(hold.record(path)).toEqual({ state: "held", traffic: { connections: 2, bytes: 120 } });
    gate = undefined;
    broken = true;
    await appear("ba9876543210");
    expect(hold.record(join(dir, "ba9876543210"))).toEqual({ state: "failed" });
    broken = false;
    await hold.release(path);
    expect(hold.record(path)).toEqual({ state: "unseen" });
  });

  test("claim() keeps the hold however long the capture takes, and release() ends it", async () => {
    hold.start();
    await appear();
    hold.claim(path);
    await clock.advance(60_000);
    expect(loads).toEqual([`hold ${NAME}`]);
    await hold.release(path);
    await hold.release(path);
    expect(loads).toEqual([`hold ${NAME}`, `release ${NAME}`]);
    expect(hold.holds).toBe(false);
  });

  test("claim() counts on a hold of this run that is in force, and on no other", async () => {
    const slow = Promise.withResolvers<void>();
    const names = ["0123456789a1", "0123456789a2", "0123456789a3", "0123456789a4"] as const;
    const [earlier, failed, late, good] = names.map((name) => join(dir, name));
    await appear(names[0]);
    hold.start();
    broken = true;
    await appear(names[1]);
    broken = false;
    gate = slow.promise;
    await appear(names[2]);
    const claims = [earlier, failed, late].map((each) => hold.claim(each ?? ""));
    slow.resolve();
    gate = undefined;
    await appear(names[3]);
    expect([...claims, hold.claim(good ?? ""), hold.claim(join(dir, "none"))]).toEqual([
      ...[false, false, false],
      ...[true, false],
    ]);
    await hold.release(good ?? "");
    expect(hold.claim(good ?? "")).toBe(false);
  });

  test("release() waits for the hold it ends: the rules never go in after they were taken out", async () => {
    const slow = Promise.withResolvers<void>();
    gate = slow.promise;
    hold.start();
    await appear();
    const released = hold.release(path);
    await clock.advance(10);
    expect(loads).toEqual([]);
    slow.resolve();
    await released;
    expect(loads).toEqual([`hold ${NAME}`, `release ${NAME}`]);
  });

  test("release() and claim() of what is not held do nothing", async () => {
    hold.start();
    hold.claim(path);
    await hold.release(path);
    expect(loads).toEqual([]);
    // Nor is what appears later claimed by that.
    await appear();
    await clock.advance(3_100);
    expect(loads).toEqual([`hold ${NAME}`, `release ${NAME}`]);
  });

  test("release() complains when the rules stay, and not when the namespace has gone with them", async () => {
    hold.start();
    await appear();
    broken = true;
    await hold.release(path);
    expect(messages).toEqual(["a held namespace cannot be released"]);
    broken = false;
    await appear("ba9876543210");
    mounted.delete(join(dir, "ba9876543210"));
    broken = true;
    await hold.release(join(dir, "ba9876543210"));
    expect(messages).toHaveLength(1);
  });

  test("says that a namespace cannot be held, and forgets it all the same", async () => {
    broken = true;
    hold.start();
    await appear();
    expect(messages).toEqual(["a new namespace cannot be held"]);
    broken = false;
    await clock.advance(3_100);
    expect(hold.holds).toBe(false);
  });

  test("start() ends the holds an earlier run left: at once when they are captured, or else after 3 s", async () => {
    const other = "ba9876543210";
    await appear();
    await appear(other);
    writeFileSync(join(dir, "fedcba987654"), "not mounted");
    hold.start();
    hold.claim(path);
    await clock.advance(2_900);
    expect(loads).toEqual([]);
    await clock.advance(200);
    expect(loads).toEqual([`release ${other}`]);
    await hold.release(path);
    expect(loads).toEqual([`release ${other}`, `release ${NAME}`]);
    expect(hold.holds).toBe(false);
  });

  test("start() again takes present namespaces for nothing new", async () => {
    hold.start();
    await appear();
    await clock.advance(3_100);
    hold.start();
    await clock.advance(10_000);
    expect(loads).toEqual([`hold ${NAME}`, `release ${NAME}`]);
  });

  test("stop() leaves no hold on what nobody claimed; what belongs to the mesh stays closed until the next run", async () => {
    const other = "ba9876543210";
    hold.start();
    await appear();
    await appear(other);
    hold.claim(path);
    await hold.stop();
    expect(loads.slice(2)).toEqual([`release ${other}`]);
    await appear("fedcba987654");
    expect(loads).toHaveLength(3);
  });

  test("ensure() finds the folder when the engine makes it, and complains once until then", async () => {
    const later = join(dir, "later");
    await hold.stop();
    hold = make(later);
    hold.start();
    hold.ensure();
    hold.ensure();
    expect(messages).toEqual(["new namespaces cannot be seen before their containers run"]);
    mkdirSync(later);
    hold.ensure();
    mounted.add(join(later, NAME));
    writeFileSync(join(later, NAME), "");
    await seen();
    await vi.waitFor(() => expect(loads).toEqual([`hold later/${NAME}`]));
  });
});
