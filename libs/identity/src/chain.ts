import { X509Certificate } from "node:crypto";
import { IdentityError } from "./identity-error.ts";
import { pemBlocks } from "./pem.ts";
import { readCertificate } from "./x509.ts";

/** Longest chain that is followed, the leaf included. */
const MAX_CHAIN = 8;

/** Clocks may differ by this much; it is granted at the beginning of a lifetime, never at its end. */
const CLOCK_LEEWAY_MS = 60_000;

/** Every certificate of a PEM text, up to the longest chain. Throws an IdentityError when one does not parse. */
export function readChain(pem: string): readonly X509Certificate[] {
  return pemBlocks(pem, "CERTIFICATE").slice(0, MAX_CHAIN).map(readCertificate);
}

/**
 * Proves that `chain` (leaf first) leads to one of `roots` at the moment `now` (milliseconds since the epoch):
 * signatures, issuer names, key usages, lifetimes, and that only authorities issue. Name constraints are not looked
 * at: where TLS is spoken OpenSSL does this work, here it is done for signatures outside of TLS.
 * Throws an IdentityError `bad-certificate` that says where the chain breaks.
 */
export function verifyChain(
  chain: readonly X509Certificate[],
  roots: readonly X509Certificate[],
  now: number,
): void {
  if (chain[0]?.ca === true) throw broken("its leaf is an authority");
  followChain(chain, roots, now);
}

/** The same for a chain that may begin with an authority. */
export function followChain(
  chain: readonly X509Certificate[],
  roots: readonly X509Certificate[],
  now: number,
): void {
  if (chain.length === 0) throw broken("it is empty");
  for (const [index, certificate] of chain.slice(0, MAX_CHAIN).entries()) {
    checkLifetime(certificate, now);
    const root = roots.find((candidate) => issued(candidate, certificate));
    if (root !== undefined) {
      checkLifetime(root, now);
      return;
    }
    const issuer = chain[index + 1];
    if (issuer === undefined || !issued(issuer, certificate)) break;
  }
  throw broken("it leads to no trusted root");
}

function issued(issuer: X509Certificate, certificate: X509Certificate): boolean {
  // checkIssued compares names, key identifiers and the issuer's right to sign certificates.
  return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function checkLifetime(certificate: X509Certificate, now: number): void {
  if (now > certificate.validToDate.getTime()) throw broken("a certificate in it has expired");
  if (now < certificate.validFromDate.getTime() - CLOCK_LEEWAY_MS)
    throw broken("a certificate in it is not valid yet");
}

function broken(why: string): IdentityError {
  return new IdentityError("bad-certificate", `Cannot trust the certificate chain: ${why}`);
}
