import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { createCsr, MAX_CSR_CHARS, verifyCsr } from "./csr.ts";
import { pemBytes, toPem } from "./pem.ts";
import {
  createIntermediate,
  createLeaf,
  createRoot,
  keyBelongsTo,
  readCertificate,
  readPrivateKey,
  uriSans,
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
