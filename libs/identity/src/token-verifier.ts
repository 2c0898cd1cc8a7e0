import { readFileSync, statSync } from "node:fs";
import {
  createLocalJWKSet,
  jwtVerify,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
} from "jose";
import type { Clock } from "@ambit/base/clock.ts";
import { IdentityError } from "./identity-error.ts";

/** Who a token proves. */
export interface TokenIdentity {
  readonly namespace: string;
  readonly serviceAccount: string;
  /** Empty when the token is not bound to a pod. */
  readonly podName: string;
  readonly podUid: string;
  /** Empty when the token is not bound to a node. */
  readonly node: string;
}

/** Proves tokens; a Kubernetes TokenReview can stand in for the local one. */
export interface TokenVerifier {
  /** Throws an IdentityError `bad-token`. */
  verify(token: string): Promise<TokenIdentity>;
}

export interface LocalTokenOptions {
  /** JWKS file, read again when it changes. */
  readonly jwksPath: string;
  readonly issuer: string;
  readonly audience: string;
}

/** Longest token that is looked at. */
const MAX_TOKEN_CHARS = 16_384;

const LEEWAY_SECONDS = 60;

/** Verifies bound service-account tokens against a JWKS file. */
export class LocalTokenVerifier implements TokenVerifier {
  readonly #options: LocalTokenOptions;
  readonly #clock: Clock;
  #keys: JWTVerifyGetKey | undefined;
  #readAt = "";

  constructor(options: LocalTokenOptions, deps: { clock: Clock }) {
    this.#options = options;
    this.#clock = deps.clock;
  }

  async verify(token: string): Promise<TokenIdentity> {
    if (token.length > MAX_TOKEN_CHARS)
      throw new IdentityError("bad-token", "Cannot verify the token: too long");
    let payload: JWTPayload;
    try {
      ({ payload } = await jwtVerify(token, this.#currentKeys(), {
        issuer: this.#options.issuer,
        audience: this.#options.audience,
        algorithms: ["ES256", "RS256"],
        requiredClaims: ["exp", "sub"],
        clockTolerance: LEEWAY_SECONDS,
        currentDate: new Date(this.#clock.now()),
      }));
    } catch (cause) {
      throw new IdentityError("bad-token", "Cannot verify the token", { cause });
    }
    return identityOf(payload);
  }

  #currentKeys(): JWTVerifyGetKey {
    const { mtimeMs, ino, size } = statSync(this.#options.jwksPath);
    const stamp = `${mtimeMs}/${ino}/${size}`;
    if (this.#keys === undefined || stamp !== this.#readAt) {
      this.#keys = createLocalJWKSet(
        JSON.parse(readFileSync(this.#options.jwksPath, "utf8")) as JSONWebKeySet,
      );
      this.#readAt = stamp;
    }
    return this.#keys;
  }
}

function identityOf(payload: JWTPayload): TokenIdentity {
  const match = /^system:serviceaccount:([a-z0-9.-]+):([a-z0-9.-]+)$/.exec(payload.sub ?? "");
  if (match === null)
    throw new IdentityError("bad-token", "Cannot use the token: its subject is no service account");
  const [, namespace = "", serviceAccount = ""] = match;
  const bound = record(payload["kubernetes.io"]);
  const claimed = text(bound["namespace"]);
  const account = text(record(bound["serviceaccount"])["name"]);
  if ((claimed !== "" && claimed !== namespace) || (account !== "" && account !== serviceAccount)) {
    throw new IdentityError("bad-token", "Cannot use the token: its claims contradict its subject");
  }
  const pod = record(bound["pod"]);
  return {
    namespace,
    serviceAccount,
    podName: text(pod["name"]),
    podUid: text(pod["uid"]),
    node: text(record(bound["node"])["name"]),
  };
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
