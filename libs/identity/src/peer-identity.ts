import { X509Certificate } from "node:crypto";
import type { Clock } from "@ambit/base/clock.ts";
import { parseSpiffeId, type SpiffeId } from "@ambit/model/spiffe-id.ts";
import { uriSans } from "./alternative-names.ts";
import { IdentityError } from "./identity-error.ts";

/**
 * The identity of a client certificate that the TLS layer has verified: exactly one URI name, of the mesh's form, in
 * `trustDomain`, within its lifetime. Throws an IdentityError `bad-certificate`.
 */
export function peerIdentity(der: Uint8Array, trustDomain: string, clock: Clock): SpiffeId {
  const certificate = parse(der);
  if (certificate.ca) throw new IdentityError("bad-certificate", "The client certificate is an authority's");
  const [uri, ...more] = uriSans(certificate);
  const id = uri === undefined || more.length > 0 ? undefined : parseSpiffeId(uri);
  if (id === undefined)
    throw new IdentityError("bad-certificate", "The client certificate names no identity of a mesh");
  if (id.trustDomain !== trustDomain) {
    throw new IdentityError(
      "bad-certificate",
      `The client certificate is of trust domain "${id.trustDomain}"`,
    );
  }
  const now = clock.now();
  if (now > certificate.validToDate.getTime())
    throw new IdentityError("bad-certificate", "The client certificate has expired");
  return id;
}

function parse(der: Uint8Array): X509Certificate {
  try {
    return new X509Certificate(der);
  } catch (cause) {
    throw new IdentityError("bad-certificate", "The client certificate does not parse", { cause });
  }
}
