import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FileLock } from "./file-lock.ts";

let folder: string;
let path: string;
let children: ChildProcess[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ambit-lock-"));
  path = join(folder, "x.lock");
  children = [];
});

afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

/** Another process that takes the lock; resolves with what it says. */
async function another(): Promise<{ readonly child: ChildProcess; readonly said: string }> {
  const holder = join(import.meta.dirname, "testing/lock-holder.ts");
  const child = spawn(process.execPath, ["--expose-gc", holder, path], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  children.push(child);
  const [chunk] = (await once(child.stdout, "data")) as [Buffer];
  return { child, said: chunk.toString().trim() };
}

describe("FileLock", () => {
  test("tryTake() gives the lock to one, and to the next after release()", () => {
    const [first, second] = [new FileLock(path), new FileLock(path)];
    expect([first.tryTake(), first.tryTake(), second.tryTake()]).toEqual([true, true, false]);
    first.release();
    first.release();
    expect([second.tryTake(), first.tryTake()]).toEqual([true, false]);
    second.release();
    expect(first.tryTake()).toBe(true);
    first.release();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test("holds between processes, and is free at once when its holder is killed", async () => {
    const { child, said } = await another();
    expect(said).toBe("held");
    const lock = new FileLock(path);
    expect(lock.tryTake()).toBe(false);
    child.kill("SIGSTOP");
    expect(lock.tryTake()).toBe(false);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(lock.tryTake()).toBe(true);
    expect((await another()).said).toBe("busy");
    lock.release();
    expect((await another()).said).toBe("held");
  });

  test("tryTake() refuses what can be no lock", () => {
    writeFileSync(path, "something else ".repeat(100));
    const refused = expect.objectContaining({ code: "state" }) as Error;
    expect(() => new FileLock(path).tryTake()).toThrow(refused);
    expect(() => new FileLock(join(folder, "none/x.lock")).tryTake()).toThrow(refused);
  });
});
