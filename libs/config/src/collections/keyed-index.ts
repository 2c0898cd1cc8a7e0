import type { Change, Collection } from "./collection.ts";

const NONE: ReadonlySet<string> = new Set();

/** The reading side of an index, whatever the values are. */
export interface KeyLookup {
  /** Keys of the values found under `term`. */
  keys(term: string): ReadonlySet<string>;
}

/** Finds a collection's values by terms such as a namespace, a label or an address. */
export class Index<V> implements KeyLookup {
  readonly #collection: Pick<Collection<V>, "get">;
  readonly #terms: (value: V, key: string) => Iterable<string>;
  /** A set costs many times a key; most terms (addresses, names) lead to one value, which stands alone. */
  readonly #keys = new Map<string, string | Set<string>>();

  constructor(collection: Pick<Collection<V>, "get">, terms: (value: V, key: string) => Iterable<string>) {
    this.#collection = collection;
    this.#terms = terms;
  }

  /** Keys of the values found under `term`. */
  keys(term: string): ReadonlySet<string> {
    const keys = this.#keys.get(term) ?? NONE;
    return typeof keys === "string" ? new Set([keys]) : keys;
  }

  /** Values found under `term`. */
  *values(term: string): Generator<V> {
    for (const key of this.keys(term)) {
      const value = this.#collection.get(key);
      if (value !== undefined) yield value;
    }
  }

  /** Every term something is found under. */
  terms(): IterableIterator<string> {
    return this.#keys.keys();
  }

  change({ key, before, after }: Change<V>): void {
    if (before !== undefined) for (const term of this.#terms(before, key)) this.#remove(term, key);
    if (after !== undefined) for (const term of this.#terms(after, key)) this.#add(term, key);
  }

  #add(term: string, key: string): void {
    const keys = this.#keys.get(term);
    if (keys === undefined) this.#keys.set(term, key);
    else if (typeof keys !== "string") keys.add(key);
    else if (keys !== key) this.#keys.set(term, new Set([keys, key]));
  }

  #remove(term: string, key: string): void {
    const keys = this.#keys.get(term);
    if (keys === key) this.#keys.delete(term);
    else if (typeof keys === "object" && keys.delete(key) && keys.size === 0) this.#keys.delete(term);
  }
}
