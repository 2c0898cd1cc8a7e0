import type { Metadata } from "@grpc/grpc-js";
import type { Clock } from "@ambit/base/clock.ts";
import { IdentityError } from "./identity-error.ts";
import { peerIdentity } from "./peer-identity.ts";
import type { TokenVerifier } from "./token-verifier.ts";

/** Who calls, however it was proven. Pod and node are empty when the credentials are not bound to them. */
export interface CallerIdentity {
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly podName: string;
  readonly podUid: string;
  readonly node: string;
  readonly proof: "token" | "certificate";
}

/** Proves the caller of a gRPC method by bearer token, else by client certificate; where it calls from proves nothing. */
export class CallerAuthenticator {
  readonly #tokens: TokenVerifier;
  readonly #trustDomain: string;
  readonly #clock: Clock;

  constructor(
    options: { readonly trustDomain: string },
    deps: { readonly tokens: TokenVerifier; readonly clock: Clock },
  ) {
    this.#tokens = deps.tokens;
    this.#trustDomain = options.trustDomain;
    this.#clock = deps.clock;
  }

  /** Throws an IdentityError when nobody is proven. A bad token is not made good by a certificate. */
  async authenticate(metadata: Metadata, certificate: Uint8Array | undefined): Promise<CallerIdentity> {
    const [header] = metadata.get("authorization");
    if (header !== undefined) {
      const match = /^Bearer +(\S+)$/i.exec(header.toString());
      if (match === null)
        throw new IdentityError("bad-token", "The authorization header carries no bearer token");
      return { ...(await this.#tokens.verify(match[1] ?? "")), proof: "token" };
    }
    if (certificate === undefined)
      throw new IdentityError("bad-token", "Neither a token nor a client certificate");
    const { namespace, serviceAccount } = peerIdentity(certificate, this.#trustDomain, this.#clock);
    return { namespace, serviceAccount, podName: "", podUid: "", node: "", proof: "certificate" };
  }
}
