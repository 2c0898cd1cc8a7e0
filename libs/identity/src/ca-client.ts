import { status, type Client, type ServiceError } from "@grpc/grpc-js";
import { certificateService, type CertificateResponse } from "@ambit/contract/grpc-services.ts";
import { callMetadata, createGrpcClient, type GrpcTarget } from "@ambit/runtime/grpc-client.ts";
import { readFileSync } from "node:fs";
import { assembleCertificate, type WorkloadCertificate } from "./certificate.ts";
import { createCsr } from "./csr.ts";
import { IdentityError } from "./identity-error.ts";
import { readCertificate, uriSans } from "./x509.ts";

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

const CALL_TIMEOUT_MS = 10_000;

/** Asks an `IstioCertificateService`; a fresh key for every request. */
export class CaClient implements CertificateSource {
  readonly #options: CaClientOptions;
  #client: Client | undefined;
  #rootRead = "";

  constructor(options: CaClientOptions) {
    this.#options = options;
  }

  async fetch(identity: string): Promise<WorkloadCertificate> {
    const { csr, privateKey } = await createCsr(identity);
    const answer = await this.#call(identity, csr);
    const certificate = assembleCertificate(identity, privateKey, answer.certChain);
    const [leaf = ""] = answer.certChain;
    if (this.#options.impersonate && !uriSans(readCertificate(leaf)).includes(identity)) {
      throw new IdentityError("ca-refused", `Cannot use the CA's answer: it is not for ${identity}`);
    }
    return certificate;
  }

  close(): void {
    this.#client?.close();
    this.#client = undefined;
  }

  #call(identity: string, csr: string): Promise<CertificateResponse> {
    const { path, requestSerialize, responseDeserialize } = certificateService.createCertificate;
    const fields = this.#options.impersonate ? { ImpersonatedIdentity: { stringValue: identity } } : {};
    const request = { csr, validityDuration: this.#options.ttlSeconds ?? 86_400, metadata: { fields } };
    const deadline = { deadline: new Date(performance.timeOrigin + performance.now() + CALL_TIMEOUT_MS) };
    return new Promise((resolve, reject) => {
      const client = this.#channel();
      client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        callMetadata(this.#options),
        deadline,
        (error: ServiceError | null, response?: CertificateResponse) => {
          if (error === null && response !== undefined) resolve(response);
          else reject(asIdentityError(error));
        },
      );
    });
  }

  // The channel is rebuilt when the trust bundle on disk changes.
  #channel(): Client {
    const root = readFileSync(this.#options.target.rootCaPath, "utf8");
    if (this.#client === undefined || root !== this.#rootRead) {
      this.#client?.close();
      this.#client = createGrpcClient(this.#options.target);
      this.#rootRead = root;
    }
    return this.#client;
  }
}

function asIdentityError(error: ServiceError | null): IdentityError {
  if (error === null) return new IdentityError("ca-unreachable", "The CA answered nothing");
  const unreachable = [status.UNAVAILABLE, status.DEADLINE_EXCEEDED, status.CANCELLED].includes(error.code);
  return new IdentityError(
    unreachable ? "ca-unreachable" : "ca-refused",
    `The CA ${unreachable ? "cannot be reached" : "refused"}: ${status[error.code]}: ${error.details}`,
  );
}
