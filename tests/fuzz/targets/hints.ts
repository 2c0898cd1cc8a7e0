import { FakeCa } from "@ambit/identity/testing/fake-ca.ts";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { encodeHint, HintVerifier, type Hint } from "@ambit/bus/hints.ts";
import type { Random } from "@ambit/base/random.ts";
import { BusError } from "../../../libs/bus/src/bus-error.ts";
import { attempt, mustEqual, type FuzzTarget } from "../target.ts";
import { once, pick, word } from "../words.ts";

const CA = "spiffe://cluster.local/ns/ambit-system/sa/ca";

/** Messages of the bus: what is believed must be exactly what was signed. */
export async function create(): Promise<FuzzTarget> {
  const clock = new FakeClock();
  const ca = await FakeCa.create({ clock });
  const signer = await ca.fetch(CA);
  const stranger = await (await FakeCa.create({ clock })).fetch(CA);
  const said = Array.from({ length: 40 }, (_, index) => someHint(clock, index));
  const signed = said.map((hint) => encodeHint(hint, signer));
  const foreign = said.slice(0, 4).map((hint) => encodeHint(hint, stranger));
  const texts = new Set(said.map((hint) => text(hint)));
  const decode = (bytes: Uint8Array): Hint | undefined => {
    const verifier = new HintVerifier({ issuers: [CA] }, { clock, roots: () => ca.roots });
    return attempt(BusError, () => verifier.decode(bytes));
  };
  return {
    valid: (random) => {
      const bytes = pick(random, once(random, 8) ? foreign : signed);
      return once(random, 3) ? rewritten(bytes, random) : bytes;
    },
    check: (input) => {
      const hint = decode(input);
      if (hint !== undefined && !texts.has(text(hint))) mustEqual("a hint nobody signed", hint, undefined);
    },
    prove: (random) => {
      const index = random.below(said.length);
      mustEqual("a signed hint", decode(signed[index] ?? new Uint8Array()), said[index]);
      mustEqual("a stranger's hint", decode(pick(random, foreign)), undefined);
    },
  };
}

function someHint(clock: FakeClock, index: number): Hint {
  const types = ["bundle-changed", "certificates-rotated", "policy-invalidated", "config-version"] as const;
  const type = types[index % types.length] ?? "bundle-changed";
  return { type, scope: `s${index % 3}`, version: index + 1, issuer: CA, time: clock.now() };
}

// The structure stays JSON, so that the damage goes deeper than the parser.
function rewritten(bytes: Uint8Array, random: Random): Uint8Array {
  const envelope = JSON.parse(Buffer.from(bytes).toString()) as Record<string, unknown>;
  const hint = envelope["hint"] as Record<string, unknown>;
  const holder = once(random, 3) ? envelope : hint;
  const values = [null, 0, -1, 1e308, "", [], {}, true, word(random), Number.MAX_SAFE_INTEGER];
  holder[pick(random, Object.keys(holder))] = pick(random, values);
  return Buffer.from(JSON.stringify(envelope));
}

function text(hint: Hint): string {
  return JSON.stringify([hint.type, hint.scope, hint.version, hint.issuer, hint.time]);
}
