import { sign, verify, X509Certificate } from "node:crypto";
import type { Clock } from "@ambit/base/clock.ts";
import { BusError } from "./bus-error.ts";

export type HintType = "bundle-changed" | "certificates-rotated" | "policy-invalidated" | "config-version";

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

/** Checks hints: signature, certificate chain, issuer, age and order. Forged or replayed ones cost nothing. */
export class HintVerifier {
  readonly #clock: Clock;
  readonly #roots: () => string;
  readonly #issuers: readonly string[];
  readonly #seen = new Map<string, number>();

  /** `issuers`: SPIFFE URIs that may announce; `roots`: the present trust bundle, PEM. */
  constructor(options: { readonly issuers: readonly string[] }, deps: { clock: Clock; roots: () => string }) {
    this.#issuers = options.issuers;
    this.#clock = deps.clock;
    this.#roots = deps.roots;
  }

  /** Throws a BusError `hint` that says why a message is not to be believed. */
  decode(data: Uint8Array): Hint {
    const { hint, chain, signature } = parse(data);
    if (!this.#issuers.includes(hint.issuer)) throw refused("its issuer may not announce");
    const age = this.#clock.now() - hint.time;
    if (Math.abs(age) > MAX_AGE_MS) throw refused("it is too old or from the future");
    const [leaf, ...rest] = certificates(chain);
    if (leaf === undefined || leaf.subjectAltName?.split(", ").includes(`URI:${hint.issuer}`) !== true) {
      throw refused("its certificate is not its issuer's");
    }
    if (!leadsToRoot([leaf, ...rest], certificates(this.#roots()), this.#clock.now())) {
      throw refused("its certificate is not trusted");
    }
    if (!verify("sha256", signedBytes(hint), leaf.publicKey, Buffer.from(signature, "base64"))) {
      throw refused("its signature does not verify");
    }
    const last = this.#seen.get(hint.issuer) ?? 0;
    if (hint.version <= last) throw refused("it was seen before");
    this.#seen.set(hint.issuer, hint.version);
    return hint;
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
    typeof hint.type === "string" &&
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

function certificates(pem: string): readonly X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    return blocks.slice(0, 16).map((block) => new X509Certificate(block));
  } catch {
    throw refused("a certificate does not parse");
  }
}

function leadsToRoot(
  chain: readonly X509Certificate[],
  roots: readonly X509Certificate[],
  now: number,
): boolean {
  for (const [index, certificate] of chain.entries()) {
    if (now > certificate.validToDate.getTime()) return false;
    if (index > 0 && !certificate.ca) return false;
    if (roots.some((root) => certificate.checkIssued(root) && certificate.verify(root.publicKey)))
      return true;
    const issuer = chain[index + 1];
    if (issuer === undefined || !certificate.checkIssued(issuer) || !certificate.verify(issuer.publicKey))
      return false;
  }
  return false;
}

function refused(why: string): BusError {
  return new BusError("hint", `Cannot believe a hint: ${why}`);
}
