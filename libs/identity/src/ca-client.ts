import { readFileSync } from "node:fs";
import { status, type Client, type Metadata, type ServiceError } from "@grpc/grpc-js";
import { sleep, systemClock, type Clock } from "@ambit/base/clock.ts";
import { certificateService, type CertificateResponse } from "@ambit/contract/grpc-services.ts";
import { callMetadata, createGrpcClient, type GrpcTarget } from "@ambit/runtime/grpc-client.ts";
import { uriSans } from "./alternative-names.ts";
import { assembleCertificate, type WorkloadCertificate } from "./certificate.ts";
import { createCsr } from "./csr.ts";
import { IdentityError } from "./identity-error.ts";
import { keyBelongsTo, readCertificate, readPrivateKey } from "./x509.ts";

export interface CaClientOptions {
  readonly target: GrpcTarget;
  /** File of the bearer token, read again for every request. */
  readonly tokenPath?: string;
  readonly clusterId: string;
  /** Lifetime asked for, in seconds. @default 86400 */
  readonly ttlSeconds?: number;
  /** Name the identity in the request: a node's proxy asks for its workloads. */
  readonly impersonate: boolean;
  readonly headers?: ReadonlyMap<string, string>;
}

/** Something that turns an identity into a certificate. */
export interface CertificateSource {
  /** Throws an IdentityError `ca-refused` or `ca-unreachable`. */
  fetch(identity: string): Promise<WorkloadCertificate>;
}

/** For all tries together. */
const CALL_TIMEOUT_MS = 10_000;
/** Delays before a request that was lost is made again, at another replica where there is one. */
const RETRY_MS = [50, 100, 200, 400] as const;
/** Ends of a call that say nothing about the request: a replica that dies, or ends, or takes no calls. */
const LOST: readonly unknown[] = [status.UNAVAILABLE, status.CANCELLED];

/** Asks an `IstioCertificateService`; a fresh key for every request (ambient.md 3.1). */
export class CaClient implements CertificateSource {
  readonly #options: CaClientOptions;
  readonly #clock: Clock;
  #client: Client | undefined;
  #isClosed = false;
  #rootRead = "";

  constructor(options: CaClientOptions, deps: { readonly clock: Clock } = { clock: systemClock }) {
    this.#options = options;
    this.#clock = deps.clock;
  }

  async fetch(identity: string): Promise<WorkloadCertificate> {
    const { csr, privateKey } = await createCsr(identity);
    const answer = await this.#ask(identity, csr);
    const certificate = assembleCertificate(identity, privateKey, answer.certChain);
    const leaf = readCertificate(certificate.chain);
    if (!keyBelongsTo(leaf, readPrivateKey(privateKey)))
      throw new IdentityError("ca-refused", "Cannot use the CA's answer: it is for another key");
    if (this.#options.impersonate && !isOnly(uriSans(leaf), identity))
      throw new IdentityError("ca-refused", `Cannot use the CA's answer: it is not for ${identity}`);
    return certificate;
  }

  /** Ends the connection; what is under way is not tried again. */
  close(): void {
    this.#isClosed = true;
    this.#client?.close();
    this.#client = undefined;
  }

  // A token that was replaced on disk while the call was under way is worth one more try.
  async #ask(identity: string, csr: string): Promise<CertificateResponse> {
    const before = this.#metadata();
    try {
      return await this.#call(identity, csr, before);
    } catch (thrown) {
      const wasRefused = thrown instanceof IdentityError && thrown.facts["status"] === status.UNAUTHENTICATED;
      const after = this.#metadata();
      if (!wasRefused || String(after.get("authorization")) === String(before.get("authorization")))
        throw thrown;
      return this.#call(identity, csr, after);
    }
  }

  // The library itself would not try again once an answer has begun. A certificate that is made twice harms nobody.
  async #call(identity: string, csr: string, metadata: Metadata): Promise<CertificateResponse> {
    // The library compares deadlines with the wall clock.
    const deadline = this.#clock.now() + CALL_TIMEOUT_MS;
    for (const delayMs of RETRY_MS) {
      try {
        return await this.#try(identity, csr, metadata, deadline);
      } catch (thrown) {
        const isLost = thrown instanceof IdentityError && LOST.includes(thrown.facts["status"]);
        if (!isLost || this.#isClosed) throw thrown;
        await sleep(this.#clock, delayMs);
      }
    }
    return this.#try(identity, csr, metadata, deadline);
  }

  #try(identity: string, csr: string, metadata: Metadata, deadline: number): Promise<CertificateResponse> {
    const { path, requestSerialize, responseDeserialize } = certificateService.createCertificate;
    const fields = this.#options.impersonate ? { ImpersonatedIdentity: { stringValue: identity } } : {};
    const request = { csr, validityDuration: this.#options.ttlSeconds ?? 86_400, metadata: { fields } };
    const client = this.#channel();
    return new Promise((resolve, reject) => {
      client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        metadata,
        { deadline },
        (error: ServiceError | null, response?: CertificateResponse) => {
          if (error === null && response !== undefined) resolve(response);
          else reject(asIdentityError(error));
        },
      );
    });
  }

  #metadata(): Metadata {
    try {
      return callMetadata(this.#options);
    } catch (cause) {
      throw new IdentityError("bad-token", "Cannot ask the CA: the token cannot be read", { cause });
    }
  }

  // The channel is rebuilt when the trust bundle on disk changes.
  #channel(): Client {
    try {
      const root = readFileSync(this.#options.target.rootCaPath, "utf8");
      if (this.#client !== undefined && root === this.#rootRead) return this.#client;
      const client = createGrpcClient(this.#options.target, "each");
      this.#client?.close();
      this.#client = client;
      this.#rootRead = root;
      return client;
    } catch (cause) {
      throw new IdentityError("ca-unreachable", "Cannot ask the CA: no trust bundle to know it by", {
        cause,
      });
    }
  }
}

function isOnly(names: readonly string[], name: string): boolean {
  return names.length === 1 && names[0] === name;
}

function asIdentityError(error: ServiceError | null): IdentityError {
  if (error === null) return new IdentityError("ca-unreachable", "The CA answered nothing");
  const unreachable = [status.UNAVAILABLE, status.DEADLINE_EXCEEDED, status.CANCELLED].includes(error.code);
  return new IdentityError(
    unreachable ? "ca-unreachable" : "ca-refused",
    `The CA ${unreachable ? "cannot be reached" : "refused"}: ${status[error.code]}: ${error.details}`,
    { facts: { status: error.code } },
  );
}
