import { frame, integer, PADDED, PREFACE, TYPE } from "./frames.ts";

const HEAD_BYTES = 9;
const HAS_PRIORITY = 0x20;
const PRIORITY_BYTES = 5;
/** Entries of HPACK's static table, as indexed fields: methods, schemes, the path "/" (RFC 7541, appendix A). */
const METHODS = [0x82, 0x83];
const SCHEMES = [0x86, 0x87];
const ROOT_PATH = 0x84;
/** A literal `:authority` that goes into the dynamic table, and the first index of that table. */
const NEW_AUTHORITY = 0x41;
const FIRST_DYNAMIC = 0xbe;
/** A literal `:method` that does not. */
const CONNECT = Buffer.concat([Buffer.of(0x02), integer(7, 7, 0), Buffer.from("CONNECT")]);

/**
 * Makes the plain requests of a client that knows none but GET and POST of "/" into requests for a tunnel to
 * `authority`, so that it finds a server that keeps streams open and sends DATA. Every other byte passes as it is: a
 * block that does not begin with a whole request, a padded one (its lengths may be what is tested), and all that is
 * no frame. The dynamic table stays the same entry by entry.
 */
export class AsConnect {
  readonly #authority: Buffer;
  #rest = Buffer.alloc(0);
  #begun = false;
  #isHttp2 = true;

  constructor(authority: string) {
    const text = Buffer.from(authority);
    this.#authority = Buffer.concat([Buffer.of(NEW_AUTHORITY), integer(text.length, 7, 0), text]);
  }

  /** The bytes to send on for these; the beginning of a frame's head or of HEADERS waits for the rest. */
  take(chunk: Buffer): Buffer {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const out: Buffer[] = [];
    for (let piece = this.#next(); piece !== undefined; piece = this.#next()) out.push(piece);
    return Buffer.concat(out);
  }

  #next(): Buffer | undefined {
    const bytes = this.#rest;
    if (!this.#begun && bytes.length > 0) {
      const seen = Math.min(bytes.length, PREFACE.length);
      this.#isHttp2 = bytes.subarray(0, seen).equals(PREFACE.subarray(0, seen));
      if (this.#isHttp2 && seen < PREFACE.length) return undefined;
      this.#begun = true;
      if (this.#isHttp2) return this.#shift(PREFACE.length);
    }
    if (bytes.length === 0) return undefined;
    if (!this.#isHttp2) return this.#shift(bytes.length);
    if (bytes.length < HEAD_BYTES) return undefined;
    const end = HEAD_BYTES + bytes.readUIntBE(0, 3);
    if (bytes.length < end) return undefined;
    return this.#rewritten(this.#shift(end));
  }

  #shift(count: number): Buffer {
    const piece = this.#rest.subarray(0, count);
    this.#rest = this.#rest.subarray(count);
    return piece;
  }

  #rewritten(bytes: Buffer): Buffer {
    const [type = 0, flags = 0] = bytes.subarray(3);
    if (type !== TYPE.headers || (flags & PADDED) !== 0) return bytes;
    const start = HEAD_BYTES + ((flags & HAS_PRIORITY) !== 0 ? PRIORITY_BYTES : 0);
    const block = this.#asConnect(bytes.subarray(start));
    const payload = Buffer.concat([bytes.subarray(HEAD_BYTES, start), block]);
    return frame(type, flags, bytes.readUInt32BE(5), payload);
  }

  #asConnect(block: Buffer): Buffer {
    const [method = 0, scheme = 0, path = 0, authority = 0, length = 0] = block;
    if (!METHODS.includes(method) || !SCHEMES.includes(scheme) || path !== ROOT_PATH) return block;
    if (authority >= FIRST_DYNAMIC) return Buffer.concat([CONNECT, block.subarray(3)]);
    const end = 5 + (length & 0x7f);
    if (authority !== NEW_AUTHORITY || block.length < end) return block;
    return Buffer.concat([CONNECT, this.#authority, block.subarray(end)]);
  }
}
