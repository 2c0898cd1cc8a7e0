import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  exportJWK,
  exportPKCS8,
  generateKeyPair,
  importPKCS8,
  SignJWT,
  type CryptoKey,
  type JWK,
} from "jose";
import type { Clock } from "@ambit/base/clock.ts";
import { writeFileAtomic } from "@ambit/base/files.ts";

/** `iss` of every local token; the same as an API server's default. */
export const LOCAL_ISSUER = "https://kubernetes.default.svc.cluster.local";

const ALGORITHM = "ES256";

/** What a token is bound to. */
export interface TokenRequest {
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly podName: string;
  readonly podUid: string;
  /** Empty when it is bound to no node. */
  readonly node: string;
  readonly audience: string;
  readonly lifetimeSeconds: number;
}

/** Plays the API server's TokenRequest where there is no API server: a key of its own, and its public half as JWKS. */
export class TokenIssuer {
  readonly #key: CryptoKey;
  readonly #keyId: string;
  readonly #clock: Clock;

  private constructor(key: CryptoKey, keyId: string, clock: Clock) {
    this.#key = key;
    this.#keyId = keyId;
    this.#clock = clock;
  }

  /** Opens the issuer of `folder`, making `issuer-key.json` (0600) and `jwks.json` there the first time. */
  static async open(folder: string, deps: { clock: Clock }): Promise<TokenIssuer> {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, "issuer-key.json");
    if (!existsSync(path)) await createKey(path, deps.clock);
    const stored = JSON.parse(readFileSync(path, "utf8")) as { kid: string; pkcs8: string };
    const key = await importPKCS8(stored.pkcs8, ALGORITHM, { extractable: true });
    // Also when the key was there: a crash may have come between the two files.
    await publishKey(join(folder, "jwks.json"), key, stored.kid);
    return new TokenIssuer(key, stored.kid, deps.clock);
  }

  /** A bound service-account token with the claims Kubernetes uses. */
  mint(request: TokenRequest): Promise<string> {
    const now = Math.floor(this.#clock.now() / 1000);
    const { namespace, serviceAccount, podName, podUid, node } = request;
    const bound = {
      namespace,
      ...(node === "" ? {} : { node: { name: node } }),
      pod: { name: podName, uid: podUid },
      serviceaccount: { name: serviceAccount, uid: `${namespace}-${serviceAccount}` },
    };
    return new SignJWT({ "kubernetes.io": bound })
      .setProtectedHeader({ alg: ALGORITHM, kid: this.#keyId })
      .setIssuer(LOCAL_ISSUER)
      .setSubject(`system:serviceaccount:${namespace}:${serviceAccount}`)
      .setAudience([request.audience])
      .setIssuedAt(now)
      .setExpirationTime(now + request.lifetimeSeconds)
      .sign(this.#key);
  }
}

async function createKey(path: string, clock: Clock): Promise<void> {
  const pair = await generateKeyPair(ALGORITHM, { extractable: true });
  const kid = `local-${clock.now().toString(36)}`;
  writeFileAtomic(path, JSON.stringify({ kid, pkcs8: await exportPKCS8(pair.privateKey) }), 0o600);
}

async function publishKey(path: string, key: CryptoKey, kid: string): Promise<void> {
  const { kty = "", crv = "", x = "", y = "" } = await exportJWK(key);
  const jwk: JWK = { kty, crv, x, y, kid, alg: ALGORITHM, use: "sig" };
  writeFileAtomic(path, JSON.stringify({ keys: [jwk] }), 0o644);
}
