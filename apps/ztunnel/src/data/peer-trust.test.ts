import { X509Certificate } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import {
  createIntermediate,
  createLeaf,
  createRoot,
  generateKey,
  type SigningCertificate,
} from "@ambit/identity/x509.ts";
import { identity } from "../testing/build.ts";
import { PeerTrust } from "./peer-trust.ts";

const VALIDITY = { notBefore: Date.UTC(2026, 0, 1), notAfter: Date.UTC(2036, 0, 1) };

let oldRoot: SigningCertificate;
let newRoot: SigningCertificate;
let between: SigningCertificate;

async function leafOf(issuer: SigningCertificate): Promise<Uint8Array> {
  const { publicKey } = await generateKey();
  const leaf = { publicKey, uri: identity("web"), dnsNames: [], ipAddresses: [], serial: "0A", ...VALIDITY };
  return new X509Certificate(await createLeaf(issuer, leaf)).raw;
}

beforeAll(async () => {
  oldRoot = await createRoot("old", "01", VALIDITY);
  newRoot = await createRoot("new", "02", VALIDITY);
  between = await createIntermediate(oldRoot, "between", "03", VALIDITY);
});

test("after() has nothing to say when no root was removed", () => {
  const both = oldRoot.certificate + newRoot.certificate;
  expect(new PeerTrust().after(oldRoot.certificate, both)).toBeUndefined();
  expect(new PeerTrust().after(both, both)).toBeUndefined();
});

test("after() refuses leaves of a removed root and keeps the others", async () => {
  const both = oldRoot.certificate + newRoot.certificate;
  const isTrusted = new PeerTrust().after(both, newRoot.certificate);
  expect(isTrusted?.(await leafOf(oldRoot))).toBe(false);
  expect(isTrusted?.(await leafOf(newRoot))).toBe(true);
  expect(isTrusted?.(new Uint8Array([1, 2, 3]))).toBe(false);
});

test("after() finds the way through an intermediate it has learnt, and leaves an unknown issuer alone", async () => {
  const both = oldRoot.certificate + newRoot.certificate;
  const leaf = await leafOf(between);
  const ignorant = new PeerTrust();
  expect(ignorant.after(both, newRoot.certificate)?.(leaf)).toBe(true);
  const trust = new PeerTrust();
  trust.learn(oldRoot.certificate + between.certificate);
  expect(trust.after(both, newRoot.certificate)?.(leaf)).toBe(false);
  expect(trust.after(both, oldRoot.certificate)?.(leaf)).toBe(true);
});
