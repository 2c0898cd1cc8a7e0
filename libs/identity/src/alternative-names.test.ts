import "reflect-metadata";
import { webcrypto, X509Certificate } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { expect, test } from "vitest";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { uriSans } from "./alternative-names.ts";
import { peerIdentity } from "./peer-identity.ts";

const GOOD = "spiffe://cluster.local/ns/a/sa/b";
const clock = new FakeClock();

async function certificateWith(
  names: readonly x509.JsonGeneralName[],
  options: { readonly ca?: boolean; readonly notAfter?: number; readonly subject?: string } = {},
): Promise<X509Certificate> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const created = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: options.subject ?? "",
      keys,
      serialNumber: "01",
      signingAlgorithm: algorithm,
      notBefore: new Date(clock.now() - 1_000),
      notAfter: new Date(options.notAfter ?? clock.now() + 3_600_000),
      extensions: [
        new x509.BasicConstraintsExtension(options.ca ?? false, undefined, true),
        ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension([...names], true)]),
      ],
    },
    webcrypto,
  );
  return new X509Certificate(Buffer.from(created.rawData));
}

test("uriSans() gives the URIs between names of other kinds", async () => {
  const certificate = await certificateWith([
    { type: "dns", value: "x.svc" },
    { type: "url", value: GOOD },
    { type: "ip", value: "10.0.0.1" },
    { type: "url", value: "https://other/" },
  ]);
  expect(uriSans(certificate)).toEqual([GOOD, "https://other/"]);
});

test.each([
  `x, URI:${GOOD}, DNS:y`,
  `x", URI:${GOOD}, DNS:"y`,
  `x\\", URI:${GOOD}`,
  `x\0, URI:${GOOD}`,
  `x,URI:${GOOD}`,
])("uriSans() is not talked into a URI by the DNS name %j", async (value) => {
  expect(uriSans(await certificateWith([{ type: "dns", value }]))).toEqual([]);
});

test("uriSans() keeps a URI with separators in it as one name", async () => {
  const value = `${GOOD}, URI:spiffe://cluster.local/ns/x/sa/y`;
  expect(uriSans(await certificateWith([{ type: "url", value }]))).toEqual([value]);
});

test("peerIdentity() gives the one identity of a certificate", async () => {
  const certificate = await certificateWith([
    { type: "url", value: GOOD },
    { type: "dns", value: "x.svc" },
  ]);
  expect(peerIdentity(certificate.raw, "cluster.local", clock)).toEqual({
    trustDomain: "cluster.local",
    namespace: "a",
    serviceAccount: "b",
  });
});

test.each<[string, readonly x509.JsonGeneralName[], Parameters<typeof certificateWith>[1]]>([
  ["no name", [], {}],
  ["a common name only", [], { subject: `CN=${GOOD}` }],
  [
    "two URIs",
    [
      { type: "url", value: GOOD },
      { type: "url", value: "https://other/" },
    ],
    {},
  ],
  [
    "the same URI twice",
    [
      { type: "url", value: GOOD },
      { type: "url", value: GOOD },
    ],
    {},
  ],
  ["an identity as its DNS name", [{ type: "dns", value: GOOD }], {}],
  ["a NUL in the URI", [{ type: "url", value: `${GOOD}\0.evil` }], {}],
  ["another trust domain", [{ type: "url", value: "spiffe://evil/ns/a/sa/b" }], {}],
  ["more path", [{ type: "url", value: `${GOOD}/c` }], {}],
  ["an authority's rights", [{ type: "url", value: GOOD }], { ca: true }],
  ["an end that has passed", [{ type: "url", value: GOOD }], { notAfter: clock.now() - 1 }],
])("peerIdentity() refuses a certificate with %s", async (_name, names, options) => {
  const { raw } = await certificateWith(names, options);
  expect(() => peerIdentity(raw, "cluster.local", clock)).toThrow(
    expect.objectContaining({ code: "bad-certificate" }),
  );
});

test("peerIdentity() refuses bytes that are no certificate", () => {
  expect(() => peerIdentity(Buffer.from("rubbish"), "cluster.local", clock)).toThrow(
    expect.objectContaining({ code: "bad-certificate" }),
  );
});
