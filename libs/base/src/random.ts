import { randomBytes, randomFillSync, randomUUID } from "node:crypto";

/** Chance as a parameter, so that tests can repeat it. */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
  /** An integer in [0, bound). */
  below(bound: number): number;
  /** `length` unpredictable bytes. */
  bytes(length: number): Uint8Array;
  /** An RFC 9562 version 4 UUID. */
  uuid(): string;
}

const POOL_BYTES = 4096;
let pool = new Uint8Array(0);
let poolUsed = 0;

// Asking the generator for many bytes at once is far cheaper than asking often; no byte is handed out twice.
function pooledBytes(length: number): Uint8Array {
  if (poolUsed + length > pool.length) {
    pool = randomFillSync(new Uint8Array(POOL_BYTES));
    poolUsed = 0;
  }
  poolUsed += length;
  return pool.slice(poolUsed - length, poolUsed);
}

/** The machine's random source. */
export const systemRandom: Random = {
  next: () => Math.random(),
  below: (bound) => Math.floor(Math.random() * bound),
  bytes: (length) => (length > POOL_BYTES / 8 ? randomBytes(length) : pooledBytes(length)),
  uuid: () => randomUUID(),
};

/** A repeatable source (mulberry32) for tests, benchmarks and fuzzing; never for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, () => Math.floor(next() * 256));
  return {
    next,
    below: (bound) => Math.floor(next() * bound),
    bytes,
    uuid: () => {
      const hex = Buffer.from(bytes(16)).toString("hex");
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
    },
  };
}
