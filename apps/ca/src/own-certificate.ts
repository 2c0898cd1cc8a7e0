import type { Clock, Timer } from "@ambit/base/clock.ts";
import { describeError } from "@ambit/base/errors.ts";
import type { Logger } from "@ambit/base/logger.ts";
import { createCsr, verifyCsr } from "@ambit/identity/csr.ts";
import { formatSpiffeId } from "@ambit/model/spiffe-id.ts";
import type { ServerTls } from "@ambit/runtime/reloadable-tls.ts";
import type { AuditLog } from "./audit-log.ts";
import type { Issuer } from "./issue.ts";
import { serverNames } from "./server-names.ts";

export interface OwnCertificateOptions {
  readonly trustDomain: string;
  readonly systemNamespace: string;
  readonly ttlMs: number;
  readonly serverAddresses: readonly string[];
  /** By `ownHolder`. */
  readonly holder: string;
}

export interface OwnCertificateDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly issuer: Pick<Issuer, "issue">;
  readonly audit: Pick<AuditLog, "append">;
  readonly onRenewed: (tls: ServerTls, identity: string) => void;
}

/** Who holds the authority's own certificate: `self`, and `self-N` for a further replica. */
export function ownHolder(slot: number): string {
  return slot === 1 ? "self" : `self-${slot}`;
}

/** True for a holder that is a replica of the authority; those of callers have slashes. */
export function isAuthority(holder: string): boolean {
  return /^self(-\d+)?$/.test(holder);
}

/** The wall clock is looked at this often: set forward, it ends a certificate before any timer fires. */
const LONGEST_CHECK_MS = 5_000;

/** The authority's own server certificate: issued by itself, renewed at half life. */
export class OwnCertificate {
  readonly #options: OwnCertificateOptions;
  readonly #deps: OwnCertificateDeps;
  #timer: Timer | undefined;
  #renewAt = 0;
  #isRenewing = false;

  constructor(options: OwnCertificateOptions, deps: OwnCertificateDeps) {
    this.#options = options;
    this.#deps = deps;
  }

  /** Issues a certificate now and renews it from then on. */
  async renew(): Promise<ServerTls> {
    const { trustDomain, systemNamespace, ttlMs, serverAddresses, holder } = this.#options;
    const subject = { trustDomain, namespace: systemNamespace, serviceAccount: "ca" };
    const identity = formatSpiffeId(subject);
    const { csr, privateKey } = await createCsr(identity);
    const { publicKey } = await verifyCsr(csr);
    const issued = await this.#deps.issuer.issue(
      {
        identity,
        publicKey,
        ttlMs,
        dnsNames: serverNames(subject, systemNamespace),
        ipAddresses: serverAddresses,
        holder,
        node: "",
      },
      (facts) => {
        const asked = { caller: "self", peer: "", ttlSeconds: ttlMs / 1000 };
        this.#deps.audit.append({ verdict: "issued", ...asked, ...facts });
      },
    );
    const tls = {
      certificateChain: issued.chain.slice(0, -1).join(""),
      privateKey,
      clientRoots: issued.chain.at(-1) ?? "",
    };
    this.#renewAt = issued.issuedAt + (issued.notAfter - issued.issuedAt) / 2;
    this.#watch();
    this.#deps.onRenewed(tls, identity);
    return tls;
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #watch(): void {
    this.#timer?.cancel();
    const period = Math.min(this.#options.ttlMs / 10, LONGEST_CHECK_MS);
    this.#timer = this.#deps.clock.after(period, () => this.#check(), true);
  }

  #check(): void {
    this.#watch();
    if (this.#isRenewing || this.#deps.clock.now() < this.#renewAt) return;
    this.#isRenewing = true;
    this.renew()
      .catch((thrown: unknown) => {
        this.#deps.logger.error("own certificate not renewed", { error: describeError(thrown) });
      })
      .finally(() => {
        this.#isRenewing = false;
      });
  }
}
