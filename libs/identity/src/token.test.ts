import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { LOCAL_ISSUER, TokenIssuer, type TokenRequest } from "./token-issuer.ts";
import { LocalTokenVerifier } from "./token-verifier.ts";

const folder = mkdtempSync(join(tmpdir(), "ambit-token-"));
const clock = new FakeClock();
const verifier = new LocalTokenVerifier(
  { jwksPath: join(folder, "jwks.json"), issuer: LOCAL_ISSUER, audience: "istio-ca" },
  { clock },
);
let issuer: TokenIssuer;

const REQUEST: TokenRequest = {
  namespace: "ambit-system",
  serviceAccount: "ztunnel",
  podName: "ztunnel-node-a",
  podUid: "uid-1",
  node: "node-a",
  audience: "istio-ca",
  lifetimeSeconds: 600,
};

beforeAll(async () => {
  issuer = await TokenIssuer.open(folder, { clock });
});
afterAll(() => rmSync(folder, { recursive: true }));

test("verify() gives back what mint() bound", async () => {
  const { namespace, serviceAccount, podName, podUid, node } = REQUEST;
  expect(await verifier.verify(await issuer.mint(REQUEST))).toEqual({
    namespace,
    serviceAccount,
    podName,
    podUid,
    node,
  });
});

test("open() keeps the key to its owner and finds it again", async () => {
  expect(statSync(join(folder, "issuer-key.json")).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(folder, "jwks.json"), "utf8")).not.toContain('"d"');
  const again = await TokenIssuer.open(folder, { clock });
  await expect(verifier.verify(await again.mint(REQUEST))).resolves.toBeDefined();
});

test("verify() refuses another audience", async () => {
  await expect(verifier.verify(await issuer.mint({ ...REQUEST, audience: "api" }))).rejects.toMatchObject({
    code: "bad-token",
  });
});

test("verify() refuses an expired token, with a leeway of a minute", async () => {
  const later = new FakeClock();
  const late = new LocalTokenVerifier(
    { jwksPath: join(folder, "jwks.json"), issuer: LOCAL_ISSUER, audience: "istio-ca" },
    { clock: later },
  );
  const token = await issuer.mint(REQUEST);
  later.jump(650_000);
  await expect(late.verify(token)).resolves.toBeDefined();
  later.jump(15_000);
  await expect(late.verify(token)).rejects.toMatchObject({ code: "bad-token" });
});

test("verify() refuses a token without an end, of a foreign key, or unsigned", async () => {
  const foreign = await generateKeyPair("ES256");
  const base = (): SignJWT =>
    new SignJWT({})
      .setProtectedHeader({ alg: "ES256" })
      .setIssuer(LOCAL_ISSUER)
      .setAudience("istio-ca")
      .setSubject("system:serviceaccount:a:b");
  const now = clock.now() / 1000;
  const unsigned = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${Buffer.from(JSON.stringify({ iss: LOCAL_ISSUER, aud: "istio-ca", sub: "system:serviceaccount:a:b", exp: now + 60 })).toString("base64url")}.`;
  for (const token of [
    await base().sign(foreign.privateKey),
    await base()
      .setExpirationTime(now + 60)
      .sign(foreign.privateKey),
    unsigned,
    "rubbish",
    "x".repeat(20_000),
  ]) {
    await expect(verifier.verify(token)).rejects.toMatchObject({ code: "bad-token" });
  }
});
