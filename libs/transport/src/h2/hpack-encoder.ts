import { STATIC_TABLE } from "./static-table.ts";
import type { HeaderField } from "./hpack-decoder.ts";

/** What the static table has of one name. */
interface Known {
  /** Of the name's first entry. */
  readonly index: number;
  /** Of the entries that have a value; undefined when none has, so that values are not hashed in vain. */
  readonly values: Map<string, number> | undefined;
}

const KNOWN = new Map<string, Known>();
for (const [position, [name, value]] of STATIC_TABLE.entries()) {
  const { index, values } = KNOWN.get(name) ?? { index: position + 1, values: undefined };
  KNOWN.set(name, { index, values: value === "" ? values : (values ?? new Map()).set(value, position + 1) });
}

/** Room for blocks as the mesh sends them; longer ones get a buffer of their own. */
const SCRATCH_BYTES = 4096;
/** More than an integer of any length takes. */
const INTEGER_BYTES = 8;
/** A string up to this length is copied faster here than by a call. */
const SHORT_LENGTH = 24;
const scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);

/**
 * Encodes a header block with the static table and literals that are never indexed by the peer: it needs no state, so
 * blocks can be made once and sent many times.
 */
export function encodeHeaders(fields: readonly HeaderField[]): Buffer {
  let room = 0;
  for (const [name, value] of fields) room += name.length + value.length + 3 * INTEGER_BYTES;
  const into = room <= SCRATCH_BYTES ? scratch : Buffer.allocUnsafe(room);
  let end = 0;
  for (const [name, value] of fields) {
    const known = KNOWN.get(name);
    const index = known?.index ?? 0;
    const whole = known?.values?.get(value);
    if (whole !== undefined) {
      end = putInteger(into, end, whole, 7, 0x80);
      continue;
    }
    end = putInteger(into, end, index, 4, 0);
    if (index === 0) end = putString(into, end, name);
    end = putString(into, end, value);
  }
  return Buffer.from(into.subarray(0, end));
}

/** Section 5.1. */
export function encodeInteger(value: number, prefixBits: number, firstBits: number): Buffer {
  const into = Buffer.alloc(INTEGER_BYTES);
  return into.subarray(0, putInteger(into, 0, value, prefixBits, firstBits));
}

function putInteger(into: Buffer, at: number, value: number, prefixBits: number, firstBits: number): number {
  const mask = (1 << prefixBits) - 1;
  let end = at;
  if (value < mask) {
    into[end++] = firstBits | value;
    return end;
  }
  into[end++] = firstBits | mask;
  let rest = value - mask;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) into[end++] = (rest % 0x80) | 0x80;
  into[end++] = rest;
  return end;
}

function putString(into: Buffer, at: number, text: string): number {
  const start = putInteger(into, at, text.length, 7, 0);
  if (text.length > SHORT_LENGTH) return start + into.write(text, start, "latin1");
  for (let index = 0; index < text.length; index++) into[start + index] = text.charCodeAt(index);
  return start + text.length;
}
