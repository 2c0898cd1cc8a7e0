import type { Random } from "@ambit/base/random.ts";

/**
 * One decoder under attack. Inputs are made from a seed alone, so that a seed and a number name an input for ever, and
 * `check` depends on nothing but its input, so that a stored input is a test.
 */
export interface FuzzTarget {
  /** A valid input, made by structure; the harness damages most of them. */
  valid(random: Random): Uint8Array;
  /**
   * Throws when the decoder did anything but decode the input or refuse it by its own error, or when a property of it
   * does not hold.
   */
  check(input: Uint8Array): void | Promise<void>;
  /** A property of generated values that needs no bytes: decode(encode(x)) is x. Throws when it does not hold. */
  prove?(random: Random): void | Promise<void>;
}

/** Makes a target; what it needs once is made here. */
export type TargetFactory = () => FuzzTarget | Promise<FuzzTarget>;

/** The error of an oracle: the decoder is wrong, whatever it threw. */
export class Finding extends Error {}

/** What `run` gives, or undefined when it refused by the decoder's own error. Any other error passes: a finding. */
export function attempt<Value>(
  own: abstract new (...args: never[]) => Error,
  run: () => Value,
): Value | undefined {
  try {
    return run();
  } catch (thrown) {
    if (thrown instanceof own) return undefined;
    throw thrown;
  }
}

/** As `attempt`, for decoders that answer later. */
export async function attemptLater<Value>(
  own: abstract new (...args: never[]) => Error,
  run: () => Promise<Value>,
): Promise<Value | undefined> {
  try {
    return await run();
  } catch (thrown) {
    if (thrown instanceof own) return undefined;
    throw thrown;
  }
}

/** Throws a Finding unless `left` and `right` have the same text; for values that JSON can tell apart. */
export function mustEqual(what: string, left: unknown, right: unknown): void {
  mustBe(what, left, textOf(right));
}

/** As `mustEqual`, for a `right` that many values are compared with: its text is made once. */
export function mustBe(what: string, left: unknown, right: string): void {
  const text = textOf(left);
  if (text !== right) throw new Finding(`${what}: ${text.slice(0, 700)} is not ${right.slice(0, 700)}`);
}

/** Throws a Finding unless `holds`. */
export function must(what: string, holds: boolean): void {
  if (!holds) throw new Finding(what);
}

/** The text by which values are compared. */
export function textOf(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (inner instanceof Map) return { map: [...inner].toSorted(([one], [two]) => (one < two ? -1 : 1)) };
    if (inner instanceof Uint8Array) return { hex: Buffer.from(inner).toString("hex") };
    return inner === undefined ? { undefined: true } : inner;
  });
}
