import { X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { PeerCertificateReader, uriNames } from "./peer-certificate.ts";
import { testAuthority } from "./testing/certificates.ts";

describe("uriNames()", () => {
  it.each([
    ["", []],
    ["DNS:a.example, URI:spiffe://td/ns/a/sa/b", ["spiffe://td/ns/a/sa/b"]],
    ["URI:spiffe://one, URI:spiffe://two", ["spiffe://one", "spiffe://two"]],
    ['DNS:"x, URI:spiffe://forged"', []],
    ['URI:"spiffe://td/a, URI:spiffe://forged"', ["spiffe://td/a, URI:spiffe://forged"]],
    ["othername:<unsupported>, IP Address:10.0.0.1", []],
  ])("of %j are %j", (text, names) => {
    expect(uriNames(text)).toEqual(names);
  });
});

describe("PeerCertificateReader", () => {
  it("read() copies the bytes and answers the same certificate with the same object", async () => {
    const authority = await testAuthority();
    const { certificateChain } = await authority.issue(
      "spiffe://td/ns/a/sa/b",
      new Date("2050-01-01T00:00:00Z"),
    );
    const der = Buffer.from(new X509Certificate(certificateChain).raw);
    const reader = new PeerCertificateReader();
    const scratch = Buffer.from(der);
    const peer = reader.read(scratch);
    scratch.fill(0);
    expect(Buffer.from(peer.der).equals(der)).toBe(true);
    expect(peer.notAfter).toBe(Date.UTC(2050, 0, 1));
    expect(reader.read(der)).toBe(peer);
  });

  it("read() throws for bytes that are no certificate", () => {
    expect(() => new PeerCertificateReader().read(Buffer.from("nonsense"))).toThrow();
  });
});
