/** What decoding one resource gave: a value, or why it must be rejected (the text of a NACK). */
export type Decoded<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly reason: string };

/** Raised inside a decoder and turned into a rejection by `decoding`. */
export class Rejection extends Error {}

/** Runs a decoder; everything it throws is a rejection of this one resource. */
export function decoding<Value>(run: () => Value): Decoded<Value> {
  try {
    return { ok: true, value: run() };
  } catch (thrown) {
    return { ok: false, reason: thrown instanceof Error ? thrown.message : "cannot be decoded" };
  }
}

/** The name of a protobuf enum number; anything unknown rejects the resource. */
export function enumName<Name>(
  names: readonly Name[],
  value: number | null | undefined,
  field: string,
): Name {
  const name = names[value ?? 0];
  if (name === undefined) throw new Rejection(`${field}: unknown value ${value}`);
  return name;
}

/** A port of the wire's 32 bits; one that no socket has rejects the resource. Zero passes: it means "none". */
export function decodePortNumber(value: number | null | undefined, field: string): number {
  const port = value ?? 0;
  if (port > 65_535) throw new Rejection(`${field}: port ${port} is out of range`);
  return port;
}
