import "reflect-metadata";
import { generateKeyPairSync, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { expect, test } from "vitest";
import { uriSans } from "./alternative-names.ts";
import { createCsr, MAX_CSR_CHARS, verifyCsr } from "./csr.ts";
import { pemBytes, toPem } from "./pem.ts";
import {
  createIntermediate,
  createLeaf,
  createRoot,
  keyBelongsTo,
  readCertificate,
  readPrivateKey,
} from "./x509.ts";

const ID = "spiffe://cluster.local/ns/a/sa/b";
const DAY = 86_400_000;
const NOW = Date.UTC(2026, 5, 1);

test("createCsr() makes what verifyCsr() accepts, for the same key", async () => {
  const { csr, privateKey } = await createCsr(ID);
  const { publicKey } = await verifyCsr(csr);
  const root = await createRoot("test", "01", { notBefore: NOW - DAY, notAfter: NOW + DAY });
  const leaf = await createLeaf(root, {
    publicKey,
    uri: ID,
    dnsNames: [],
    ipAddresses: [],
    serial: "0A",
    notBefore: NOW,
    notAfter: NOW + DAY,
  });
  expect(keyBelongsTo(readCertificate(leaf), readPrivateKey(privateKey))).toBe(true);
});

test("createLeaf() chains to its root through an intermediate and carries one URI", async () => {
  const validity = { notBefore: NOW - DAY, notAfter: NOW + DAY };
  const root = await createRoot("root", "01", validity);
  const intermediate = await createIntermediate(root, "intermediate", "02", validity);
  const { csr } = await createCsr(ID);
  const { publicKey } = await verifyCsr(csr);
  const pem = await createLeaf(intermediate, {
    publicKey,
    uri: ID,
    dnsNames: ["x.svc"],
    ipAddresses: ["10.0.0.1"],
    serial: "FF01",
    ...validity,
  });
  const leaf = readCertificate(pem);
  expect(uriSans(leaf)).toEqual([ID]);
  expect(leaf.subjectAltName).toBe(`URI:${ID}, DNS:x.svc, IP Address:10.0.0.1`);
  expect(leaf.subject).toBeUndefined();
  expect(leaf.ca).toBe(false);
  expect(leaf.serialNumber).toBe("FF01");
  expect(leaf.verify(readCertificate(intermediate.certificate).publicKey)).toBe(true);
  expect(readCertificate(intermediate.certificate).verify(readCertificate(root.certificate).publicKey)).toBe(
    true,
  );
});

test("createLeaf() signs with a plugged-in RSA key", async () => {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const root = await createRoot("root", "01", { notBefore: NOW, notAfter: NOW + DAY });
  const rsa = {
    certificate: root.certificate,
    privateKey: privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
  };
  const { publicKey } = await verifyCsr((await createCsr(ID)).csr);
  const leaf = readCertificate(
    await createLeaf(rsa, {
      publicKey,
      uri: ID,
      dnsNames: [],
      ipAddresses: [],
      serial: "01",
      notBefore: NOW,
      notAfter: NOW + DAY,
    }),
  );
  expect(leaf.verify(readCertificate(root.certificate).publicKey)).toBe(false);
  expect(leaf.subjectAltName).toBe(`URI:${ID}`);
});

test("verifyCsr() refuses a request whose signature was tampered with", async () => {
  const { csr } = await createCsr(ID);
  const bytes = pemBytes(csr);
  const last = bytes.length - 1;
  bytes[last] = (bytes[last] ?? 0) ^ 1;
  await expect(verifyCsr(toPem("CERTIFICATE REQUEST", bytes))).rejects.toMatchObject({ code: "bad-csr" });
});

test.each([
  ["nothing", ""],
  ["another block", toPem("CERTIFICATE", Buffer.from("x"))],
  ["garbage in the right block", toPem("CERTIFICATE REQUEST", Buffer.from("garbage"))],
  ["too much", `${"x".repeat(MAX_CSR_CHARS)}!`],
])("verifyCsr() refuses %s", async (_name, pem) => {
  await expect(verifyCsr(pem)).rejects.toMatchObject({ code: "bad-csr" });
});

interface KeyKind {
  readonly name: string;
  readonly namedCurve?: string;
  readonly hash?: string;
  readonly modulusLength?: number;
  readonly publicExponent?: Uint8Array;
}

type KeyPair = webcrypto.CryptoKeyPair;

async function keysOf(kind: KeyKind): Promise<KeyPair> {
  return (await webcrypto.subtle.generateKey(kind, true, ["sign", "verify"])) as KeyPair;
}

async function requestWith(
  kind: KeyKind,
  extensions: x509.Extension[] = [],
  keys?: KeyPair,
): Promise<string> {
  const request = await x509.Pkcs10CertificateRequestGenerator.create(
    {
      name: "CN=admin",
      keys: keys ?? (await keysOf(kind)),
      signingAlgorithm: { hash: "SHA-256", ...kind },
      extensions,
    },
    webcrypto,
  );
  return request.toString("pem");
}

const RSA = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", publicExponent: new Uint8Array([1, 0, 1]) };

test.each([
  ["ECDSA on P-521", { name: "ECDSA", namedCurve: "P-521" }],
  ["Ed25519", { name: "Ed25519" }],
  ["RSA of 1024 bits", { ...RSA, modulusLength: 1024 }],
])("verifyCsr() refuses a key of kind %s", async (_name, algorithm) => {
  await expect(requestWith(algorithm).then(verifyCsr)).rejects.toMatchObject({ code: "bad-csr" });
});

test.each([
  ["one", Buffer.from([1])],
  ["2^32 + 15", Buffer.from([1, 0, 0, 0, 15])],
])(
  "verifyCsr() refuses an RSA key whose exponent is %s, before it verifies with it",
  async (_name, exponent) => {
    const kind = { ...RSA, modulusLength: 2048 };
    const { privateKey, publicKey } = await keysOf(kind);
    const jwk = await webcrypto.subtle.exportKey("jwk", publicKey);
    const bent = { ...jwk, e: exponent.toString("base64url") };
    const keys = {
      privateKey,
      publicKey: await webcrypto.subtle.importKey("jwk", bent, kind, true, ["verify"]),
    };
    await expect(requestWith(kind, [], keys).then(verifyCsr)).rejects.toMatchObject({
      code: "bad-csr",
      message: /type rsa/,
    });
  },
);

test.each([
  ["ECDSA on P-384", { name: "ECDSA", namedCurve: "P-384" }],
  ["RSA of 2048 bits", { ...RSA, modulusLength: 2048 }],
])("verifyCsr() accepts a key of kind %s", async (_name, algorithm) => {
  await expect(requestWith(algorithm).then(verifyCsr)).resolves.toBeDefined();
});

test("verifyCsr() gives nothing but the key of a request that asks to be an authority of other names", async () => {
  const greedy = await requestWith({ name: "ECDSA", namedCurve: "P-256" }, [
    new x509.BasicConstraintsExtension(true, 3, true),
    new x509.SubjectAlternativeNameExtension([{ type: "dns", value: "ca.ambit-system.svc" }], true),
  ]);
  const proven = await verifyCsr(greedy);
  expect(Object.keys(proven)).toEqual(["publicKey"]);
  const validity = { notBefore: NOW - DAY, notAfter: NOW + DAY };
  const leaf = readCertificate(
    await createLeaf(await createRoot("root", "01", validity), {
      ...proven,
      uri: ID,
      dnsNames: [],
      ipAddresses: [],
      serial: "02",
      ...validity,
    }),
  );
  expect(leaf.ca).toBe(false);
  expect(leaf.subjectAltName).toBe(`URI:${ID}`);
  expect(leaf.subject).toBeUndefined();
});

test("verifyCsr() refuses a request whose key was exchanged for another's", async () => {
  const mine = pemBytes((await createCsr(ID)).csr);
  const other = pemBytes((await createCsr(ID)).csr);
  // Both have the same layout; the 64 bytes of the point follow the mark of an uncompressed one.
  const mark = Buffer.from("03420004", "hex");
  other.copy(mine, mine.indexOf(mark) + 4, other.indexOf(mark) + 4, other.indexOf(mark) + 68);
  await expect(verifyCsr(toPem("CERTIFICATE REQUEST", mine))).rejects.toMatchObject({ code: "bad-csr" });
});
