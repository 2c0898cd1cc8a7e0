import type { Clock } from "@ambit/base/clock.ts";
import { describeError } from "@ambit/base/errors.ts";
import type { CertManager } from "@ambit/identity/cert-manager.ts";
import type { WorkloadCertificate } from "@ambit/identity/certificate.ts";
import type { ToData } from "../messages.ts";

export interface CertificateDeskDeps {
  readonly clock: Clock;
  readonly manager: Pick<CertManager, "request" | "warm" | "forget">;
  readonly broadcast: (message: ToData) => void;
}

/** Traffic is held for this long (ambient.md 5.1); while it is, a failed fetch is tried again. */
const HOLD_MS = 5_000;
const RETRY_MS = 500;

/** Serves the data threads with certificates: what they wait for, what is renewed, what is no longer used. */
export class CertificateDesk {
  readonly #deps: CertificateDeskDeps;
  readonly #fetching = new Set<string>();

  constructor(deps: CertificateDeskDeps) {
    this.#deps = deps;
  }

  /** Traffic waits for it: the most urgent kind of fetch. A pod that the authority does not know yet is usual. */
  wanted(identity: string): void {
    if (this.#fetching.has(identity)) return;
    this.#fetching.add(identity);
    this.#fetch(identity, this.#deps.clock.monotonic() + HOLD_MS);
  }

  /** A certificate came, asked for or renewed; threads that have it already ignore it. */
  arrived(certificate: WorkloadCertificate): void {
    this.#deps.broadcast({ kind: "certificate", certificate });
  }

  /** A captured workload of this node has this identity. */
  warm(identity: string): void {
    this.#deps.manager.warm(identity);
  }

  /** No captured workload of this node has it any more. */
  drop(identity: string): void {
    this.#deps.manager.forget(identity);
    this.#deps.broadcast({ kind: "certificate-gone", identity });
  }

  #fetch(identity: string, until: number): void {
    const { clock, manager } = this.#deps;
    manager.request(identity).then(
      (certificate) => {
        this.#fetching.delete(identity);
        this.arrived(certificate);
      },
      (thrown: unknown) => {
        if (clock.monotonic() + RETRY_MS < until) {
          clock.after(RETRY_MS, () => this.#fetch(identity, until), true);
          return;
        }
        this.#fetching.delete(identity);
        this.#deps.broadcast({ kind: "certificate-failed", identity, error: describeError(thrown) });
      },
    );
  }
}
