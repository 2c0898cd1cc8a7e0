import type { Clock, Timer } from "@ambit/base/clock.ts";
import { describeError } from "@ambit/base/errors.ts";
import type { Logger } from "@ambit/base/logger.ts";
import { createCsr, verifyCsr } from "@ambit/identity/csr.ts";
import { formatSpiffeId } from "@ambit/model/spiffe-id.ts";
import type { ServerTls } from "@ambit/runtime/reloadable-tls.ts";
import type { AuditLog } from "./audit-log.ts";
import { serverNames } from "./certificate-service.ts";
import type { Issuer } from "./issue.ts";

export interface OwnCertificateOptions {
  readonly trustDomain: string;
  readonly systemNamespace: string;
  readonly ttlMs: number;
  readonly serverAddresses: readonly string[];
}

/** The authority's own server certificate: issued by itself, renewed at half life. */
export class OwnCertificate {
  readonly #options: OwnCertificateOptions;
  readonly #deps: {
    clock: Clock;
    logger: Logger;
    issuer: Issuer;
    audit: AuditLog;
    onRenewed: (tls: ServerTls, identity: string) => void;
  };
  #timer: Timer | undefined;

  constructor(
    options: OwnCertificateOptions,
    deps: {
      clock: Clock;
      logger: Logger;
      issuer: Issuer;
      audit: AuditLog;
      onRenewed: (tls: ServerTls, identity: string) => void;
    },
  ) {
    this.#options = options;
    this.#deps = deps;
  }

  /** Issues a certificate now and plans the next one. */
  async renew(): Promise<ServerTls> {
    const { trustDomain, systemNamespace, ttlMs, serverAddresses } = this.#options;
    const identity = formatSpiffeId({ trustDomain, namespace: systemNamespace, serviceAccount: "ca" });
    const { csr, privateKey } = await createCsr(identity);
    const { publicKey } = await verifyCsr(csr);
    const dnsNames = serverNames("ca", systemNamespace, trustDomain);
    const issued = await this.#deps.issuer.issue(
      { identity, publicKey, ttlMs, dnsNames, ipAddresses: serverAddresses },
      (serial) =>
        this.#deps.audit.append({
          verdict: "issued",
          caller: "self",
          peer: "",
          identity,
          serial,
          ttlSeconds: ttlMs / 1000,
          reason: "",
        }),
    );
    const tls = {
      certificateChain: issued.chain.slice(0, -1).join(""),
      privateKey,
      clientRoots: issued.chain.at(-1) ?? "",
    };
    this.#plan(ttlMs / 2);
    this.#deps.onRenewed(tls, identity);
    return tls;
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #plan(delayMs: number): void {
    this.#timer?.cancel();
    this.#timer = this.#deps.clock.after(
      delayMs,
      () => {
        this.renew().catch((thrown: unknown) => {
          this.#deps.logger.error("own certificate not renewed", { error: describeError(thrown) });
          this.#plan(Math.min(delayMs, 1_000));
        });
      },
      true,
    );
  }
}
