import { formatIp, parseIp } from "@ambit/base/ip.ts";
import type { SocketAddress } from "./driver.ts";
import { IoError } from "./io-error.ts";
import { AF_INET, AF_INET6 } from "./linux.ts";

/** Room for the larger of the two: sizeof(struct sockaddr_in6). */
export const SOCKADDR_BYTES = 28;
const SOCKADDR_IN_BYTES = 16;

/** AF_INET or AF_INET6 for an address text; throws an IoError `address` when it is neither. */
export function familyOf(ip: string): number {
  const bytes = parseIp(ip);
  if (bytes === undefined) throw new IoError("address", "Not an IP address", { facts: { ip } });
  return bytes.length === 4 ? AF_INET : AF_INET6;
}

/** Writes a struct sockaddr_in or sockaddr_in6 at `offset`; returns its length. Throws an IoError `address`. */
export function encodeSocketAddress(into: Buffer, offset: number, ip: string, port: number): number {
  const bytes = parseIp(ip);
  if (bytes === undefined || !Number.isInteger(port) || port < 0 || port > 65535) {
    throw new IoError("address", "Not an IP address and port", { facts: { ip, port } });
  }
  const isV4 = bytes.length === 4;
  const length = isV4 ? SOCKADDR_IN_BYTES : SOCKADDR_BYTES;
  for (let index = offset; index < offset + length; index++) into[index] = 0;
  into[offset] = isV4 ? AF_INET : AF_INET6;
  into[offset + 2] = port >> 8;
  into[offset + 3] = port & 0xff;
  const start = offset + (isV4 ? 4 : 8);
  for (let index = 0; index < bytes.length; index++) into[start + index] = bytes[index] ?? 0;
  return length;
}

/** Reads what `encodeSocketAddress` writes; IPv4-mapped addresses become IPv4; undefined for any other family. */
export function decodeSocketAddress(from: Buffer, offset: number): SocketAddress | undefined {
  const family = from.readUInt16LE(offset);
  const port = from.readUInt16BE(offset + 2);
  if (family === AF_INET) {
    return { ip: `${from[offset + 4]}.${from[offset + 5]}.${from[offset + 6]}.${from[offset + 7]}`, port };
  }
  if (family !== AF_INET6) return undefined;
  const bytes = from.subarray(offset + 8, offset + 24);
  return { ip: formatIp(isMapped(bytes) ? bytes.subarray(12) : bytes), port };
}

function isMapped(bytes: Uint8Array): boolean {
  for (let index = 0; index < 10; index++) if (bytes[index] !== 0) return false;
  return bytes[10] === 0xff && bytes[11] === 0xff;
}
