import { describeError } from "@ambit/base/errors.ts";
import type { WorkloadCertificate } from "@ambit/identity/certificate.ts";
import type { CertManager } from "@ambit/identity/cert-manager.ts";
import type { ToData } from "../messages.ts";

/** Serves the data threads with certificates: what they wait for, what is renewed, what is no longer used. */
export class CertificateDesk {
  readonly #manager: CertManager;
  readonly #broadcast: (message: ToData) => void;

  constructor(manager: CertManager, broadcast: (message: ToData) => void) {
    this.#manager = manager;
    this.#broadcast = broadcast;
  }

  /** Traffic waits for it: the most urgent kind of fetch. */
  wanted(identity: string): void {
    this.#manager.request(identity).then(
      (certificate) => this.arrived(certificate),
      (thrown: unknown) => {
        this.#broadcast({ kind: "certificate-failed", identity, error: describeError(thrown) });
      },
    );
  }

  /** A certificate came, asked for or renewed; threads that have it already ignore it. */
  arrived(certificate: WorkloadCertificate): void {
    this.#broadcast({ kind: "certificate", certificate });
  }

  /** A captured workload of this node has this identity. */
  warm(identity: string): void {
    this.#manager.warm(identity);
  }

  /** No captured workload of this node has it any more. */
  drop(identity: string): void {
    this.#manager.forget(identity);
    this.#broadcast({ kind: "certificate-gone", identity });
  }
}
