import { X509Certificate } from "node:crypto";
import { IdentityError } from "./identity-error.ts";
import { pemBlocks } from "./pem.ts";
import { TrustBundle } from "./trust-bundle.ts";
import { readCertificate } from "./x509.ts";

/** An identity in use: chain, key and what it trusts, with the times that matter. */
export interface WorkloadCertificate {
  /** SPIFFE URI. */
  readonly identity: string;
  /** PEM: leaf, then intermediates. */
  readonly chain: string;
  /** PEM, PKCS#8. */
  readonly privateKey: string;
  /** PEM of all roots. */
  readonly roots: string;
  /** Upper-case hexadecimal. */
  readonly serial: string;
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/** Puts a certificate together from a CA's answer (leaf, intermediates, roots last). Throws an IdentityError. */
export function assembleCertificate(
  identity: string,
  privateKey: string,
  answer: readonly string[],
): WorkloadCertificate {
  if (answer.length < 2)
    throw new IdentityError("ca-refused", "Cannot use the CA's answer: it carries no roots");
  const [leafPem = ""] = answer;
  const leaf = readCertificate(leafPem);
  const roots = TrustBundle.parse(answer.at(-1) ?? "").pem;
  return {
    identity,
    chain: answer
      .slice(0, -1)
      .map((block) => `${block.trimEnd()}\n`)
      .join(""),
    privateKey,
    roots,
    serial: leaf.serialNumber,
    notBefore: leaf.validFromDate.getTime(),
    notAfter: leaf.validToDate.getTime(),
  };
}

/** What status pages show of each certificate of a chain: never the key. */
export interface CertificateFacts {
  /** Decimal. */
  readonly serialNumber: string;
  /** ISO times. */
  readonly validFrom: string;
  readonly expirationTime: string;
  /** Base64 of the PEM. */
  readonly pem: string;
}

export function certificateFacts(pem: string): readonly CertificateFacts[] {
  return pemBlocks(pem, "CERTIFICATE").map((block) => {
    const certificate = new X509Certificate(block);
    return {
      serialNumber: BigInt(`0x${certificate.serialNumber}`).toString(10),
      validFrom: certificate.validFromDate.toISOString(),
      expirationTime: certificate.validToDate.toISOString(),
      pem: Buffer.from(block).toString("base64"),
    };
  });
}
