import { randomBytes } from "node:crypto";

export interface HelloOptions {
  /** As it is sent, right or wrong. */
  readonly serverName?: Uint8Array;
  /** Protocols as they are sent. */
  readonly protocols?: readonly Uint8Array[];
  /** Further extensions: type and content. */
  readonly extensions?: readonly (readonly [number, Uint8Array])[];
}

/** A TLS 1.3 ClientHello in records, with whatever is asked for in it (RFC 8446, section 4.1.2). */
export function clientHello(options: HelloOptions = {}): Buffer {
  const name = options.serverName;
  const protocols = options.protocols ?? [Buffer.from("h2")];
  const extensions: (readonly [number, Uint8Array])[] = [
    ...(name === undefined ? [] : [[0, sized(2, Buffer.concat([Buffer.of(0), sized(2, name)]))] as const]),
    [43, Buffer.of(2, 3, 4)],
    [10, sized(2, Buffer.of(0, 29))],
    [13, sized(2, Buffer.of(4, 3, 8, 4, 4, 1))],
    [51, sized(2, Buffer.concat([Buffer.of(0, 29), sized(2, randomBytes(32))]))],
    [16, sized(2, Buffer.concat(protocols.map((protocol) => sized(1, protocol))))],
    ...(options.extensions ?? []),
  ];
  const body = Buffer.concat([
    Buffer.of(3, 3),
    randomBytes(32),
    sized(1, randomBytes(32)),
    sized(2, Buffer.of(0x13, 1, 0x13, 2)),
    Buffer.of(1, 0),
    sized(
      2,
      Buffer.concat(extensions.map(([type, content]) => Buffer.concat([number(2, type), sized(2, content)]))),
    ),
  ]);
  return records(Buffer.concat([Buffer.of(1), sized(3, body)]));
}

/** Handshake bytes in plain records of at most 16 KiB. */
function records(bytes: Buffer): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 16_384) {
    pieces.push(Buffer.of(22, 3, 1), sized(2, bytes.subarray(at, at + 16_384)));
  }
  return Buffer.concat(pieces);
}

/** Content behind its length; a length that does not fit is cut, as an attacker's may be. */
function sized(lengthBytes: number, content: Uint8Array): Buffer {
  return Buffer.concat([number(lengthBytes, content.length), content]);
}

function number(bytes: number, value: number): Buffer {
  const out = Buffer.alloc(bytes);
  out.writeUIntBE(value % 2 ** (8 * bytes), 0, bytes);
  return out;
}
