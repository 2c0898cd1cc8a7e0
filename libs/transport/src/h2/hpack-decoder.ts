import { TransportError } from "../transport-error.ts";
import { H2_CODE } from "./h2-code.ts";
import { decodeHuffman } from "./huffman.ts";
import { STATIC_TABLE } from "./static-table.ts";

export type HeaderField = readonly [name: string, value: string];

/** Every entry costs this much beside its bytes (RFC 7541, section 4.1). */
const ENTRY_OVERHEAD = 32;

export interface HpackLimits {
  /** Sum of decoded names, values and 32 per field, dropped fields included. */
  readonly maxListBytes: number;
  /** Fields of one list. @default 256 */
  readonly maxFields?: number;
  /** Dynamic table that we allow the peer. @default 4096 */
  readonly maxTableBytes?: number;
}

/** Decodes header blocks of one connection (RFC 7541). Throws a TransportError that must end the connection. */
export class HpackDecoder {
  readonly #limits: Required<HpackLimits>;
  readonly #table: HeaderField[] = [];
  #tableBytes = 0;
  #tableLimit: number;
  #bytes: Buffer = Buffer.alloc(0);
  #offset = 0;
  #end = 0;

  constructor(limits: HpackLimits) {
    this.#limits = { maxFields: 256, maxTableBytes: 4096, ...limits };
    this.#tableLimit = this.#limits.maxTableBytes;
  }

  /** Bytes the dynamic table holds now, by the measure of section 4.1. */
  get tableBytes(): number {
    return this.#tableBytes;
  }

  /** The fields of one complete block, in order. */
  decode(bytes: Uint8Array, start: number, end: number): readonly HeaderField[] {
    this.#bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#offset = start;
    this.#end = end;
    const fields: HeaderField[] = [];
    let listBytes = 0;
    while (this.#offset < end) {
      const field = this.#field(bytes[this.#offset] ?? 0, fields.length === 0);
      if (field === undefined) continue;
      listBytes += field[0].length + field[1].length + ENTRY_OVERHEAD;
      if (listBytes > this.#limits.maxListBytes || fields.length >= this.#limits.maxFields) {
        throw new TransportError(H2_CODE.enhanceYourCalm, "A header list is too large");
      }
      fields.push(field);
    }
    return fields;
  }

  #field(first: number, atStart: boolean): HeaderField | undefined {
    if ((first & 0x80) !== 0) return this.#lookUp(this.#integer(7));
    if ((first & 0xc0) === 0x40) {
      const field = this.#literal(6);
      this.#add(field);
      return field;
    }
    if ((first & 0xe0) === 0x20) {
      if (!atStart) throw compression("a table size update after a field");
      this.#resize(this.#integer(5));
      return undefined;
    }
    return this.#literal(4);
  }

  #literal(prefixBits: number): HeaderField {
    const index = this.#integer(prefixBits);
    const name = index === 0 ? this.#string() : this.#lookUp(index)[0];
    return [name, this.#string()];
  }

  #lookUp(index: number): HeaderField {
    const field =
      index <= STATIC_TABLE.length ? STATIC_TABLE[index - 1] : this.#table[index - STATIC_TABLE.length - 1];
    if (field === undefined) throw compression(`index ${index}`);
    return field;
  }

  // Section 5.1; four continuation bytes are more than any length we accept needs.
  #integer(prefixBits: number): number {
    const mask = (1 << prefixBits) - 1;
    let value = (this.#bytes[this.#offset++] ?? 0) & mask;
    if (value < mask) return value;
    for (let shift = 0; ; shift += 7) {
      if (this.#offset >= this.#end || shift > 21) throw compression("an integer");
      const byte = this.#bytes[this.#offset++] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if ((byte & 0x80) === 0) return value;
    }
  }

  #string(): string {
    if (this.#offset >= this.#end) throw compression("a string is missing");
    const isHuffman = ((this.#bytes[this.#offset] ?? 0) & 0x80) !== 0;
    const length = this.#integer(7);
    const start = this.#offset;
    const end = start + length;
    if (end > this.#end) throw compression("a string reaches beyond the block");
    this.#offset = end;
    if (isHuffman) return decodeHuffman(this.#bytes, start, end, this.#limits.maxListBytes);
    if (length > this.#limits.maxListBytes)
      throw new TransportError(H2_CODE.enhanceYourCalm, "A header string is too long");
    return this.#bytes.toString("latin1", start, end);
  }

  #add(field: HeaderField): void {
    const size = field[0].length + field[1].length + ENTRY_OVERHEAD;
    this.#evict(this.#tableLimit - size);
    // An entry larger than the table empties it and is not kept (section 4.4).
    if (size > this.#tableLimit) return;
    this.#table.unshift(field);
    this.#tableBytes += size;
  }

  #resize(limit: number): void {
    if (limit > this.#limits.maxTableBytes) throw compression("a table larger than allowed");
    this.#tableLimit = limit;
    this.#evict(limit);
  }

  #evict(limit: number): void {
    while (this.#tableBytes > limit && this.#table.length > 0) {
      const [name, value] = this.#table.pop() ?? ["", ""];
      this.#tableBytes -= name.length + value.length + ENTRY_OVERHEAD;
    }
  }
}

function compression(what: string): TransportError {
  return new TransportError(H2_CODE.compressionError, `A header block is malformed: ${what}`);
}
