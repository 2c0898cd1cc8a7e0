import "reflect-metadata";
import { randomBytes, webcrypto } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as x509 from "@peculiar/x509";
import { generateKey, type SigningCertificate } from "@ambit/identity/x509.ts";
import type { Credentials } from "./raw-client.ts";
import type { World } from "./world.ts";

x509.cryptoProvider.set(webcrypto);

const SIGNING = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const HOUR_MS = 3_600_000;

/** Purposes a certificate may state (RFC 5280, section 4.2.1.12). */
export const PURPOSE = { server: "1.3.6.1.5.5.7.3.1", client: "1.3.6.1.5.5.7.3.2" } as const;

export interface OddLeaf {
  readonly names: x509.JsonGeneralNames;
  /** @default empty */
  readonly subject?: string;
  /** @default both */
  readonly purposes?: readonly string[];
}

/** What the mesh's ca signs with: an attacker who has this has won already; here it makes what the ca would never make. */
export function signerOf(world: World): SigningCertificate {
  const folder = join(world.state, "ca");
  const { signing } = JSON.parse(readFileSync(join(folder, "state.json"), "utf8")) as { signing: string };
  return {
    certificate: readFileSync(join(folder, `${signing}.pem`), "utf8"),
    privateKey: readFileSync(join(folder, `${signing}.key`), "utf8"),
  };
}

/** A certificate under the mesh's own root that is not as certificates of the mesh are. */
export async function oddCredentials(world: World, leaf: OddLeaf): Promise<Credentials> {
  const signer = signerOf(world);
  const { privateKey, publicKey } = await generateKey();
  const certificate = await sign(signer, publicKey, leaf.subject ?? "", [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([...(leaf.purposes ?? [PURPOSE.server, PURPOSE.client])]),
    ...(leaf.names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(leaf.names, true)]),
  ]);
  return { chain: `${certificate}${signer.certificate}`, key: privateKey };
}

/** A right leaf behind a tangle of authorities of one name that sign each other, for the verifier to get lost in. */
export async function tangledCredentials(uri: string, authorities: number): Promise<Credentials> {
  const name = "O=tangle";
  const keys = await Promise.all(Array.from({ length: authorities }, () => generateKey()));
  const [first] = keys;
  if (first === undefined) throw new RangeError("No authority");
  const tangle = await Promise.all(
    keys.map(({ publicKey }, index) =>
      sign(
        { certificate: "", privateKey: keys[(index + 1) % keys.length]?.privateKey ?? "" },
        publicKey,
        name,
        [new x509.BasicConstraintsExtension(true, undefined, true)],
        name,
      ),
    ),
  );
  const { privateKey, publicKey } = await generateKey();
  const leaf = await sign(
    { certificate: "", privateKey: first.privateKey },
    publicKey,
    "",
    [new x509.SubjectAlternativeNameExtension([{ type: "url", value: uri }], true)],
    name,
  );
  return { chain: [leaf, ...tangle].join(""), key: privateKey };
}

/** A server's certificate under the mesh's root for these DNS names. */
export function serverCredentials(world: World, dnsNames: readonly string[]): Promise<Credentials> {
  return oddCredentials(world, {
    names: [
      { type: "url", value: "spiffe://cluster.local/ns/default/sa/client" },
      ...dnsNames.map((value) => ({ type: "dns" as const, value })),
    ],
  });
}

async function sign(
  signer: SigningCertificate,
  publicKey: Uint8Array,
  subject: string,
  extensions: x509.Extension[],
  issuer = signer.certificate === "" ? "" : new x509.X509Certificate(signer.certificate).subject,
): Promise<string> {
  const [block = ""] = x509.PemConverter.decode(signer.privateKey).map((bytes) => Buffer.from(bytes));
  const now = Date.now();
  const created = await x509.X509CertificateGenerator.create(
    {
      serialNumber: randomBytes(12).toString("hex"),
      subject,
      issuer,
      publicKey: new x509.PublicKey(Uint8Array.from(publicKey)),
      signingKey: await webcrypto.subtle.importKey("pkcs8", Buffer.from(block), SIGNING, false, ["sign"]),
      signingAlgorithm: SIGNING,
      notBefore: new Date(now - HOUR_MS),
      notAfter: new Date(now + HOUR_MS),
      extensions,
    },
    webcrypto,
  );
  return `${created.toString("pem").trimEnd()}\n`;
}
