import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createCsr, verifyCsr } from "@ambit/identity/csr.ts";
import { createLeaf, createRoot } from "@ambit/identity/x509.ts";

const DAY_MS = 86_400_000;

/** Writes `ca.pem` and a chain, key and bundle for the client and the server proxy of a peer: ECDSA P-256, SPIFFE URIs. */
export async function writeCertificates(folder: string): Promise<void> {
  const validity = { notBefore: Date.now() - DAY_MS, notAfter: Date.now() + DAY_MS };
  const root = await createRoot("bench", "01", validity);
  writeFileSync(join(folder, "ca.pem"), root.certificate);
  for (const [index, name] of ["client", "server"].entries()) {
    const uri = `spiffe://cluster.local/ns/bench/sa/${name}`;
    const { csr, privateKey } = await createCsr(uri);
    const { publicKey } = await verifyCsr(csr);
    const leaf = await createLeaf(root, {
      publicKey,
      uri,
      dnsNames: [],
      ipAddresses: [],
      serial: `1${index}`,
      ...validity,
    });
    writeFileSync(join(folder, `${name}.pem`), leaf);
    writeFileSync(join(folder, `${name}.key`), privateKey);
    writeFileSync(join(folder, `${name}.bundle.pem`), `${leaf}${privateKey}`);
  }
}
