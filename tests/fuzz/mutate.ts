import type { Random } from "@ambit/base/random.ts";

/** Numbers at which decoders change their minds. */
const EDGES = [0, 1, 2, 3, 4, 7, 8, 9, 16, 31, 32, 63, 64, 65, 127, 128, 191, 192, 254, 255];

/** Inputs never grow beyond this by mutation. */
const MAX_BYTES = 64 * 1024;

type Mutation = (bytes: Buffer, random: Random, other: () => Uint8Array) => Buffer;

const MUTATIONS: readonly Mutation[] = [
  flipBit,
  flipBit,
  flipBit,
  setEdge,
  setEdge,
  setRandom,
  truncate,
  cutOut,
  duplicate,
  insert,
  splice,
  bendLength,
  bendLength,
  bendLength,
];

/** A damaged copy: one to five mutations. `other` makes another valid input, for splices. */
export function mutate(bytes: Uint8Array, random: Random, other: () => Uint8Array): Buffer {
  let damaged = Buffer.from(bytes);
  for (let left = 1 + random.below(5); left > 0; left--) {
    const mutation = MUTATIONS[random.below(MUTATIONS.length)] ?? flipBit;
    damaged = mutation(damaged, random, other) as typeof damaged;
  }
  return damaged.subarray(0, MAX_BYTES);
}

/** Bytes without any sense; mostly few, sometimes thousands. */
export function noise(random: Random): Uint8Array {
  const length = random.below(16) === 0 ? random.below(4_096) : random.below(1 << (1 + random.below(8)));
  return random.bytes(length);
}

function flipBit(bytes: Buffer, random: Random): Buffer {
  if (bytes.length === 0) return bytes;
  const at = random.below(bytes.length);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
  return bytes;
}

function setEdge(bytes: Buffer, random: Random): Buffer {
  if (bytes.length > 0) bytes[random.below(bytes.length)] = EDGES[random.below(EDGES.length)] ?? 0;
  return bytes;
}

function setRandom(bytes: Buffer, random: Random): Buffer {
  if (bytes.length > 0) bytes[random.below(bytes.length)] = random.below(256);
  return bytes;
}

function truncate(bytes: Buffer, random: Random): Buffer {
  return bytes.subarray(0, random.below(bytes.length + 1));
}

function cutOut(bytes: Buffer, random: Random): Buffer {
  const [from, to] = range(bytes, random);
  return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
}

function duplicate(bytes: Buffer, random: Random): Buffer {
  const [from, to] = range(bytes, random);
  const times = 1 + random.below(random.below(8) === 0 ? 64 : 3);
  const copies = Array.from({ length: times }, () => bytes.subarray(from, to));
  return Buffer.concat([bytes.subarray(0, to), ...copies, bytes.subarray(to)]).subarray(0, MAX_BYTES);
}

function insert(bytes: Buffer, random: Random): Buffer {
  const at = random.below(bytes.length + 1);
  const piece =
    random.below(2) === 0
      ? random.bytes(1 + random.below(8))
      : Buffer.alloc(1 + random.below(64), random.below(256));
  return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
}

function splice(bytes: Buffer, random: Random, other: () => Uint8Array): Buffer {
  const tail = other();
  return Buffer.concat([
    bytes.subarray(0, random.below(bytes.length + 1)),
    tail.subarray(random.below(tail.length + 1)),
  ]);
}

// Any place may hold a length: 8 to 32 bits, either end first; it becomes a little or much too small or large.
function bendLength(bytes: Buffer, random: Random): Buffer {
  const width = 1 + random.below(4);
  if (bytes.length < width) return bytes;
  const at = random.below(bytes.length - width + 1);
  const isBig = random.below(2) === 0;
  const value = isBig ? bytes.readUIntBE(at, width) : bytes.readUIntLE(at, width);
  const most = 2 ** (8 * width) - 1;
  const choices = [value + 1, value - 1, 0, most, most - 1, (most + 1) / 2, bytes.length - at, value * 2];
  const bent = Math.min(most, Math.max(0, choices[random.below(choices.length)] ?? 0));
  if (isBig) bytes.writeUIntBE(bent, at, width);
  else bytes.writeUIntLE(bent, at, width);
  return bytes;
}

function range(bytes: Buffer, random: Random): [from: number, to: number] {
  const from = random.below(bytes.length + 1);
  return [from, from + random.below(Math.min(64, bytes.length - from) + 1)];
}
