import { STATIC_TABLE } from "./static-table.ts";
import type { HeaderField } from "./hpack-decoder.ts";

const NAME_INDEX: ReadonlyMap<string, number> = new Map(
  STATIC_TABLE.map(([name], index) => [name, index + 1] as const).toReversed(),
);
const FIELD_INDEX: ReadonlyMap<string, number> = new Map(
  STATIC_TABLE.map(([name, value], index) => [`${name}\n${value}`, index + 1] as const).toReversed(),
);

/**
 * Encodes a header block with the static table and literals that are never indexed by the peer: it needs no state, so
 * blocks can be made once and sent many times.
 */
export function encodeHeaders(fields: readonly HeaderField[]): Buffer {
  const parts: Buffer[] = [];
  for (const [name, value] of fields) {
    const whole = FIELD_INDEX.get(`${name}\n${value}`);
    if (whole !== undefined) {
      parts.push(encodeInteger(whole, 7, 0x80));
      continue;
    }
    const index = NAME_INDEX.get(name) ?? 0;
    parts.push(encodeInteger(index, 4, 0));
    if (index === 0) parts.push(...encodeString(name));
    parts.push(...encodeString(value));
  }
  return Buffer.concat(parts);
}

/** Section 5.1. */
export function encodeInteger(value: number, prefixBits: number, firstBits: number): Buffer {
  const mask = (1 << prefixBits) - 1;
  if (value < mask) return Buffer.of(firstBits | value);
  const bytes = [firstBits | mask];
  let rest = value - mask;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  bytes.push(rest);
  return Buffer.from(bytes);
}

function encodeString(text: string): readonly [Buffer, Buffer] {
  const bytes = Buffer.from(text, "latin1");
  return [encodeInteger(bytes.length, 7, 0), bytes];
}
