import type { KeyLookup } from "./keyed-index.ts";

type Labels = Readonly<Record<string, string>>;

/** The term of one label within a scope (a namespace, or `*` for all). */
function labelTerm(scope: string, key: string, value: string): string {
  return `${scope}|${key}=${value}`;
}

/** A term for each label of a value. */
export function* labelTerms(scope: string, labels: Labels): Generator<string> {
  for (const key in labels) yield labelTerm(scope, key, labels[key] ?? "");
}

/** The one term a selector is filed under; whoever has all its labels has this one too. Undefined for an empty one. */
export function selectorTerm(scope: string, selector: Labels): string | undefined {
  for (const key in selector) return labelTerm(scope, key, selector[key] ?? "");
  return undefined;
}

/** Keys of candidates for a selector: those under its rarest label. The caller still compares all labels. */
export function selectorCandidates(index: KeyLookup, scope: string, selector: Labels): ReadonlySet<string> {
  let best: ReadonlySet<string> = new Set();
  let first = true;
  for (const term of labelTerms(scope, selector)) {
    const keys = index.keys(term);
    if (first || keys.size < best.size) best = keys;
    first = false;
  }
  return best;
}
