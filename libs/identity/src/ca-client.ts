import { readFileSync } from "node:fs";
import { status, type Client, type Metadata, type ServiceError } from "@grpc/grpc-js";
import { systemClock, type Clock } from "@ambit/base/clock.ts";
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

interface Channel {
  readonly client: Client;
  /** Those under way. */
  calls: number;
  isReplaced: boolean;
}

const CALL_TIMEOUT_MS = 10_000;

/** Asks an `IstioCertificateService`; a fresh key for every request (ambient.md 3.1). */
export class CaClient implements CertificateSource {
  readonly #options: CaClientOptions;
  readonly #clock: Clock;
  #channel: Channel | undefined;
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

  close(): void {
    this.#channel?.client.close();
    this.#channel = undefined;
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

  #call(identity: string, csr: string, metadata: Metadata): Promise<CertificateResponse> {
    const { path, requestSerialize, responseDeserialize } = certificateService.createCertificate;
    const fields = this.#options.impersonate ? { ImpersonatedIdentity: { stringValue: identity } } : {};
    const request = { csr, validityDuration: this.#options.ttlSeconds ?? 86_400, metadata: { fields } };
    // The library compares deadlines with the wall clock.
    const options = { deadline: this.#clock.now() + CALL_TIMEOUT_MS };
    const channel = this.#present();
    channel.calls++;
    return new Promise((resolve, reject) => {
      channel.client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        metadata,
        options,
        (error: ServiceError | null, response?: CertificateResponse) => {
          channel.calls--;
          closeIdle(channel);
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
  #present(): Channel {
    try {
      const root = readFileSync(this.#options.target.rootCaPath, "utf8");
      const before = this.#channel;
      if (before !== undefined && root === this.#rootRead) return before;
      const channel = { client: createGrpcClient(this.#options.target, "each"), calls: 0, isReplaced: false };
      this.#channel = channel;
      this.#rootRead = root;
      if (before !== undefined) {
        before.isReplaced = true;
        closeIdle(before);
      }
      return channel;
    } catch (cause) {
      throw new IdentityError("ca-unreachable", "Cannot ask the CA: no trust bundle to know it by", {
        cause,
      });
    }
  }
}

// A call that waits for a connection, or for its next try, would end with its channel.
function closeIdle({ client, calls, isReplaced }: Channel): void {
  if (isReplaced && calls === 0) client.close();
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
