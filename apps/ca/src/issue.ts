import type { Clock } from "@ambit/base/clock.ts";
import { createLeaf, readCertificate } from "@ambit/identity/x509.ts";
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
}

export interface IssuedCertificate {
  readonly identity: string;
  readonly serial: string;
  /** Milliseconds since the epoch. */
  readonly issuedAt: number;
  readonly notBefore: number;
  readonly notAfter: number;
  /** Generation that signed. */
  readonly generation: string;
  /** PEM: leaf, each intermediate, the root bundle last. */
  readonly chain: readonly string[];
}

/** Signs leaves with the current generation and remembers the newest one of each identity. */
export class Issuer {
  readonly #store: RootStore;
  readonly #clock: Clock;
  readonly #newest = new Map<string, IssuedCertificate>();

  constructor(store: RootStore, deps: { clock: Clock }) {
    this.#store = store;
    this.#clock = deps.clock;
  }

  /**
   * Makes a certificate. `record` is called with the serial before anything is signed; when it throws nothing is.
   * The lifetime is cut to the signer's.
   */
  async issue(request: IssueRequest, record: (serial: string) => void): Promise<IssuedCertificate> {
    const { signing, bundle } = this.#store;
    const serial = this.#store.newSerial();
    const issuedAt = this.#clock.now();
    const notBefore = issuedAt - Math.min(BACKDATE_MS, request.ttlMs * BACKDATE_SHARE);
    const notAfter = Math.min(
      issuedAt + request.ttlMs,
      readCertificate(signing.signer.certificate).validToDate.getTime(),
    );
    record(serial);
    const leaf = await createLeaf(signing.signer, {
      ...request,
      uri: request.identity,
      serial,
      notBefore,
      notAfter,
    });
    const issued: IssuedCertificate = {
      identity: request.identity,
      serial,
      issuedAt,
      notBefore,
      notAfter,
      generation: signing.id,
      chain: [leaf, ...signing.intermediates, bundle.pem],
    };
    this.#newest.set(request.identity, issued);
    return issued;
  }

  /** The newest certificate of every identity that has one still valid. */
  current(): readonly IssuedCertificate[] {
    const now = this.#clock.now();
    for (const [identity, issued] of this.#newest) if (issued.notAfter <= now) this.#newest.delete(identity);
    return [...this.#newest.values()];
  }
}
