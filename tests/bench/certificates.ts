import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createCsr, verifyCsr } from "@ambit/identity/csr.ts";
import {
  createLeaf,
  createRoot,
  type CertificateValidity,
  type SigningCertificate,
} from "@ambit/identity/x509.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** A day ahead. Hardly back: half of it must not be past, or a ztunnel asks for the next certificate without end. */
export function benchValidity(): CertificateValidity {
  return { notBefore: Date.now() - MINUTE_MS, notAfter: Date.now() + DAY_MS };
}

/** The root in `folder` (`ca.pem`, `ca.key`), made when it is not there. */
export async function benchRoot(folder: string): Promise<SigningCertificate> {
  const [certificatePath, keyPath] = [join(folder, "ca.pem"), join(folder, "ca.key")];
  if (existsSync(keyPath)) {
    return {
      certificate: readFileSync(certificatePath, "utf8"),
      privateKey: readFileSync(keyPath, "utf8"),
    };
  }
  const root = await createRoot("bench", "01", benchValidity());
  writeFileSync(certificatePath, root.certificate);
  writeFileSync(keyPath, root.privateKey, { mode: 0o600 });
  return root;
}

/** Writes `client.pem`, `client.key` and `ca.pem` as a mesh's own authority makes them. */
export async function writeMeshCertificate(authority: SigningCertificate, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "ca.pem"), authority.certificate);
  await writeLeaf(authority, folder, "client", "10");
}

/** Writes `ca.pem` and a chain, key and bundle for the client and the server proxy of a peer: ECDSA P-256, SPIFFE URIs. */
export async function writeCertificates(folder: string): Promise<void> {
  const root = await benchRoot(folder);
  for (const [index, name] of ["client", "server"].entries())
    await writeLeaf(root, folder, name, `1${index}`);
}

async function writeLeaf(
  root: SigningCertificate,
  folder: string,
  name: string,
  serial: string,
): Promise<void> {
  const uri = `spiffe://cluster.local/ns/bench/sa/${name}`;
  const { csr, privateKey } = await createCsr(uri);
  const { publicKey } = await verifyCsr(csr);
  const named = { publicKey, uri, dnsNames: [], ipAddresses: [], serial, ...benchValidity() };
  const leaf = await createLeaf(root, named);
  writeFileSync(join(folder, `${name}.pem`), leaf);
  writeFileSync(join(folder, `${name}.key`), privateKey);
  writeFileSync(join(folder, `${name}.bundle.pem`), `${leaf}${privateKey}`);
}
