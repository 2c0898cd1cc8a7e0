import { FakeCa } from "@ambit/identity/testing/fake-ca.ts";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { encodeHint, HintVerifier, type Hint } from "@ambit/bus/hints.ts";
import type { Random } from "@ambit/base/random.ts";
import type { BusMessage } from "@ambit/bus/bus.ts";
import { silentLogger } from "@ambit/base/logger.ts";
import type { WorkloadCertificate } from "@ambit/identity/certificate.ts";
import { MeshBus } from "../../../apps/discovery/src/mesh-bus.ts";
import { HintListener } from "../../../apps/ztunnel/src/control/hint-listener.ts";
import { BusError } from "../../../libs/bus/src/bus-error.ts";
import { attempt, mustEqual, type FuzzTarget } from "../target.ts";
import { once, pick, word } from "../words.ts";

const CA = "spiffe://cluster.local/ns/ambit-system/sa/ca";

/**
 * Messages of the bus, as everybody reads them who listens to it: what is believed must be exactly what was signed, and
 * nobody does anything because of what is not believed.
 */
export async function create(): Promise<FuzzTarget> {
  const clock = new FakeClock();
  const ca = await FakeCa.create({ clock });
  const signer = await ca.fetch(CA);
  const stranger = await (await FakeCa.create({ clock })).fetch(CA);
  const said = Array.from({ length: 40 }, (_, index) => someHint(clock, index));
  const signed = said.map((hint) => encodeHint(hint, signer));
  const foreign = said.slice(0, 4).map((hint) => encodeHint(hint, stranger));
  const texts = new Set(said.map((hint) => text(hint)));
  const newVerifier = (): HintVerifier =>
    new HintVerifier({ issuers: [CA] }, { clock, roots: () => ca.roots });
  const decode = (bytes: Uint8Array): Hint | undefined => {
    const verifier = newVerifier();
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
      const verifier = newVerifier();
      mustEqual("a proxy acts", toldProxy(input, verifier), hint === undefined ? [] : [deedOf(hint)]);
      const isNews = hint?.type === "bundle-changed";
      mustEqual("discovery acts", toldDiscovery(input, clock, signer), isNews ? ["fetch"] : []);
    },
    prove: (random) => {
      const index = random.below(said.length);
      mustEqual("a signed hint", decode(signed[index] ?? new Uint8Array()), said[index]);
      mustEqual("a stranger's hint", decode(pick(random, foreign)), undefined);
    },
  };
}

/** What a proxy did about a message. */
function toldProxy(data: Uint8Array, verifier: HintVerifier): string[] {
  const deeds: string[] = [];
  const bus = new OneMessage();
  const listener = new HintListener("node-a", {
    logger: silentLogger,
    bus,
    decode: (bytes) => verifier.decode(bytes),
    refetch: () => deeds.push("fetch"),
    nudge: () => deeds.push("nudge"),
  });
  listener.start();
  bus.bring(data);
  return deeds;
}

/** What discovery did about a message. */
function toldDiscovery(data: Uint8Array, clock: FakeClock, certificate: WorkloadCertificate): string[] {
  const deeds: string[] = [];
  const bus = new OneMessage();
  const onBundleChanged = (): void => void deeds.push("fetch");
  new MeshBus(CA, { clock, logger: silentLogger, bus, onBundleChanged }).useCertificate(certificate);
  bus.bring(data);
  return deeds;
}

function deedOf({ type }: Hint): string {
  return type === "bundle-changed" || type === "certificates-rotated" ? "fetch" : "nudge";
}

/** A bus that brings one message to whoever subscribed first. */
class OneMessage {
  #onMessage: ((message: BusMessage) => void) | undefined;

  publish(): void {
    // Nobody else is there.
  }

  subscribe(_subject: string, onMessage: (message: BusMessage) => void): () => void {
    this.#onMessage ??= onMessage;
    return () => undefined;
  }

  bring(data: Uint8Array): void {
    this.#onMessage?.({ subject: "mesh.any", data });
  }
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
