import { Index } from "./keyed-index.ts";

/** One key's step since the last flush; `before` or `after` is undefined when the key was or is not there. */
export interface Change<V> {
  readonly key: string;
  readonly before: V | undefined;
  readonly after: V | undefined;
}

/** Values by key, with indexes, and the changes of the flush that is running. Values are immutable. */
export class Collection<V> {
  readonly name: string;
  readonly #values = new Map<string, V>();
  readonly #indexes: Index<V>[] = [];
  #changes = new Map<string, Change<V>>();

  constructor(name: string) {
    this.name = name;
  }

  get size(): number {
    return this.#values.size;
  }

  get(key: string): V | undefined {
    return this.#values.get(key);
  }

  has(key: string): boolean {
    return this.#values.has(key);
  }

  values(): IterableIterator<V> {
    return this.#values.values();
  }

  entries(): IterableIterator<[string, V]> {
    return this.#values.entries();
  }

  /** Adds an index that is kept with every change; `terms` gives what a value is found under. */
  index(terms: (value: V, key: string) => Iterable<string>): Index<V> {
    const index = new Index<V>(this, terms);
    for (const [key, value] of this.#values) index.change({ key, before: undefined, after: value });
    this.#indexes.push(index);
    return index;
  }

  /** The net changes since `settle`, one per key. */
  changes(): IterableIterator<Change<V>> {
    return this.#changes.values();
  }

  get changed(): boolean {
    return this.#changes.size > 0;
  }

  /** Sets or removes a key; only the owner of the collection calls it. */
  assign(key: string, after: V | undefined): void {
    const before = this.#values.get(key);
    if (before === after) return;
    if (after === undefined) this.#values.delete(key);
    else this.#values.set(key, after);
    const step: Change<V> = { key, before, after };
    for (const index of this.#indexes) index.change(step);
    const earlier = this.#changes.get(key);
    if (earlier === undefined) this.#changes.set(key, step);
    else if (earlier.before === after) this.#changes.delete(key);
    else this.#changes.set(key, { key, before: earlier.before, after });
  }

  /** Forgets the changes: everybody has seen them. */
  settle(): void {
    if (this.#changes.size > 0) this.#changes = new Map();
  }
}
