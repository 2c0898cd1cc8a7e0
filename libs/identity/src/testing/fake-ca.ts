import type { Clock } from "@ambit/base/clock.ts";
import type { CertificateSource } from "../ca-client.ts";
import { assembleCertificate, type WorkloadCertificate } from "../certificate.ts";
import { IdentityError } from "../identity-error.ts";
import { TrustBundle } from "../trust-bundle.ts";
import { createIntermediate, createLeaf, createRoot, generateKey, type SigningCertificate } from "../x509.ts";

const YEAR_MS = 365 * 24 * 3_600_000;

/** An authority inside the process: real keys and certificates, no network, no rules. For tests. */
export class FakeCa implements CertificateSource {
  readonly #clock: Clock;
  readonly #roots: SigningCertificate[] = [];
  #intermediate: SigningCertificate | undefined;
  #serial = 1;
  /** Lifetime of new leaves. */
  lifetimeMs: number;
  /** Set to make `fetch` fail. */
  failing = false;

  private constructor(clock: Clock, lifetimeMs: number) {
    this.#clock = clock;
    this.lifetimeMs = lifetimeMs;
  }

  /** @default `lifetimeMs` one hour */
  static async create(deps: { readonly clock: Clock }, lifetimeMs = 3_600_000): Promise<FakeCa> {
    const ca = new FakeCa(deps.clock, lifetimeMs);
    await ca.rotate();
    return ca;
  }

  /** PEM of all roots so far. */
  get roots(): string {
    return TrustBundle.parse(this.#roots.map((root) => root.certificate).join("")).pem;
  }

  /** Signs with a new root from now on; the old ones stay in `roots`. */
  async rotate(): Promise<void> {
    const now = this.#clock.now();
    const validity = { notBefore: now - YEAR_MS, notAfter: now + YEAR_MS };
    const root = await createRoot(`fake root ${this.#roots.length}`, this.#nextSerial(), validity);
    this.#intermediate = await createIntermediate(root, "fake intermediate", this.#nextSerial(), validity);
    this.#roots.push(root);
  }

  async fetch(identity: string): Promise<WorkloadCertificate> {
    const signer = this.#intermediate;
    if (this.failing || signer === undefined) throw new IdentityError("ca-unreachable", "The CA is away");
    const { publicKey, privateKey } = await generateKey();
    const now = this.#clock.now();
    const leaf = await createLeaf(signer, {
      publicKey,
      uri: identity,
      dnsNames: [],
      ipAddresses: [],
      serial: this.#nextSerial(),
      notBefore: now - 1_000,
      notAfter: now + this.lifetimeMs,
    });
    return assembleCertificate(identity, privateKey, [leaf, signer.certificate, this.roots]);
  }

  #nextSerial(): string {
    return (this.#serial++).toString(16).toUpperCase().padStart(2, "0");
  }
}
