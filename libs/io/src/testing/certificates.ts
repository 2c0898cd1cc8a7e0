import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { systemClock } from "@ambit/base/clock.ts";
import type { TlsMaterial } from "../driver.ts";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const DAY_MS = 86_400_000;

/** A certificate authority that lives as long as a test. */
export interface TestAuthority {
  readonly roots: string;
  /** An identity for `uri`; its certificate is valid from a day ago until `notAfter`. */
  issue(uri: string, notAfter?: Date): Promise<TlsMaterial>;
}

/** Makes an authority with an ECDSA P-256 key. */
export async function testAuthority(name = "test root"): Promise<TestAuthority> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const root = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: `CN=${name}`,
      keys,
      notBefore: new Date(systemClock.now() - 2 * DAY_MS),
      notAfter: new Date(systemClock.now() + DAY_MS),
      signingAlgorithm: ALGORITHM,
      extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
    },
    webcrypto,
  );
  const roots = root.toString("pem");
  return { roots, issue: (uri, notAfter) => issueLeaf(root, keys.privateKey, roots, uri, notAfter) };
}

async function issueLeaf(
  root: x509.X509Certificate,
  signingKey: webcrypto.CryptoKey,
  roots: string,
  uri: string,
  notAfter = new Date(systemClock.now() + DAY_MS / 2),
): Promise<TlsMaterial> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const leaf = await x509.X509CertificateGenerator.create(
    {
      serialNumber: "0badcafe01",
      subject: "CN=leaf",
      issuer: root.subject,
      publicKey: keys.publicKey,
      signingKey,
      notBefore: new Date(systemClock.now() - DAY_MS),
      notAfter,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new x509.SubjectAlternativeNameExtension([{ type: "url", value: uri }]),
        new x509.ExtendedKeyUsageExtension(["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]),
      ],
    },
    webcrypto,
  );
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
  const lines = pkcs8.match(/.{1,64}/g) ?? [];
  const privateKey = `-----BEGIN PRIVATE KEY-----\n${lines.join("\n")}\n-----END PRIVATE KEY-----\n`;
  return { certificateChain: leaf.toString("pem"), privateKey, roots };
}
