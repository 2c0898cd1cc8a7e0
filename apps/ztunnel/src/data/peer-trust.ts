import { X509Certificate } from "node:crypto";

/** Intermediates that are remembered; authorities have few. */
const MAX_INTERMEDIATES = 64;

const BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * Tells which peers a change of roots leaves without an issuer. Only a peer's leaf is at hand when it happens, so the
 * intermediates of our own chains (the same authority's) are remembered to lead from it to a root.
 */
export class PeerTrust {
  readonly #intermediates = new Map<string, X509Certificate>();

  /** Remembers the intermediates of a chain (PEM, leaf first). */
  learn(chain: string): void {
    for (const certificate of parse(chain).slice(1)) {
      this.#intermediates.set(certificate.fingerprint256, certificate);
      const oldest = this.#intermediates.keys().next().value;
      if (this.#intermediates.size > MAX_INTERMEDIATES && oldest !== undefined)
        this.#intermediates.delete(oldest);
    }
  }

  /**
   * A test for peers' leaves (DER): false when a root that was removed issued it and none that stays did. Undefined
   * when the change removed no root. A leaf whose issuer is not known here is left alone.
   */
  after(rootsBefore: string, rootsAfter: string): ((leaf: Uint8Array) => boolean) | undefined {
    const kept = parse(rootsAfter);
    const prints = new Set(kept.map((root) => root.fingerprint256));
    const removed = parse(rootsBefore).filter((root) => !prints.has(root.fingerprint256));
    if (removed.length === 0) return undefined;
    return (leaf) => {
      let certificate: X509Certificate;
      try {
        certificate = new X509Certificate(leaf);
      } catch {
        return false;
      }
      return this.#leadsTo(certificate, kept) || !this.#leadsTo(certificate, removed);
    };
  }

  #leadsTo(leaf: X509Certificate, roots: readonly X509Certificate[]): boolean {
    if (roots.some((root) => isIssuedBy(leaf, root))) return true;
    return [...this.#intermediates.values()].some(
      (between) => isIssuedBy(leaf, between) && roots.some((root) => isIssuedBy(between, root)),
    );
  }
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function parse(pem: string): X509Certificate[] {
  return (pem.match(BLOCK) ?? []).flatMap((block) => {
    try {
      return [new X509Certificate(block)];
    } catch {
      // An unreadable root vouches for nobody.
      return [];
    }
  });
}
