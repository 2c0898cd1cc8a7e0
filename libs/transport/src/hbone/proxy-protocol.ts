import { parseIp } from "@ambit/base/ip.ts";
import type { SocketAddress } from "@ambit/io/driver.ts";

/** PROXY protocol version 2, section 2.2. */
const SIGNATURE = Buffer.from("\r\n\r\n\0\r\nQUIT\n", "latin1");
const VERSION_AND_PROXY = 0x21;
const STREAM_OVER_V4 = 0x11;
const STREAM_OVER_V6 = 0x21;

/** TLV that carries the client's SPIFFE id as text. */
const TLV_IDENTITY = 0xd0;

/** A version 2 header for a stream from `source` to `destination`, with the client's identity when there is one. */
export function encodeProxyHeader(
  source: SocketAddress,
  destination: SocketAddress,
  identity: string | undefined,
): Buffer {
  const from = parseIp(source.ip) ?? new Uint8Array(4);
  const to = parseIp(destination.ip) ?? new Uint8Array(4);
  const isV6 = from.length === 16 || to.length === 16;
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(source.port, 0);
  ports.writeUInt16BE(destination.port, 2);
  const addresses = isV6 ? [asV6(from), asV6(to), ports] : [from, to, ports];
  const tlv = identity === undefined ? Buffer.alloc(0) : encodeTlv(TLV_IDENTITY, Buffer.from(identity));
  const body = Buffer.concat([...addresses, tlv]);
  const head = Buffer.alloc(4);
  head[0] = VERSION_AND_PROXY;
  head[1] = isV6 ? STREAM_OVER_V6 : STREAM_OVER_V4;
  head.writeUInt16BE(body.length, 2);
  return Buffer.concat([SIGNATURE, head, body]);
}

function encodeTlv(type: number, value: Buffer): Buffer {
  const head = Buffer.alloc(3);
  head[0] = type;
  head.writeUInt16BE(value.length, 1);
  return Buffer.concat([head, value]);
}

// Families cannot be mixed in one header: IPv4 is shown as mapped.
function asV6(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 16) return bytes;
  return Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ...bytes);
}
