import { sign, verify, type X509Certificate } from "node:crypto";
import type { Clock } from "@ambit/base/clock.ts";
import { uriSans } from "@ambit/identity/alternative-names.ts";
import { readChain, verifyChain } from "@ambit/identity/chain.ts";
import { BusError } from "./bus-error.ts";

const HINT_TYPES = [
  "bundle-changed",
  "certificates-rotated",
  "policy-invalidated",
  "config-version",
] as const;

export type HintType = (typeof HINT_TYPES)[number];

/** What travels on the bus. It says that something changed, never what it changed to. */
export interface Hint {
  readonly type: HintType;
  /** What it is about: a node, a namespace, or empty for everything. */
  readonly scope: string;
  /** Increases with every hint of its issuer. */
  readonly version: number;
  /** SPIFFE URI. */
  readonly issuer: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

/** The issuer's certificate and key; PEM. */
export interface HintSigner {
  readonly identity: string;
  /** Leaf, then intermediates. */
  readonly chain: string;
  readonly privateKey: string;
}

interface Envelope {
  readonly hint: Hint;
  readonly chain: string;
  readonly signature: string;
}

/** Longest message that is looked at. */
const MAX_BYTES = 32_768;

/** A hint older than this is a replay. */
const MAX_AGE_MS = 120_000;

/** Messages that are looked at per second, and at once after a quiet time; the rest costs nothing. */
const RATE = { perSecond: 100, burst: 500 } as const;

/** The bytes of a signed hint. */
export function encodeHint(hint: Hint, signer: HintSigner): Uint8Array {
  const signature = sign("sha256", signedBytes(hint), signer.privateKey).toString("base64");
  const envelope: Envelope = { hint, chain: signer.chain, signature };
  return Buffer.from(JSON.stringify(envelope));
}

/** Gives hints increasing versions, also over a restart of the issuer. */
export class HintCounter {
  readonly #clock: Clock;
  #last = 0;

  constructor(deps: { clock: Clock }) {
    this.#clock = deps.clock;
  }

  next(): number {
    this.#last = Math.max(this.#last + 1, this.#clock.now());
    return this.#last;
  }
}

/** Checks hints: rate, issuer, age, order, certificate chain, signature; the cheap checks first. */
export class HintVerifier {
  readonly #clock: Clock;
  readonly #roots: () => string;
  readonly #issuers: readonly string[];
  readonly #seen = new Map<string, number>();
  #budget: { at: number; left: number } = { at: 0, left: RATE.burst };

  /** `issuers`: SPIFFE URIs that may announce; `roots`: the present trust bundle, PEM. */
  constructor(options: { readonly issuers: readonly string[] }, deps: { clock: Clock; roots: () => string }) {
    this.#issuers = options.issuers;
    this.#clock = deps.clock;
    this.#roots = deps.roots;
  }

  /** Throws a BusError `hint` that says why a message is not to be believed. */
  decode(data: Uint8Array): Hint {
    this.#limit();
    const { hint, chain, signature } = parse(data);
    if (!this.#issuers.includes(hint.issuer)) throw refused("its issuer may not announce");
    const now = this.#clock.now();
    if (Math.abs(now - hint.time) > MAX_AGE_MS) throw refused("it is too old or from the future");
    const last = this.#seen.get(hint.issuer) ?? 0;
    if (hint.version <= last) throw refused("it was seen before");
    const leaf = this.#trusted(chain, hint.issuer, now);
    if (!isSignedBy(leaf, hint, signature)) throw refused("its signature does not verify");
    this.#seen.set(hint.issuer, hint.version);
    return hint;
  }

  #trusted(pem: string, issuer: string, now: number): X509Certificate {
    let chain: readonly X509Certificate[];
    try {
      chain = readChain(pem);
      verifyChain(chain, readChain(this.#roots()), now);
    } catch (cause) {
      throw refused("its certificate is not trusted", cause);
    }
    const [leaf] = chain;
    const names = leaf === undefined ? [] : uriSans(leaf);
    if (leaf === undefined || names.length !== 1 || names[0] !== issuer)
      throw refused("its certificate is not its issuer's");
    return leaf;
  }

  #limit(): void {
    const now = this.#clock.monotonic();
    const { at, left } = this.#budget;
    const refilled = Math.min(RATE.burst, left + ((now - at) / 1000) * RATE.perSecond);
    this.#budget = { at: now, left: Math.max(0, refilled - 1) };
    if (refilled < 1) throw refused("there are too many");
  }
}

function isSignedBy(leaf: X509Certificate, hint: Hint, signature: string): boolean {
  try {
    return verify("sha256", signedBytes(hint), leaf.publicKey, Buffer.from(signature, "base64"));
  } catch {
    return false;
  }
}

function parse(data: Uint8Array): Envelope {
  if (data.length > MAX_BYTES) throw refused("it is too long");
  let value: Partial<Envelope> | null;
  try {
    value = JSON.parse(Buffer.from(data).toString("utf8")) as Partial<Envelope> | null;
  } catch {
    throw refused("it is no JSON");
  }
  const hint = value?.hint;
  const isComplete =
    typeof value?.chain === "string" &&
    typeof value.signature === "string" &&
    typeof hint === "object" &&
    hint !== null &&
    HINT_TYPES.includes(hint.type) &&
    typeof hint.scope === "string" &&
    typeof hint.issuer === "string" &&
    Number.isSafeInteger(hint.version) &&
    Number.isFinite(hint.time);
  if (!isComplete) throw refused("a part is missing");
  return value as Envelope;
}

function signedBytes(hint: Hint): Buffer {
  return Buffer.from(JSON.stringify([hint.type, hint.scope, hint.version, hint.issuer, hint.time]));
}

function refused(why: string, cause?: unknown): BusError {
  return new BusError("hint", `Cannot believe a hint: ${why}`, cause === undefined ? {} : { cause });
}
