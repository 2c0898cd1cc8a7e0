import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { seededRandom } from "@ambit/base/random.ts";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { RotationRequests } from "./rotation-requests.ts";

let folder: string;
let clock: FakeClock;
let requests: RotationRequests;
let begun: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ambit-requests-"));
  clock = new FakeClock();
  requests = new RotationRequests(folder, { clock, random: seededRandom(1) });
  begun = 0;
});
afterEach(() => rmSync(folder, { recursive: true }));

async function begin(): Promise<void> {
  begun++;
}

describe("RotationRequests", () => {
  test("ask() resolves when the one that leads has begun, and nothing is left behind", async () => {
    const asked = requests.ask(2);
    await requests.serve(begin);
    await clock.advance(50);
    await asked;
    await requests.serve(begin);
    expect(begun).toBe(1);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("ask() rejects with what the one that leads said", async () => {
    const asked = requests.ask(2);
    const refused = expect(asked).rejects.toMatchObject({ code: "state", message: "one is under way" });
    await requests.serve(() => Promise.reject(new Error("one is under way")));
    await clock.advance(50);
    await refused;
    expect(readdirSync(folder)).toEqual([]);
  });

  test("ask() gives up when nobody leads, and its request is not done later", async () => {
    const asked = requests.ask(2);
    const refused = expect(asked).rejects.toMatchObject({
      code: "state",
      message: expect.stringContaining("No replica") as string,
      hint: expect.any(String) as string,
    });
    await clock.advance(5_000);
    await refused;
    await requests.serve(begin);
    expect(begun).toBe(0);
  });

  test("ask() believes no answer to an earlier question", async () => {
    writeFileSync(join(folder, "rotate-2.answer"), JSON.stringify({ id: "earlier", refusal: "" }));
    const refused = expect(requests.ask(2)).rejects.toMatchObject({ code: "state" });
    await clock.advance(5_000);
    await refused;
  });

  test("serve() answers each replica on its own", async () => {
    const asked = [requests.ask(2), requests.ask(3)];
    await requests.serve(begin);
    await clock.advance(50);
    await Promise.all(asked);
    expect(begun).toBe(2);
  });
});
