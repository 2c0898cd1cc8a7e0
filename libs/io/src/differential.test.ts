import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { seededRandom } from "@ambit/base/random.ts";
import type { Random } from "@ambit/base/random.ts";
import type { Driver, TlsMaterial } from "./driver.ts";
import { createEngineDriver } from "./engine/engine-driver.ts";
import { createPortableDriver } from "./portable/portable-driver.ts";
import { testAuthority } from "./testing/certificates.ts";
import { connectPair } from "./testing/probe.ts";
import type { Probe } from "./testing/probe.ts";

/** One step of a script; every step waits until its effect has been seen, so that drivers cannot differ by timing. */
type Step =
  | { readonly kind: "send"; readonly from: number; readonly length: number }
  | { readonly kind: "burst"; readonly from: number; readonly count: number }
  | { readonly kind: "cross"; readonly length: number }
  | { readonly kind: "stall"; readonly from: number; readonly length: number }
  | { readonly kind: "end"; readonly from: number };

function makeScript(random: Random): Step[] {
  const steps: Step[] = [];
  const open = [true, true];
  for (let count = 3 + random.below(10); count > 0; count--) {
    const from = random.below(2);
    if (open[from] !== true) continue;
    const length = 1 + Math.floor(random.next() ** 4 * 400_000);
    const choice = random.below(10);
    if (choice < 5) steps.push({ kind: "send", from, length });
    else if (choice < 7) steps.push({ kind: "burst", from, count: 1 + random.below(200) });
    else if (choice < 8 && open[1 - from] === true) steps.push({ kind: "cross", length });
    else if (choice < 9) steps.push({ kind: "stall", from, length: length * 4 });
    else {
      open[from] = false;
      steps.push({ kind: "end", from });
    }
  }
  return steps;
}

async function play(script: readonly Step[], ends: readonly [Probe, Probe]): Promise<string[]> {
  const transcript: string[] = [];
  const sent = [0, 0];
  const send = (from: number, length: number): void => {
    const bytes = Buffer.alloc(length, seededRandom(sent[from] ?? 0).bytes(97));
    sent[from] = (sent[from] ?? 0) + length;
    (ends[from] as Probe).send(bytes);
  };
  const arrived = async (from: number): Promise<void> => {
    const to = ends[1 - from] as Probe;
    await to.until(() => to.receivedBytes >= (sent[from] ?? 0));
  };
  for (const step of script) {
    if (step.kind === "send") send(step.from, step.length);
    else if (step.kind === "burst")
      for (let index = 0; index < step.count; index++) send(step.from, 1 + (index % 50));
    else if (step.kind === "cross") {
      send(0, step.length);
      send(1, step.length + 1);
      await arrived(1);
    } else if (step.kind === "stall") {
      const to = ends[1 - step.from] as Probe;
      to.paused = true;
      send(step.from, step.length);
      await to.next();
      to.resume();
    } else {
      (ends[step.from] as Probe).end();
      const to = ends[1 - step.from] as Probe;
      await to.until(() => to.ended);
    }
    const from = step.kind === "cross" ? 0 : step.from;
    await arrived(from);
    transcript.push(`${step.kind} ${ends.map((end) => `${end.receivedBytes}/${end.ended}`).join(" ")}`);
  }
  transcript.push(
    ...ends.map((end) => `${end.received.toString("base64")} ${end.error?.code ?? "no error"}`),
  );
  return transcript;
}

describe("both drivers", () => {
  const drivers: Driver[] = [createEngineDriver({ checked: true }), createPortableDriver()];
  let materials: [TlsMaterial, TlsMaterial];

  beforeAll(async () => {
    const authority = await testAuthority();
    materials = [
      await authority.issue("spiffe://cluster.local/ns/a/sa/a"),
      await authority.issue("spiffe://cluster.local/ns/b/sa/b"),
    ];
    for (const driver of drivers) driver.start();
  });

  afterAll(() => {
    for (const driver of drivers) driver.stop();
  });

  it.each(Array.from({ length: 30 }, (_, seed) => [seed]))("play script %d the same way", async (seed) => {
    const random = seededRandom(seed);
    const secured = random.below(2) === 1;
    const readSize = random.below(3) === 0 ? 1 + random.below(40_000) : 256 * 1024;
    const script = makeScript(random);
    const transcripts: string[][] = [];
    for (const driver of drivers) {
      const [server, client] = materials.map((material) => driver.tlsContext(material));
      const contexts =
        secured && server !== undefined && client !== undefined
          ? { contexts: [server, client] as const }
          : {};
      const pair = await connectPair(driver, { readSize, ...contexts });
      transcripts.push(await play(script, [pair.client, pair.server]));
      pair.listener.close();
      for (const context of [server, client]) context?.release();
    }
    expect(transcripts[0]).toEqual(transcripts[1]);
  });
});
