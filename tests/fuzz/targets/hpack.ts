import type { Random } from "@ambit/base/random.ts";
import { foreignBlocks, type ForeignBlock } from "../../../libs/transport/src/testing/foreign-headers.ts";
import { TransportError } from "@ambit/transport/transport-error.ts";
import { FLAG } from "../../../libs/transport/src/h2/frames.ts";
import { HeaderAssembly, type HeaderBlock } from "../../../libs/transport/src/h2/header-assembly.ts";
import { HpackDecoder, type HeaderField } from "../../../libs/transport/src/h2/hpack-decoder.ts";
import { encodeHeaders, encodeInteger } from "../../../libs/transport/src/h2/hpack-encoder.ts";
import { chanceOf } from "../pieces.ts";
import { must, mustEqual, type FuzzTarget } from "../target.ts";
import { once, pick, several, word } from "../words.ts";

const LIMITS = { maxListBytes: 2_048, maxFields: 40 };
const TABLE_BYTES = 4_096;

/** Continuations that a block may have. */
const MOST_PIECES = 12;

/**
 * Header blocks of one connection, each after its length in two bytes: through the decoder whole, and cut into HEADERS
 * and CONTINUATION frames.
 */
export async function create(): Promise<FuzzTarget> {
  const foreign = await foreignBlocks(200, 1);
  const strings = foreign.flatMap(({ block }) => codedStrings(block));
  return {
    valid: (random) => {
      const blocks = once(random, 3)
        ? someForeign(random, foreign)
        : several(random, 4, () => someBlock(random, strings));
      return Buffer.concat(blocks.flatMap((block) => [Buffer.of(block.length >> 8, block.length), block]));
    },
    check: (input) => {
      const blocks = blocksOf(input);
      const whole = decodeAll(blocks, (block) => [block]);
      const random = chanceOf(input);
      mustEqual(
        "blocks in pieces",
        decodeAll(blocks, (block) => piecesOf(block, random)),
        whole,
      );
      mustEqual(
        "blocks in bytes",
        decodeAll(blocks, (block) => bytesOf(block)),
        whole,
      );
    },
    prove: (random) => {
      const fields = several(random, 12, (): HeaderField => [latin(random), latin(random)]);
      const bytes = encodeHeaders(fields);
      const decoder = new HpackDecoder({ maxListBytes: 1_000_000 });
      mustEqual("decode(encode(x))", decoder.decode(bytes, 0, bytes.length), fields);
    },
  };
}

function decodeAll(blocks: readonly Buffer[], cut: (block: Buffer) => readonly Buffer[]): unknown {
  const decoder = new HpackDecoder(LIMITS);
  const assembly = new HeaderAssembly();
  const lists: unknown[] = [];
  try {
    for (const block of blocks) {
      const whole = assemble(assembly, cut(block));
      if (whole === undefined) continue;
      const fields = decoder.decode(whole.bytes, whole.start, whole.end);
      lists.push(fields);
      const size = fields.reduce((sum, [name, value]) => sum + name.length + value.length + 32, 0);
      must("the list stays within its limit", size <= LIMITS.maxListBytes && fields.length <= 40);
      must("the table stays within its limit", decoder.tableBytes >= 0 && decoder.tableBytes <= TABLE_BYTES);
    }
  } catch (thrown) {
    if (!(thrown instanceof TransportError)) throw thrown;
    lists.push(`${thrown.h2Code}: ${thrown.message}`);
  }
  return lists;
}

function assemble(assembly: HeaderAssembly, pieces: readonly Buffer[]): HeaderBlock | undefined {
  const [first = Buffer.alloc(0), ...rest] = pieces;
  let block = assembly.headers(first, 0, first.length, rest.length === 0 ? FLAG.endHeaders : 0, 1);
  for (const [index, piece] of rest.entries()) {
    const flags = index === rest.length - 1 ? FLAG.endHeaders : 0;
    block = assembly.continuation(piece, 0, piece.length, flags);
  }
  return block;
}

function blocksOf(input: Uint8Array): Buffer[] {
  const bytes = Buffer.from(input);
  const blocks: Buffer[] = [];
  for (let at = 0; at + 2 <= bytes.length;) {
    const length = bytes.readUInt16BE(at);
    blocks.push(bytes.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return blocks;
}

function piecesOf(block: Buffer, random: Random): Buffer[] {
  const pieces: Buffer[] = [];
  let at = 0;
  while (at < block.length && pieces.length < MOST_PIECES) {
    const end = at + random.below(block.length - at + 1);
    pieces.push(block.subarray(at, end));
    at = end;
  }
  return [...pieces, block.subarray(at)];
}

// As many single bytes as there may be pieces; the rest in one.
function bytesOf(block: Buffer): Buffer[] {
  const count = Math.min(MOST_PIECES, block.length);
  return [...Array.from({ length: count }, (_, at) => block.subarray(at, at + 1)), block.subarray(count)];
}

// Every block depends on those before it.
function someForeign(random: Random, foreign: readonly ForeignBlock[]): Buffer[] {
  return foreign.slice(0, 1 + random.below(12)).map(({ block }) => block);
}

function someBlock(random: Random, strings: readonly Buffer[]): Buffer {
  const updates = several(random, 2, () => encodeInteger(random.below(600), 5, 0x20));
  return Buffer.concat([
    ...(once(random, 6) ? updates : []),
    ...several(random, 8, () => representation(random, strings)),
  ]);
}

function representation(random: Random, strings: readonly Buffer[]): Buffer {
  const index = random.below(once(random, 8) ? 200 : 64);
  if (once(random, 3)) return encodeInteger(index, 7, 0x80);
  const [bits, first] = pick(random, [
    [6, 0x40],
    [6, 0x40],
    [4, 0x00],
    [4, 0x10],
  ] as const);
  if (!once(random, 3))
    return Buffer.concat([encodeInteger(index, bits, first), someString(random, strings)]);
  const [name, value] = [someString(random, strings), someString(random, strings)];
  return Buffer.concat([encodeInteger(0, bits, first), name, value]);
}

function someString(random: Random, strings: readonly Buffer[]): Buffer {
  if (once(random, 2)) {
    const coded = pick(random, strings);
    return Buffer.concat([encodeInteger(coded.length, 7, 0x80), coded]);
  }
  const bytes = once(random, 4) ? Buffer.from(random.bytes(random.below(40))) : Buffer.from(word(random));
  return Buffer.concat([encodeInteger(bytes.length, 7, once(random, 8) ? 0x80 : 0), bytes]);
}

/** The Huffman-coded strings of a well-formed block with lengths below 127, without decoding them. */
function codedStrings(block: Buffer): Buffer[] {
  const found: Buffer[] = [];
  let at = 0;
  const skipString = (): void => {
    const head = block[at] ?? 0;
    const length = head & 0x7f;
    if (length === 0x7f) at = block.length;
    else if (head > 0x7f) found.push(block.subarray(at + 1, at + 1 + length));
    at += 1 + length;
  };
  while (at < block.length) {
    const first = block[at] ?? 0;
    at++;
    if (first >= 0x80) continue;
    const index = first & (first >= 0x40 ? 0x3f : 0x0f);
    if (index === (first >= 0x40 ? 0x3f : 0x0f)) at++;
    if (index === 0) skipString();
    skipString();
  }
  return found;
}

function latin(random: Random): string {
  return Buffer.from(random.bytes(random.below(once(random, 10) ? 300 : 20))).toString("latin1");
}
