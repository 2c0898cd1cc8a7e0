/**
 * The 16-byte head every load connection begins with: one mode byte, 7 zero bytes, a 64-bit little-endian count.
 * `S` the client sends count bytes and gets one byte back; `D` the server sends count bytes; `E` the server echoes.
 */
export const HEAD_BYTES = 16;

export type Mode = "S" | "D" | "E";

/** Writes a head at `offset`. */
export function writeHead(bytes: Buffer, offset: number, mode: Mode, count: number): void {
  bytes.fill(0, offset, offset + HEAD_BYTES);
  bytes.write(mode, offset, "latin1");
  bytes.writeBigUInt64LE(BigInt(count), offset + 8);
}

export function readHead(bytes: Buffer, offset: number): { mode: string; count: number } {
  return { mode: String.fromCharCode(bytes[offset] ?? 0), count: Number(bytes.readBigUInt64LE(offset + 8)) };
}

/** What one run of the load program prints, as one line of JSON. */
export interface LoadResult {
  /** Bytes, round trips or connections, by the kind of run. */
  readonly units: number;
  readonly seconds: number;
  /** Units per second (bytes per second for bulk). */
  readonly rate: number;
  readonly p50us: number;
  readonly p99us: number;
  readonly errors: number;
}

/** Prints the result of a run, given the latency of each unit in milliseconds, and ends the process. */
export function finish(units: number, seconds: number, latenciesMs: Float64Array, errors: number): void {
  const sorted = latenciesMs.toSorted();
  const at = (share: number): number => (sorted[Math.floor(sorted.length * share)] ?? 0) * 1000;
  const result: LoadResult = {
    units,
    seconds,
    rate: units / seconds,
    p50us: at(0.5),
    p99us: at(0.99),
    errors,
  };
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
}
