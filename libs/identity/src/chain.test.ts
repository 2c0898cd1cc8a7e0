import { beforeAll, describe, expect, test } from "vitest";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { readChain, verifyChain } from "./chain.ts";
import { FakeCa } from "./testing/fake-ca.ts";
import { TrustBundle } from "./trust-bundle.ts";

const ID = "spiffe://cluster.local/ns/a/sa/b";
const clock = new FakeClock();
const HOUR = 3_600_000;
let ours: FakeCa;
let theirs: FakeCa;

beforeAll(async () => {
  ours = await FakeCa.create({ clock });
  theirs = await FakeCa.create({ clock });
});

describe("verifyChain()", () => {
  test("accepts leaf and intermediate under a trusted root, also beside a foreign one", async () => {
    const { chain, roots } = await ours.fetch(ID);
    expect(() => verifyChain(readChain(chain), readChain(roots + theirs.roots), clock.now())).not.toThrow();
  });

  test.each<[string, (chain: string, other: string) => { chain: string; roots: string; now?: number }]>([
    ["an unknown root", (chain) => ({ chain, roots: theirs.roots })],
    ["no root at all", (chain) => ({ chain, roots: "" })],
    ["no certificate", () => ({ chain: "", roots: ours.roots })],
    ["a missing intermediate", (chain) => ({ chain: first(chain), roots: ours.roots })],
    ["another's intermediate", (chain, other) => ({ chain: first(chain) + rest(other), roots: ours.roots })],
    ["a leaf that issues", (chain, other) => ({ chain: first(other) + chain, roots: ours.roots })],
    ["an authority as its leaf", (chain) => ({ chain: rest(chain), roots: ours.roots })],
    ["an end that has passed", (chain) => ({ chain, roots: ours.roots, now: clock.now() + HOUR + 1 })],
    ["a beginning that is far", (chain) => ({ chain, roots: ours.roots, now: clock.now() - 62_000 })],
  ])("refuses a chain with %s", async (_name, bent) => {
    const { chain } = await ours.fetch(ID);
    const made = bent(chain, (await theirs.fetch(ID)).chain);
    expect(() => verifyChain(readChain(made.chain), readChain(made.roots), made.now ?? clock.now())).toThrow(
      expect.objectContaining({ code: "bad-certificate" }),
    );
  });
});

function first(chain: string): string {
  return chain.slice(0, chain.indexOf("-----BEGIN", 1));
}

function rest(chain: string): string {
  return chain.slice(chain.indexOf("-----BEGIN", 1));
}

describe("TrustBundle", () => {
  test("parse() keeps every root once, in order", async () => {
    const bundle = TrustBundle.parse(ours.roots + theirs.roots + ours.roots);
    expect(bundle.roots).toHaveLength(2);
    expect(bundle.pem).toBe(ours.roots + theirs.roots);
  });

  test("equals() compares what is trusted, not how it is written", () => {
    const both = TrustBundle.parse(ours.roots + theirs.roots);
    expect(both.equals(TrustBundle.parse(`# a note\n${theirs.roots}\n\n${ours.roots}`))).toBe(true);
    expect(both.equals(TrustBundle.parse(ours.roots))).toBe(false);
    expect(TrustBundle.parse(theirs.roots).equals(TrustBundle.parse(ours.roots))).toBe(false);
  });

  test.each(["", "rubbish", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])(
    "parse() refuses %j",
    (text) => {
      expect(() => TrustBundle.parse(text)).toThrow(expect.objectContaining({ code: "bad-certificate" }));
    },
  );
});
