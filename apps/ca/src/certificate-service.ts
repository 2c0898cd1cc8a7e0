import { status, type Server, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js";
import { describeError } from "@ambit/base/errors.ts";
import {
  certificateService,
  type CertificateRequest,
  type CertificateResponseProperties,
} from "@ambit/contract/grpc-services.ts";
import type { CallerAuthenticator, CallerIdentity } from "@ambit/identity/caller.ts";
import { verifyCsr } from "@ambit/identity/csr.ts";
import { IdentityError } from "@ambit/identity/identity-error.ts";
import type { AuditLog } from "./audit-log.ts";
import { authorize, type AuthorizeOptions, type Grant } from "./authorize.ts";
import { CaError } from "./ca-error.ts";
import type { Issuer } from "./issue.ts";
import type { PodDirectory } from "./pods.ts";
import type { RateLimit } from "./rate-limit.ts";
import { addressOf, type Refusals } from "./refusals.ts";
import { serverNames } from "./server-names.ts";

export interface ServiceOptions extends AuthorizeOptions {
  readonly leafTtlMs: number;
  readonly maxLeafTtlMs: number;
  /** Addresses put into certificates of the control plane, beside its names. */
  readonly serverAddresses: readonly string[];
}

export interface ServiceDeps {
  readonly authenticator: CallerAuthenticator;
  readonly pods: PodDirectory;
  readonly issuer: Issuer;
  readonly audit: Pick<AuditLog, "append">;
  readonly refusals: Refusals;
  /** Asked once for the address and once for the account a call comes from. */
  readonly limit: RateLimit;
  readonly onVerdict: (verdict: "issued" | "refused") => void;
}

/** What a caller is told; the reason stays in the audit log. */
interface Refusal {
  readonly code: status;
  readonly details: string;
}

const UNAUTHENTICATED: Refusal = { code: status.UNAUTHENTICATED, details: "request authenticate failure" };
const NOT_YOURS: Refusal = {
  code: status.UNAUTHENTICATED,
  details: "request impersonation authentication failure",
};
const TOO_MANY: Refusal = { code: status.RESOURCE_EXHAUSTED, details: "too many requests" };
const INTERNAL: Refusal = { code: status.INTERNAL, details: "certificate not issued" };

class RefusedCall extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal, cause: unknown) {
    super(describeError(cause));
    this.refusal = refusal;
  }
}

type Call = ServerUnaryCall<CertificateRequest, CertificateResponseProperties>;

/** `IstioCertificateService`: authenticate, authorise, check, record, sign. */
export class CertificateService {
  readonly #options: ServiceOptions;
  readonly #deps: ServiceDeps;

  constructor(options: ServiceOptions, deps: ServiceDeps) {
    this.#options = options;
    this.#deps = deps;
  }

  addTo(server: Server): void {
    server.addService(
      { createCertificate: certificateService.createCertificate },
      {
        createCertificate: (call: Call, answer: sendUnaryData<CertificateResponseProperties>) =>
          void this.#answer(call, answer),
      },
    );
  }

  async #answer(call: Call, answer: sendUnaryData<CertificateResponseProperties>): Promise<void> {
    const notes = { caller: "", identity: "", ttlSeconds: 0 };
    try {
      answer(null, { certChain: [...(await this.#create(call, notes))] });
      this.#deps.onVerdict("issued");
    } catch (thrown) {
      const refusal = thrown instanceof RefusedCall ? thrown.refusal : INTERNAL;
      this.#deps.onVerdict("refused");
      this.#deps.refusals.record({ ...notes, peer: call.getPeer(), reason: describeError(thrown) });
      answer(refusal);
    }
  }

  async #create(
    call: Call,
    notes: { caller: string; identity: string; ttlSeconds: number },
  ): Promise<readonly string[]> {
    this.#limit(addressOf(call.getPeer()));
    const caller = await this.#authenticate(call);
    const account = `${caller.namespace}/${caller.serviceAccount}`;
    notes.caller = `${account} (${caller.proof}${caller.podName === "" ? "" : ` of ${caller.podName}`})`;
    this.#limit(`${account}/${caller.podUid}`);
    const { request } = call;
    // As in Istio an empty name is no name: the caller asks for itself.
    const impersonated = request.metadata?.fields?.["ImpersonatedIdentity"]?.stringValue || undefined;
    notes.identity = (impersonated ?? "").slice(0, 300);
    const grant = this.#grant(caller, impersonated);
    notes.identity = grant.identity;
    const ttlMs = this.#ttl(Number(request.validityDuration));
    notes.ttlSeconds = ttlMs / 1000;
    const publicKey = await publicKeyOf(request.csr);
    const dnsNames = serverNames(grant.subject, this.#options.systemNamespace);
    const ipAddresses = dnsNames.length === 0 ? [] : this.#options.serverAddresses;
    const holder = `${account}/${caller.podName}`;
    const issued = await this.#deps.issuer.issue(
      { identity: grant.identity, publicKey, ttlMs, dnsNames, ipAddresses, holder, node: grant.node },
      (facts) => this.#deps.audit.append({ verdict: "issued", ...notes, ...facts, peer: call.getPeer() }),
    );
    return issued.chain;
  }

  #limit(key: string): void {
    if (!this.#deps.limit.take(key)) throw new RefusedCall(TOO_MANY, new Error("more than the rate limit"));
  }

  async #authenticate(call: Call): Promise<CallerIdentity> {
    try {
      return await this.#deps.authenticator.authenticate(
        call.metadata,
        call.getAuthContext().sslPeerCertificate?.raw,
      );
    } catch (cause) {
      throw new RefusedCall(UNAUTHENTICATED, cause);
    }
  }

  #grant(caller: CallerIdentity, impersonated: string | undefined): Grant {
    try {
      return authorize(caller, impersonated, this.#deps.pods, this.#options);
    } catch (cause) {
      if (cause instanceof CaError) throw new RefusedCall(NOT_YOURS, cause);
      throw cause;
    }
  }

  #ttl(seconds: number): number {
    const { leafTtlMs, maxLeafTtlMs } = this.#options;
    if (!(seconds > 0)) return leafTtlMs;
    if (seconds * 1000 > maxLeafTtlMs) {
      const details = `the requested lifetime of ${seconds} s is above the maximum of ${maxLeafTtlMs / 1000} s`;
      throw new RefusedCall({ code: status.INVALID_ARGUMENT, details }, new Error(details));
    }
    return Math.min(seconds * 1000, leafTtlMs);
  }
}

async function publicKeyOf(csr: string): Promise<Uint8Array> {
  try {
    return (await verifyCsr(csr)).publicKey;
  } catch (cause) {
    if (!(cause instanceof IdentityError)) throw cause;
    throw new RefusedCall(
      { code: status.INVALID_ARGUMENT, details: "the certificate request cannot be used" },
      cause,
    );
  }
}
