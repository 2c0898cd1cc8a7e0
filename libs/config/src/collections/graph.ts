import { isDeepStrictEqual } from "node:util";
import { Collection, type Change } from "./collection.ts";

/** Says which keys of a derived collection a change of another collection may touch. */
export interface Trigger {
  readonly changed: () => boolean;
  readonly keys: () => Iterable<string>;
}

/** A trigger: `keys` maps one change to the derived keys it may touch; naming too many costs time, too few is a bug. */
export function on<V>(collection: Collection<V>, keys: (change: Change<V>) => Iterable<string>): Trigger {
  return {
    changed: () => collection.changed,
    *keys() {
      for (const change of collection.changes()) yield* keys(change);
    },
  };
}

interface Derived {
  refresh(): void;
}

/**
 * A set of collections where some are computed from others. `flush` recomputes exactly the keys that a trigger names,
 * in the order in which the collections were made, and keeps the old value when the new one is equal, so that a
 * change stops where it no longer makes a difference.
 */
export class Graph {
  readonly #collections: Collection<unknown>[] = [];
  readonly #derived: Derived[] = [];

  /** A collection that is written from outside. */
  input<V>(name: string): Collection<V> {
    const collection = new Collection<V>(name);
    this.#collections.push(collection as Collection<unknown>);
    return collection;
  }

  /** A collection whose value of a key is `compute(key)`; undefined means the key is not there. */
  derive<V>(
    name: string,
    compute: (key: string) => V | undefined,
    triggers: readonly Trigger[],
  ): Collection<V> {
    const collection = this.input<V>(name);
    this.#derived.push({
      refresh() {
        const keys = new Set<string>();
        for (const trigger of triggers) {
          if (trigger.changed()) for (const key of trigger.keys()) keys.add(key);
        }
        for (const key of keys) {
          const before = collection.get(key);
          const after = compute(key);
          if (before !== undefined && after !== undefined && isDeepStrictEqual(before, after)) continue;
          collection.assign(key, after);
        }
      },
    });
    return collection;
  }

  /** Brings every derived collection up to date; the changes stay readable until `settle`. */
  flush(): void {
    for (const derived of this.#derived) derived.refresh();
  }

  /** Ends the flush: forgets all changes. */
  settle(): void {
    for (const collection of this.#collections) collection.settle();
  }
}
