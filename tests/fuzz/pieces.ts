import { createHash } from "node:crypto";
import { seededRandom, type Random } from "@ambit/base/random.ts";

/** Ways to cut `bytes`: whole, in single bytes, in twos, and in random pieces that depend on the bytes alone. */
export function cuttings(bytes: Uint8Array): readonly (readonly Uint8Array[])[] {
  const random = chanceOf(bytes);
  return [
    [bytes],
    cut(bytes, () => 1),
    cut(bytes, () => 2),
    cut(bytes, () => 1 + random.below(random.below(3) === 0 ? 200 : 12)),
  ];
}

/** Chance that is the same whenever the bytes are. */
export function chanceOf(bytes: Uint8Array): Random {
  return seededRandom(createHash("sha1").update(bytes).digest().readUInt32BE(0));
}

function cut(bytes: Uint8Array, size: () => number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(bytes.length, at + size());
    pieces.push(bytes.subarray(at, end));
    at = end;
  }
  return pieces;
}
