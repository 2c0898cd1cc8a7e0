import { isIPv6 } from "node:net";
import ipaddr from "ipaddr.js";

/** An address as bytes: 4 for IPv4, 16 for IPv6, network order. */
export type IpBytes = Uint8Array;

/** The bytes of an IPv4 or IPv6 address in text form, or undefined when it is none. IPv4-mapped IPv6 becomes IPv4. */
export function parseIp(text: string): IpBytes | undefined {
  if (!text.includes(":")) return parseDottedQuad(text);
  // The library alone takes leading zeros of an embedded IPv4 part, and reads it as octal.
  if (text.includes("%") || !isIPv6(text) || !ipaddr.IPv6.isValid(text)) return undefined;
  return Uint8Array.from(ipaddr.process(text).toByteArray());
}

const DOT = 46;
const DIGIT_0 = 48;

// Read for every connection several times, so without a pattern: four decimal numbers to 255, no leading zeros.
function parseDottedQuad(text: string): IpBytes | undefined {
  if (text.length > 15) return undefined;
  const bytes = new Uint8Array(4);
  let part = 0;
  let digits = 0;
  let value = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === DOT) {
      if (digits === 0 || part === 3) return undefined;
      bytes[part++] = value;
      digits = 0;
      value = 0;
      continue;
    }
    const digit = code - DIGIT_0;
    if (digit < 0 || digit > 9 || (digits > 0 && value === 0)) return undefined;
    value = value * 10 + digit;
    digits++;
    if (value > 255) return undefined;
  }
  if (part !== 3 || digits === 0) return undefined;
  bytes[3] = value;
  return bytes;
}

/** True for an IPv4 address in IPv6's clothes, `::ffff:a.b.c.d`: its last four bytes are what is meant. */
export function isMapped(bytes: IpBytes): boolean {
  return (
    bytes.length === 16 &&
    bytes[10] === 0xff &&
    bytes[11] === 0xff &&
    bytes.subarray(0, 10).every((byte) => byte === 0)
  );
}

/** Canonical text: dotted quad, or RFC 5952. Throws a RangeError for any other length. */
export function formatIp(bytes: IpBytes): string {
  if (bytes.length === 4) return `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}`;
  if (bytes.length !== 16) throw new RangeError(`Cannot format an address of ${bytes.length} bytes`);
  return ipaddr.fromByteArray([...bytes]).toString();
}

/** `ip:port`, or `[ip]:port` for IPv6. */
export function formatHostPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Splits `host:port` or `[v6]:port`; undefined when the port is missing or out of 1 to 65535. */
export function splitHostPort(text: string): { host: string; port: number } | undefined {
  const colon = text.lastIndexOf(":");
  if (colon <= 0) return undefined;
  const port = parsePort(text, colon + 1);
  if (port === undefined) return undefined;
  let host = text.slice(0, colon);
  if (host.startsWith("[")) {
    if (!host.endsWith("]")) return undefined;
    host = host.slice(1, -1);
    if (!host.includes(":")) return undefined;
  } else if (host.includes(":")) return undefined;
  return host === "" ? undefined : { host, port };
}

/** The decimal number from `start` to the end, 1 to 65535 in at most five digits. */
function parsePort(text: string, start: number): number | undefined {
  if (text.length === start || text.length > start + 5) return undefined;
  let port = 0;
  for (let index = start; index < text.length; index++) {
    const digit = text.charCodeAt(index) - DIGIT_0;
    if (digit < 0 || digit > 9) return undefined;
    port = port * 10 + digit;
  }
  return port >= 1 && port <= 65535 ? port : undefined;
}

/** A block of addresses: `bytes` with its first `length` bits significant. */
export interface Cidr {
  readonly bytes: IpBytes;
  readonly length: number;
}

/** Parses `10.0.0.0/8`, or a single address as a full-length block; undefined when malformed. */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf("/");
  if (slash < 0) {
    const bytes = parseIp(text);
    return bytes === undefined ? undefined : { bytes, length: bytes.length * 8 };
  }
  const suffix = text.slice(slash + 1);
  if (!/^[0-9]{1,3}$/.test(suffix)) return undefined;
  const bytes = parseIp(text.slice(0, slash));
  const length = Number(suffix);
  if (bytes === undefined || length > bytes.length * 8) return undefined;
  return { bytes, length };
}

/** True when `address` lies in `block`; families never match each other. */
export function cidrContains(block: Cidr, address: IpBytes): boolean {
  if (address.length !== block.bytes.length) return false;
  const whole = block.length >> 3;
  for (let index = 0; index < whole; index++) if (address[index] !== block.bytes[index]) return false;
  const rest = block.length & 7;
  if (rest === 0) return true;
  const mask = 0xff << (8 - rest);
  return ((address[whole] ?? 0) & mask) === ((block.bytes[whole] ?? 0) & mask);
}
