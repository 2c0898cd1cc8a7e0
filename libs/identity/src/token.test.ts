import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateKeyPair, importPKCS8, SignJWT, type JWTPayload } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
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

test("open() publishes the key again when a crash came between the two files", async () => {
  const other = mkdtempSync(join(tmpdir(), "ambit-token-"));
  try {
    await TokenIssuer.open(other, { clock });
    rmSync(join(other, "jwks.json"));
    const again = await TokenIssuer.open(other, { clock });
    const options = { jwksPath: join(other, "jwks.json"), issuer: LOCAL_ISSUER, audience: "istio-ca" };
    const late = new LocalTokenVerifier(options, { clock });
    await expect(late.verify(await again.mint(REQUEST))).resolves.toBeDefined();
    expect(readFileSync(options.jwksPath, "utf8")).not.toContain('"d"');
  } finally {
    rmSync(other, { recursive: true });
  }
});

test("verify() reads the keys again when their file changes", async () => {
  const other = mkdtempSync(join(tmpdir(), "ambit-token-"));
  try {
    const options = { jwksPath: join(other, "jwks.json"), issuer: LOCAL_ISSUER, audience: "istio-ca" };
    const first = await TokenIssuer.open(other, { clock });
    const watching = new LocalTokenVerifier(options, { clock });
    await watching.verify(await first.mint(REQUEST));
    rmSync(join(other, "issuer-key.json"));
    const second = await TokenIssuer.open(other, { clock });
    await expect(watching.verify(await second.mint(REQUEST))).resolves.toBeDefined();
    await expect(watching.verify(await first.mint(REQUEST))).rejects.toMatchObject({ code: "bad-token" });
  } finally {
    rmSync(other, { recursive: true });
  }
});

describe("a token signed by the right key", () => {
  const sign = async (claims: JWTPayload, header: { alg: string } = { alg: "ES256" }): Promise<string> => {
    const stored = JSON.parse(readFileSync(join(folder, "issuer-key.json"), "utf8")) as { pkcs8: string };
    const now = clock.now() / 1000;
    const usual = { iss: LOCAL_ISSUER, aud: "istio-ca", sub: "system:serviceaccount:a:b", exp: now + 60 };
    return new SignJWT({ ...usual, ...claims })
      .setProtectedHeader(header)
      .sign(await importPKCS8(stored.pkcs8, "ES256"));
  };

  test("is accepted in the shape of the others below", async () => {
    await expect(verifier.verify(await sign({}))).resolves.toMatchObject({ namespace: "a", podName: "" });
  });

  test.each<[string, JWTPayload]>([
    ["of another issuer", { iss: "https://elsewhere" }],
    ["for several others", { aud: ["api", "vault"] }],
    ["whose time has not come", { nbf: clock.now() / 1000 + 600 }],
    ["without an account", { sub: "system:node:node-a" }],
    ["with a subject of more parts", { sub: "system:serviceaccount:a:b:c" }],
    ["with a subject in capitals", { sub: "system:serviceaccount:A:b" }],
    ["bound to another namespace", { "kubernetes.io": { namespace: "other" } }],
    ["bound to another account", { "kubernetes.io": { namespace: "a", serviceaccount: { name: "c" } } }],
  ])("is refused when it is %s", async (_name, claims) => {
    await expect(sign(claims).then((token) => verifier.verify(token))).rejects.toMatchObject({
      code: "bad-token",
    });
  });

  test("is refused when somebody changes its claims", async () => {
    const [header = "", payload = "", signature = ""] = (await sign({})).split(".");
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as JWTPayload;
    const forged = Buffer.from(
      JSON.stringify({ ...claims, sub: "system:serviceaccount:ambit-system:ztunnel" }),
    );
    await expect(
      verifier.verify([header, forged.toString("base64url"), signature].join(".")),
    ).rejects.toMatchObject({ code: "bad-token" });
  });

  test("is refused when it is an HMAC under the public key", async () => {
    const jwks = readFileSync(join(folder, "jwks.json"));
    const forged = await new SignJWT({ sub: "system:serviceaccount:a:b" })
      .setProtectedHeader({ alg: "HS256" })
      .setIssuer(LOCAL_ISSUER)
      .setAudience("istio-ca")
      .setExpirationTime(clock.now() / 1000 + 60)
      .sign(jwks);
    await expect(verifier.verify(forged)).rejects.toMatchObject({ code: "bad-token" });
  });
});
