import { X509Certificate } from "node:crypto";
import type { PeerCertificate } from "./driver.ts";

const CACHE_LIMIT = 1024;

/**
 * Reads peer certificates, remembering the last ones by their bytes: parsing one costs more than the rest of our share
 * of a handshake, and peers come back. Whether to trust one is decided before, by OpenSSL.
 */
export class PeerCertificateReader {
  readonly #known = new Map<string, PeerCertificate>();

  /** Throws what node:crypto throws for anything that is no certificate; `der` may be reused afterwards. */
  read(der: Uint8Array): PeerCertificate {
    const key = Buffer.from(der.buffer, der.byteOffset, der.byteLength).toString("latin1");
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const copy = Uint8Array.from(der);
    const certificate = new X509Certificate(copy);
    const peer: PeerCertificate = {
      uriSans: uriNames(certificate.subjectAltName ?? ""),
      serial: certificate.serialNumber,
      notAfter: certificate.validToDate.getTime(),
      der: copy,
    };
    if (this.#known.size >= CACHE_LIMIT) this.#known.clear();
    this.#known.set(key, peer);
    return peer;
  }
}

/**
 * The URI entries of Node's text form of a subject alternative name. Node joins entries with ", " and writes an entry
 * that could be misread as a JSON string, so that a name can never pretend to be two.
 */
export function uriNames(text: string): readonly string[] {
  const names: string[] = [];
  for (const entry of text.match(/(?:[^",]|"(?:[^"\\]|\\.)*")+/g) ?? []) {
    const trimmed = entry.trimStart();
    if (!trimmed.startsWith("URI:")) continue;
    const value = trimmed.slice(4);
    names.push(value.startsWith('"') ? (JSON.parse(value) as string) : value);
  }
  return names;
}
