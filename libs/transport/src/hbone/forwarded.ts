/** RFC 7239, the two parameters the mesh uses. */
export interface Forwarded {
  /** `ip:port` of the client; empty when not given. */
  readonly forAddress: string;
  /** Hostname of the service that was addressed; empty when none was. */
  readonly host: string;
}

/** Hostnames as services have them, wildcards included; anything else would be read as something else. */
const PLAIN_HOST = /^[A-Za-z0-9._*-]+$/;

/** No header of the mesh is longer; what is behind it is not read. */
const MAX_LENGTH = 2_048;

/** A value as `encodeForwarded` makes it, which nearly every one is. */
const USUAL = /^for="([^"\\,;=]*)"(?:;host=([A-Za-z0-9._*-]+))?$/;

/** The value of a `forwarded` header; a host that is no hostname is left out. */
export function encodeForwarded(forwarded: Forwarded): string {
  const host = PLAIN_HOST.test(forwarded.host) ? `;host=${forwarded.host}` : "";
  return `for="${forwarded.forAddress}"${host}`;
}

/** Reads the first element of a `forwarded` header; never fails. */
export function decodeForwarded(text: string): Forwarded {
  const usual = text.length > MAX_LENGTH ? null : USUAL.exec(text);
  if (usual !== null) return { forAddress: usual[1] ?? "", host: usual[2] ?? "" };
  let forAddress = "";
  let host = "";
  for (const pair of (text.slice(0, MAX_LENGTH).split(",")[0] ?? "").split(";")) {
    const equals = pair.indexOf("=");
    if (equals < 0) continue;
    const name = pair.slice(0, equals).trim().toLowerCase();
    const value = pair
      .slice(equals + 1)
      .trim()
      .replaceAll(/^"|"$/g, "");
    if (name === "for" && forAddress === "") forAddress = value;
    if (name === "host" && host === "") host = value;
  }
  return { forAddress, host };
}
