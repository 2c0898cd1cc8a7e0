import type { Clock } from "@ambit/base/clock.ts";
import { createLeaf, readCertificate } from "@ambit/identity/x509.ts";
import type { IssuedFacts } from "./audit-log.ts";
import type { RootStore } from "./root-store.ts";

/** Clocks of verifiers may be behind by this much; a short-lived certificate is back-dated less than it lives. */
const BACKDATE_MS = 120_000;
const BACKDATE_SHARE = 0.1;

export interface IssueRequest {
  /** SPIFFE URI. */
  readonly identity: string;
  /** SPKI DER. */
  readonly publicKey: Uint8Array;
  readonly ttlMs: number;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly holder: string;
  readonly node: string;
}

export interface IssuedCertificate extends IssuedFacts {
  /** PEM: leaf, each intermediate, the root bundle last. */
  readonly chain: readonly string[];
}

/** Signs leaves with the current generation and remembers the newest one of each identity and holder. */
export class Issuer {
  readonly #store: RootStore;
  readonly #clock: Clock;
  readonly #news: () => readonly IssuedFacts[];
  readonly #newest = new Map<string, IssuedFacts>();

  /** `news`: what other replicas have issued since it was last asked. */
  constructor(store: RootStore, deps: { clock: Clock; news?: () => readonly IssuedFacts[] }) {
    this.#store = store;
    this.#clock = deps.clock;
    this.#news = deps.news ?? (() => []);
  }

  /** Remembers what was issued before a restart. */
  restore(issued: readonly IssuedFacts[]): void {
    for (const facts of issued) {
      const newest = this.#newest.get(keyOf(facts));
      if (newest === undefined || newest.issuedAt <= facts.issuedAt) this.#newest.set(keyOf(facts), facts);
    }
  }

  /**
   * Makes a certificate. `record` is called with its facts before anything is signed; when it throws nothing is.
   * The lifetime is cut to the signer's.
   */
  async issue(request: IssueRequest, record: (facts: IssuedFacts) => void): Promise<IssuedCertificate> {
    const { identity, holder, node } = request;
    // First the time, then the state: what is issued after a change was made, by whichever replica, is issued by it.
    const issuedAt = this.#clock.now();
    this.#store.refresh();
    const { signing, bundle } = this.#store;
    const signerEnd = readCertificate(signing.signer.certificate).validToDate.getTime();
    const facts: IssuedFacts = {
      identity,
      holder,
      node,
      serial: this.#store.newSerial(),
      issuedAt,
      notBefore: issuedAt - Math.min(BACKDATE_MS, request.ttlMs * BACKDATE_SHARE),
      notAfter: Math.min(issuedAt + request.ttlMs, signerEnd),
      generation: signing.id,
    };
    record(facts);
    const leaf = await createLeaf(signing.signer, { ...request, ...facts, uri: identity });
    this.#newest.set(keyOf(facts), facts);
    return { ...facts, chain: [leaf, ...signing.intermediates, bundle.pem] };
  }

  /** The newest certificate of every identity and holder that is still valid, whichever replica signed it. */
  current(): readonly IssuedFacts[] {
    const now = this.#clock.now();
    this.restore(this.#news());
    for (const [key, issued] of this.#newest) if (issued.notAfter <= now) this.#newest.delete(key);
    return [...this.#newest.values()];
  }
}

function keyOf({ identity, holder }: IssuedFacts): string {
  return `${identity} ${holder}`;
}
