import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { IdentityError } from "@ambit/identity/identity-error.ts";
import { TokenIssuer, LOCAL_ISSUER, type TokenRequest } from "@ambit/identity/token-issuer.ts";
import { LocalTokenVerifier, type TokenIdentity } from "@ambit/identity/token-verifier.ts";
import type { Random } from "@ambit/base/random.ts";
import { attemptLater, must, mustEqual, type FuzzTarget } from "../target.ts";
import { once, pick, word } from "../words.ts";

const AUDIENCE = "istio-ca";

/** Service-account tokens: only who was given a token for this audience is believed to be anybody. */
export async function create(): Promise<FuzzTarget> {
  const folder = mkdtempSync(join(tmpdir(), "ambit-fuzz-jwt-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const clock = new FakeClock();
  const issuer = await TokenIssuer.open(folder, { clock });
  const stranger = await TokenIssuer.open(join(folder, "stranger"), { clock });
  const options = { jwksPath: join(folder, "jwks.json"), issuer: LOCAL_ISSUER, audience: AUDIENCE };
  const verifier = new LocalTokenVerifier(options, { clock });
  const requests = Array.from({ length: 8 }, (_, index) => request(index));
  const good = await Promise.all(requests.map((each) => issuer.mint(each)));
  const bad = [
    await stranger.mint(request(0)),
    await issuer.mint({ ...request(0), audience: "another" }),
    await issuer.mint({ ...request(0), lifetimeSeconds: -3_600 }),
    await issuer.mint({ ...request(0), namespace: "Not A Name" }),
  ];
  const names = new Set(requests.map((each) => name({ ...each })));
  return {
    valid: (random) => {
      const token = pick(random, once(random, 6) ? bad : good);
      return Buffer.from(once(random, 2) ? reassembled(token, pick(random, good), random) : token);
    },
    check: async (input) => {
      const token = Buffer.from(input).toString("latin1");
      const identity = await attemptLater(IdentityError, () => verifier.verify(token));
      if (identity === undefined) return;
      must("only who has a token is believed", names.has(name(identity)));
    },
    prove: async (random) => {
      const refused = await attemptLater(IdentityError, () => verifier.verify(pick(random, bad)));
      mustEqual("a token that proves nothing", refused, undefined);
    },
  };
}

function request(index: number): TokenRequest {
  return {
    namespace: `n${index % 3}`,
    serviceAccount: `s${index}`,
    podName: `p${index}`,
    podUid: `u${index}`,
    node: index % 2 === 0 ? "" : "node-a",
    audience: AUDIENCE,
    lifetimeSeconds: 3_600,
  };
}

function name(identity: TokenIdentity): string {
  const { namespace, serviceAccount, podName, podUid, node } = identity;
  return [namespace, serviceAccount, podName, podUid, node].join("/");
}

// Headers and claims stay readable, so that the damage goes deeper than the parser.
function reassembled(token: string, other: string, random: Random): string {
  const [header = "", payload = "", signature = ""] = token.split(".");
  const rest = other.split(".");
  switch (random.below(5)) {
    case 0:
      return [bent(header, random), payload, signature].join(".");
    case 1:
      return [header, bent(payload, random), signature].join(".");
    case 2:
      return [header, payload, rest[2]].join(".");
    case 3:
      return [Buffer.from('{"alg":"none"}').toString("base64url"), payload, ""].join(".");
    default:
      return [header, payload, signature, rest[1]].slice(0, 1 + random.below(4)).join(".");
  }
}

function bent(part: string, random: Random): string {
  const value = JSON.parse(Buffer.from(part, "base64url").toString()) as Record<string, unknown>;
  const key = once(random, 3)
    ? pick(random, ["alg", "kid", "crit", "b64", "sub", "exp"])
    : pick(random, Object.keys(value));
  value[key] = pick(random, [null, 0, -1, 1e308, "", "none", "HS256", "RS256", [], {}, ["x"], word(random)]);
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
