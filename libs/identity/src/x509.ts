import "reflect-metadata";
import { createPrivateKey, createPublicKey, webcrypto, X509Certificate, type KeyObject } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { IdentityError } from "./identity-error.ts";
import { toPem } from "./pem.ts";

x509.cryptoProvider.set(webcrypto);

const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
const CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";

const EC_P256 = { name: "ECDSA", namedCurve: "P-256" } as const;

/** A certificate with the key that belongs to it; both PEM, the key PKCS#8. */
export interface SigningCertificate {
  readonly certificate: string;
  readonly privateKey: string;
}

export interface CertificateValidity {
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
}

export interface LeafRequest extends CertificateValidity {
  /** SPKI DER. */
  readonly publicKey: Uint8Array;
  /** The one URI subject alternative name. */
  readonly uri: string;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  /** Upper-case hexadecimal. */
  readonly serial: string;
}

/** A fresh ECDSA P-256 key as PKCS#8 PEM, with its SPKI bytes. */
export async function generateKey(): Promise<{ privateKey: string; publicKey: Uint8Array }> {
  const pair = await webcrypto.subtle.generateKey(EC_P256, true, ["sign", "verify"]);
  return {
    privateKey: toPem(
      "PRIVATE KEY",
      new Uint8Array(await webcrypto.subtle.exportKey("pkcs8", pair.privateKey)),
    ),
    publicKey: new Uint8Array(await webcrypto.subtle.exportKey("spki", pair.publicKey)),
  };
}

/** A self-signed root with a fresh key. */
export async function createRoot(
  name: string,
  serial: string,
  validity: CertificateValidity,
): Promise<SigningCertificate> {
  const { privateKey, publicKey } = await generateKey();
  const certificate = await build({
    subject: `O=${name}`,
    issuer: `O=${name}`,
    publicKey,
    signer: privateKey,
    serial,
    validity,
    extensions: await caExtensions(publicKey, 1),
  });
  return { certificate, privateKey };
}

/** An intermediate with a fresh key, signed by `root`. */
export async function createIntermediate(
  root: SigningCertificate,
  name: string,
  serial: string,
  validity: CertificateValidity,
): Promise<SigningCertificate> {
  const { privateKey, publicKey } = await generateKey();
  const parent = new x509.X509Certificate(root.certificate);
  const certificate = await build({
    subject: `O=${name}`,
    issuer: parent.subject,
    publicKey,
    signer: root.privateKey,
    serial,
    validity,
    extensions: [...(await caExtensions(publicKey, 0)), await authorityKey(parent)],
  });
  return { certificate, privateKey };
}

/** A workload's certificate: empty subject, so the alternative names are critical (RFC 5280, 4.2.1.6). */
export async function createLeaf(issuer: SigningCertificate, leaf: LeafRequest): Promise<string> {
  const parent = new x509.X509Certificate(issuer.certificate);
  const names: x509.JsonGeneralName[] = [
    { type: "url", value: leaf.uri },
    ...leaf.dnsNames.map((value): x509.JsonGeneralName => ({ type: "dns", value })),
    ...leaf.ipAddresses.map((value): x509.JsonGeneralName => ({ type: "ip", value })),
  ];
  return build({
    subject: "",
    issuer: parent.subject,
    publicKey: leaf.publicKey,
    signer: issuer.privateKey,
    serial: leaf.serial,
    validity: leaf,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment,
        true,
      ),
      new x509.ExtendedKeyUsageExtension([SERVER_AUTH, CLIENT_AUTH]),
      new x509.SubjectAlternativeNameExtension(names, true),
      await authorityKey(parent),
    ],
  });
}

interface Plan {
  readonly subject: string;
  readonly issuer: string;
  readonly publicKey: Uint8Array;
  readonly signer: string;
  readonly serial: string;
  readonly validity: CertificateValidity;
  readonly extensions: x509.Extension[];
}

async function build(plan: Plan): Promise<string> {
  const { key, algorithm } = await importSigner(plan.signer);
  const created = await x509.X509CertificateGenerator.create(
    {
      serialNumber: plan.serial,
      subject: plan.subject,
      issuer: plan.issuer,
      publicKey: new x509.PublicKey(Uint8Array.from(plan.publicKey)),
      signingKey: key,
      signingAlgorithm: algorithm,
      notBefore: new Date(plan.validity.notBefore),
      notAfter: new Date(plan.validity.notAfter),
      extensions: plan.extensions,
    },
    webcrypto,
  );
  return `${created.toString("pem").trimEnd()}\n`;
}

async function caExtensions(publicKey: Uint8Array, pathLength: number): Promise<x509.Extension[]> {
  return [
    new x509.BasicConstraintsExtension(true, pathLength, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    await x509.SubjectKeyIdentifierExtension.create(
      new x509.PublicKey(Uint8Array.from(publicKey)),
      false,
      webcrypto,
    ),
  ];
}

function authorityKey(parent: x509.X509Certificate): Promise<x509.Extension> {
  return x509.AuthorityKeyIdentifierExtension.create(parent.publicKey, false, webcrypto);
}

type Algorithm = { name: string; hash: string; namedCurve?: string };

async function importSigner(pem: string): Promise<{ key: webcrypto.CryptoKey; algorithm: Algorithm }> {
  const key = readPrivateKey(pem);
  const algorithm = signingAlgorithm(key);
  const der = key.export({ format: "der", type: "pkcs8" });
  return { key: await webcrypto.subtle.importKey("pkcs8", der, algorithm, false, ["sign"]), algorithm };
}

function signingAlgorithm(key: KeyObject): Algorithm {
  if (key.asymmetricKeyType === "rsa") return { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  const curve = key.asymmetricKeyDetails?.namedCurve ?? "";
  if (curve === "prime256v1") return { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  if (curve === "secp384r1") return { name: "ECDSA", namedCurve: "P-384", hash: "SHA-384" };
  throw new IdentityError(
    "bad-certificate",
    "Cannot sign: the key is neither RSA nor ECDSA on P-256 or P-384",
  );
}

/** Reads a PEM private key of any form Node knows. Throws an IdentityError without showing it. */
export function readPrivateKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw new IdentityError("bad-certificate", "Cannot read the private key: not a PEM key");
  }
}

/** Reads one PEM certificate. Throws an IdentityError. */
export function readCertificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new IdentityError("bad-certificate", "Cannot read the certificate", { cause });
  }
}

/** True when the key signs for the certificate. */
export function keyBelongsTo(certificate: X509Certificate, privateKey: KeyObject): boolean {
  return certificate.checkPrivateKey(privateKey) && createPublicKey(privateKey).equals(certificate.publicKey);
}
