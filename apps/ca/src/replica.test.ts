import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { silentLogger } from "@ambit/base/logger.ts";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import type { Lock } from "./file-lock.ts";
import { Replica, type ReplicaDuties } from "./replica.ts";

let folder: string;
let clock: FakeClock;
let holders: Map<string, object>;
let errors: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ambit-replica-"));
  clock = new FakeClock();
  holders = new Map();
  errors = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Locks in memory, all of which one replica has lost when it was killed. */
function open(): { readonly replica: Replica; readonly kill: () => void } {
  const me = {};
  const lock = (path: string): Lock => {
    const name = basename(path);
    return {
      tryTake: () => {
        if (!holders.has(name)) holders.set(name, me);
        return holders.get(name) === me;
      },
      release: () => void (holders.get(name) === me && holders.delete(name)),
    };
  };
  const logger = {
    ...silentLogger,
    error: (message: string, fields?: Readonly<Record<string, unknown>>) =>
      void errors.push(`${message}: ${String(fields?.["error"])}`),
  };
  const replica = Replica.open(join(folder, "state"), { clock, logger, lock });
  const kill = (): void => {
    replica.stop();
    for (const [name, holder] of holders) if (holder === me) holders.delete(name);
  };
  return { replica, kill };
}

function duties(fails: { lead?: number; follow?: number } = {}): ReplicaDuties & { readonly done: string[] } {
  const done: string[] = [];
  const left = { lead: 0, follow: 0, ...fails };
  const duty = (name: "lead" | "follow") => async (): Promise<void> => {
    if (left[name]-- > 0) throw new Error(`${name} fails`);
    done.push(name);
  };
  return { done, lead: duty("lead"), follow: duty("follow") };
}

describe("Replica", () => {
  test("open() gives each a slot of its own, the lead to the first, and a freed slot to the next", () => {
    const [first, second] = [open(), open()];
    expect([first.replica.slot, second.replica.slot]).toEqual([1, 2]);
    expect([first.replica.leads, second.replica.leads]).toEqual([true, false]);
    first.kill();
    const third = open();
    expect([third.replica.slot, third.replica.leads]).toEqual([1, true]);
    expect(statSync(join(folder, "state")).mode & 0o777).toBe(0o700);
  });

  test("open() refuses more replicas than anybody runs on purpose", () => {
    for (let count = 0; count < 16; count++) open();
    expect(() => open()).toThrow(expect.objectContaining({ code: "state" }) as Error);
  });

  test("awaitState() lets the first make the state, and the others wait until it has", async () => {
    const [first, second] = [open().replica, open().replica];
    let exists = false;
    let waited = false;
    await first.awaitState(() => exists);
    const waiting = second.awaitState(() => exists).then(() => (waited = true));
    await clock.advance(1_000);
    expect(waited).toBe(false);
    exists = true;
    await clock.advance(50);
    await waiting;
    expect(second.leads).toBe(false);
  });

  test("awaitState() takes over from one that died before it had made the state", async () => {
    const first = open();
    const { replica } = open();
    const waiting = replica.awaitState(() => false);
    await clock.advance(500);
    first.kill();
    await clock.advance(50);
    await waiting;
    expect(replica.leads).toBe(true);
  });

  test("start() takes the duties of the lead at once, and those of following all the time", async () => {
    const { replica } = open();
    const lead = duties();
    await replica.start(lead);
    expect(lead.done).toEqual(["lead"]);
    await clock.advance(500);
    expect(lead.done).toEqual(["lead", "follow", "follow"]);
  });

  test("the duties of a killed one move within a look, and only then", async () => {
    const first = open();
    const { replica } = open();
    const second = duties();
    await first.replica.start(duties());
    await replica.start(second);
    await clock.advance(60_000);
    expect(second.done).not.toContain("lead");
    second.done.length = 0;
    first.kill();
    await clock.advance(250);
    // It takes in what the other has done before it leads itself.
    expect(second.done).toEqual(["follow", "lead"]);
    expect(replica.leads).toBe(true);
    await clock.advance(1_000);
    expect(second.done.filter((name) => name === "lead")).toHaveLength(1);
  });

  test("duties that fail are tried again: one that cannot follow does not lead before it can", async () => {
    const first = open();
    const { replica } = open();
    const second = duties({ follow: 2, lead: 1 });
    await first.replica.start(duties());
    await replica.start(second);
    first.kill();
    await clock.advance(500);
    expect(second.done).toEqual([]);
    expect(errors).toHaveLength(2);
    await clock.advance(500);
    expect(second.done).toEqual(["follow", "follow", "lead"]);
    expect(errors[2]).toContain("lead fails");
  });

  test("stop() ends the duties and keeps the lead until release()", async () => {
    const first = open().replica;
    const { replica } = open();
    const [one, two] = [duties(), duties()];
    await first.start(one);
    await replica.start(two);
    first.stop();
    await clock.advance(10_000);
    expect(one.done).toEqual(["lead"]);
    expect(replica.leads).toBe(false);
    first.release();
    await clock.advance(250);
    expect([first.leads, replica.leads]).toEqual([false, true]);
    expect(two.done.at(-1)).toBe("lead");
  });
});
