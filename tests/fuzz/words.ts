import type { Random } from "@ambit/base/random.ts";

/** One of `values`; it must not be empty. */
export function pick<Value>(random: Random, values: readonly Value[]): Value {
  return values[random.below(values.length)] as Value;
}

/** True once in `times`. */
export function once(random: Random, times: number): boolean {
  return random.below(times) === 0;
}

/** `make` called 0 to `most` times. */
export function several<Value>(random: Random, most: number, make: () => Value): Value[] {
  return Array.from({ length: random.below(most + 1) }, make);
}

/** Values that decoders of names meet: ordinary ones, and those with a meaning to somebody. */
const STRANGE = [
  "",
  ".",
  "..",
  "/",
  "//",
  "*",
  "%",
  "%2",
  "%00",
  "\0",
  "\r\n",
  " ",
  "\u00e9",
  "\u010a",
  "\ud800",
  "\u{1f600}",
  "__proto__",
  "constructor",
  "toString",
  "a=b",
  "a;b",
  "a,b",
  '"',
  "-1",
  "65536",
  "spiffe://",
  "cluster.local",
  "xn--",
];

/** A short name, now and then a strange one. */
export function word(random: Random): string {
  if (once(random, 8)) return pick(random, STRANGE);
  const letters = "abcdefghijklmnopqrstuvwxyz0123456789-";
  const length = once(random, 40) ? 1 + random.below(300) : 1 + random.below(8);
  let text = "";
  for (let left = length; left > 0; left--) text += letters[random.below(letters.length)] ?? "";
  return text;
}

/** An IPv4 or, sometimes, an IPv6 address of few different ones. */
export function ipText(random: Random): string {
  return once(random, 4) ? `fd00::${random.below(9) + 1}` : `10.0.${random.below(3)}.${random.below(20)}`;
}

/** A number that is mostly a port. */
export function portNumber(random: Random): number {
  return once(random, 10) ? pick(random, [0, 1, 65_535, 15_001, 15_006, 15_008]) : random.below(65_536);
}
