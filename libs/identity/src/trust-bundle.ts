import { X509Certificate } from "node:crypto";
import { IdentityError } from "./identity-error.ts";
import { pemBlocks } from "./pem.ts";

/** Root certificates that are trusted together. Immutable. */
export class TrustBundle {
  /** One PEM each, in the order given, no certificate twice. */
  readonly roots: readonly string[];
  readonly #fingerprints: ReadonlySet<string>;

  private constructor(roots: readonly string[], fingerprints: ReadonlySet<string>) {
    this.roots = roots;
    this.#fingerprints = fingerprints;
  }

  /** Reads concatenated PEM. Throws an IdentityError when there is no certificate or one cannot be parsed. */
  static parse(text: string): TrustBundle {
    const fingerprints = new Set<string>();
    const roots: string[] = [];
    for (const block of pemBlocks(text, "CERTIFICATE")) {
      const print = certificateOf(block).fingerprint256;
      if (fingerprints.has(print)) continue;
      fingerprints.add(print);
      roots.push(block);
    }
    if (roots.length === 0)
      throw new IdentityError("bad-certificate", "Cannot read the trust bundle: no certificate in it");
    return new TrustBundle(roots, fingerprints);
  }

  /** SHA-256 fingerprints. */
  get fingerprints(): ReadonlySet<string> {
    return this.#fingerprints;
  }

  get pem(): string {
    return this.roots.join("");
  }

  equals(other: TrustBundle): boolean {
    return (
      this.#fingerprints.size === other.#fingerprints.size &&
      [...this.#fingerprints].every((print) => other.#fingerprints.has(print))
    );
  }
}

function certificateOf(block: string): X509Certificate {
  try {
    return new X509Certificate(block);
  } catch (cause) {
    throw new IdentityError("bad-certificate", "Cannot read the trust bundle: a certificate does not parse", {
      cause,
    });
  }
}
