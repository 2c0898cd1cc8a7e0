import type { X509Certificate } from "node:crypto";

/**
 * The URI subject alternative names of a certificate, in order.
 *
 * Node gives all names as one text and quotes those that hold a separator (CVE-2021-44532); a name is therefore read
 * up to a comma outside of quotes. Cutting at every comma would let a DNS name smuggle a URI in.
 */
export function uriSans(certificate: X509Certificate): readonly string[] {
  return names(certificate.subjectAltName ?? "")
    .filter((name) => name.startsWith("URI:"))
    .map((name) => unquoted(name.slice("URI:".length)));
}

function names(text: string): readonly string[] {
  return text === ""
    ? []
    : (text.match(/(?:"(?:[^"\\]|\\.)*"|[^",])+/gs) ?? []).map((name) => name.trimStart());
}

// A quoted name is JSON's string form; it is never an identity of the mesh, but it counts as a name.
function unquoted(value: string): string {
  if (!value.startsWith('"')) return value;
  try {
    return String(JSON.parse(value));
  } catch {
    return value;
  }
}
