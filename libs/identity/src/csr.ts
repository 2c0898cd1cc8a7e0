import "reflect-metadata";
import { createPublicKey, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { IdentityError } from "./identity-error.ts";
import { pemBlocks } from "./pem.ts";
import { generateKey, readPrivateKey } from "./x509.ts";

/** Longest request that is looked at, in characters. */
export const MAX_CSR_CHARS = 16_384;

const SIGNING = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const CURVES: readonly string[] = ["prime256v1", "secp384r1"];
const MIN_RSA_BITS = 2048;
const MAX_RSA_BITS = 8192;
/** An exponent of one makes every signature verify; a huge one makes verifying expensive. */
const RSA_EXPONENTS = { min: 3n, max: 0xffff_ffffn } as const;

/** A fresh key and its request: ECDSA P-256, empty subject, one URI name. */
export async function createCsr(uri: string): Promise<{ csr: string; privateKey: string }> {
  const { privateKey } = await generateKey();
  const key = readPrivateKey(privateKey);
  const der = key.export({ format: "der", type: "pkcs8" });
  const publicDer = createPublicKey(key).export({ format: "der", type: "spki" });
  const keys = {
    privateKey: await webcrypto.subtle.importKey("pkcs8", der, SIGNING, false, ["sign"]),
    publicKey: await webcrypto.subtle.importKey("spki", publicDer, SIGNING, true, ["verify"]),
  };
  const request = await x509.Pkcs10CertificateRequestGenerator.create(
    {
      name: "",
      keys,
      signingAlgorithm: SIGNING,
      extensions: [new x509.SubjectAlternativeNameExtension([{ type: "url", value: uri }], true)],
    },
    webcrypto,
  );
  return { csr: `${request.toString("pem").trimEnd()}\n`, privateKey };
}

/**
 * Takes a request apart: its public key, after the signature proved that the caller holds the private one. Nothing
 * else of it is used. Throws an IdentityError `bad-csr`.
 */
export async function verifyCsr(pem: string): Promise<{ publicKey: Uint8Array }> {
  if (pem.length > MAX_CSR_CHARS) throw bad(`longer than ${MAX_CSR_CHARS} characters`);
  const [block] = pemBlocks(pem, "CERTIFICATE REQUEST");
  if (block === undefined) throw bad("no PEM block CERTIFICATE REQUEST");
  let request: x509.Pkcs10CertificateRequest;
  let publicKey: Uint8Array;
  try {
    request = new x509.Pkcs10CertificateRequest(block);
    publicKey = new Uint8Array(request.publicKey.rawData);
  } catch (cause) {
    throw bad("it does not parse", cause);
  }
  checkKey(publicKey);
  let proven = false;
  try {
    proven = await request.verify(webcrypto);
  } catch (cause) {
    throw bad("its signature cannot be checked", cause);
  }
  if (!proven) throw bad("its signature does not verify");
  return { publicKey };
}

function checkKey(spki: Uint8Array): void {
  let key: ReturnType<typeof createPublicKey>;
  try {
    key = createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" });
  } catch (cause) {
    throw bad("its key does not parse", cause);
  }
  const { namedCurve = "", modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === "ec" && CURVES.includes(namedCurve)) return;
  const isRsa =
    key.asymmetricKeyType === "rsa" &&
    modulusLength >= MIN_RSA_BITS &&
    modulusLength <= MAX_RSA_BITS &&
    publicExponent >= RSA_EXPONENTS.min &&
    publicExponent <= RSA_EXPONENTS.max;
  if (isRsa) return;
  throw bad(
    `a key of type ${key.asymmetricKeyType ?? "unknown"} ${namedCurve}${modulusLength || ""} is not accepted`,
  );
}

function bad(why: string, cause?: unknown): IdentityError {
  return new IdentityError(
    "bad-csr",
    `Cannot use the certificate request: ${why}`,
    cause === undefined ? {} : { cause },
  );
}
