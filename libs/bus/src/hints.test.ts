import { beforeAll, describe, expect, test } from "vitest";
import type { WorkloadCertificate } from "@ambit/identity/certificate.ts";
import { FakeCa } from "@ambit/identity/testing/fake-ca.ts";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { encodeHint, HintCounter, HintVerifier, type Hint } from "./hints.ts";

const CA = "spiffe://cluster.local/ns/ambit-system/sa/ca";
const DISCOVERY = "spiffe://cluster.local/ns/ambit-system/sa/discovery";
const clock = new FakeClock();
let ca: FakeCa;
let signer: WorkloadCertificate;

beforeAll(async () => {
  ca = await FakeCa.create({ clock });
  signer = await ca.fetch(CA);
});

function verifier(now: FakeClock = clock): HintVerifier {
  return new HintVerifier({ issuers: [CA, DISCOVERY] }, { clock: now, roots: () => ca.roots });
}

function hint(changes: Partial<Hint> = {}): Hint {
  return { type: "bundle-changed", scope: "", version: 1, issuer: CA, time: clock.now(), ...changes };
}

function envelope(changes: Partial<Hint> = {}): { hint: Hint; chain: string; signature: string } {
  return JSON.parse(Buffer.from(encodeHint(hint(changes), signer)).toString()) as ReturnType<typeof envelope>;
}

function bytes(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

test("decode() gives back what encodeHint() signed", () => {
  const said = hint({ type: "policy-invalidated", scope: "shop", version: 7 });
  expect(verifier().decode(encodeHint(said, signer))).toEqual(said);
});

test("a hint carries no key and fits the bus", () => {
  const data = encodeHint(hint(), signer);
  expect(Buffer.from(data).toString()).not.toContain("PRIVATE");
  expect(data.length).toBeLessThan(8_192);
});

describe("decode() refuses", () => {
  test.each<[string, () => Uint8Array | Promise<Uint8Array>, RegExp]>([
    ["rubbish", () => Buffer.from("rubbish"), /no JSON/],
    ["nothing", () => Buffer.alloc(0), /no JSON/],
    ["null", () => bytes(null), /part is missing/],
    ["an array", () => bytes([]), /part is missing/],
    ["too much", () => bytes({ ...envelope(), padding: "x".repeat(32_768) }), /too long/],
    [
      "a type nobody knows",
      () => bytes({ ...envelope(), hint: hint({ type: "shutdown" as Hint["type"] }) }),
      /part is missing/,
    ],
    [
      "a version that is no number",
      () => bytes({ ...envelope(), hint: { ...hint(), version: "9" } }),
      /part is missing/,
    ],
    ["a changed scope", () => bytes({ ...envelope(), hint: hint({ scope: "bank" }) }), /signature/],
    ["a changed version", () => bytes({ ...envelope(), hint: hint({ version: 2 }) }), /signature/],
    ["no signature", () => bytes({ ...envelope(), signature: "" }), /signature/],
    [
      "an issuer that may not announce",
      () => encodeHint(hint({ issuer: `${CA}x` }), signer),
      /may not announce/,
    ],
    ["another's certificate", () => encodeHint(hint({ issuer: DISCOVERY }), signer), /not its issuer's/],
    ["no certificate", () => encodeHint(hint(), { ...signer, chain: "" }), /not trusted/],
    ["a foreign certificate", () => foreign(), /not trusted/],
    [
      "a certificate that is rubbish",
      () => bytes({ ...envelope(), chain: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" }),
      /not trusted/,
    ],
    ["an old hint", () => encodeHint(hint({ time: clock.now() - 121_000 }), signer), /too old/],
    [
      "a hint from the future",
      () => encodeHint(hint({ time: clock.now() + 121_000 }), signer),
      /from the future/,
    ],
  ])("%s", async (_name, make, reason) => {
    const checking = verifier();
    const data = await make();
    expect(() => checking.decode(data)).toThrow(
      expect.objectContaining({ code: "hint", message: expect.stringMatching(reason) as string }),
    );
    expect(checking.decode(encodeHint(hint(), signer))).toEqual(hint());
  });

  test("what it has seen, and what is older, for each issuer", async () => {
    const checking = verifier();
    const five = encodeHint(hint({ version: 5 }), signer);
    checking.decode(five);
    for (const data of [five, encodeHint(hint({ version: 4 }), signer)])
      expect(() => checking.decode(data)).toThrow(/seen before/);
    const other = await ca.fetch(DISCOVERY);
    expect(checking.decode(encodeHint(hint({ issuer: DISCOVERY, version: 1 }), other)).version).toBe(1);
  });

  test("a certificate that has ended", async () => {
    const later = new FakeClock(clock.now());
    const checking = verifier(later);
    await later.advance(3_600_001);
    const late = hint({ time: later.now() });
    expect(() => checking.decode(encodeHint(late, signer))).toThrow(/not trusted/);
  });

  test("a flood, without checking it", async () => {
    const slow = new FakeClock(clock.now());
    const checking = verifier(slow);
    const refusals = new Map<string, number>();
    for (let index = 0; index < 10_000; index++) {
      try {
        checking.decode(Buffer.from("rubbish"));
      } catch (thrown) {
        const { message } = thrown as Error;
        refusals.set(message, (refusals.get(message) ?? 0) + 1);
      }
    }
    expect([...refusals.values()]).toEqual([500, 9_500]);
    await slow.advance(1_000);
    expect(checking.decode(encodeHint(hint(), signer))).toEqual(hint());
  });

  async function foreign(): Promise<Uint8Array> {
    const other = await (await FakeCa.create({ clock })).fetch(CA);
    return encodeHint(hint(), other);
  }
});

test("HintCounter() counts up, also after a restart and within one millisecond", async () => {
  const own = new FakeClock();
  const counter = new HintCounter({ clock: own });
  const first = [counter.next(), counter.next(), counter.next()];
  expect(first).toEqual([...first].toSorted((left, right) => left - right));
  expect(new Set(first).size).toBe(3);
  await own.advance(1_000);
  expect(new HintCounter({ clock: own }).next()).toBeGreaterThan(Math.max(...first));
});
