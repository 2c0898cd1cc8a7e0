/**
 * Several things may claim one address within a network, one of them is in front. Most addresses have one claimant, so
 * a lone value is stored without an array around it, and keys are nested instead of joined: no text is made per entry.
 */
export class ClaimIndex<T extends object> {
  readonly #networks = new Map<string, Map<string, T | T[]>>();
  #size = 0;

  /** How many different keys are claimed. */
  get size(): number {
    return this.#size;
  }

  /** Adds a claim in front of those for which `before(value, other)` is true, behind all others. */
  add(network: string, key: string, value: T, before: (value: T, other: T) => boolean): void {
    let keys = this.#networks.get(network);
    if (keys === undefined) this.#networks.set(network, (keys = new Map()));
    const held = keys.get(key);
    if (held === undefined) {
      keys.set(key, value);
      this.#size += 1;
      return;
    }
    const claims = Array.isArray(held) ? held : [held];
    const position = claims.findIndex((other) => before(value, other));
    claims.splice(position < 0 ? claims.length : position, 0, value);
    keys.set(key, claims);
  }

  remove(network: string, key: string, value: T): void {
    const keys = this.#networks.get(network);
    const held = keys?.get(key);
    if (keys === undefined || held === undefined) return;
    const rest = (Array.isArray(held) ? held : [held]).filter((other) => other !== value);
    const [only] = rest;
    if (only !== undefined) {
      keys.set(key, rest.length === 1 ? only : rest);
      return;
    }
    keys.delete(key);
    this.#size -= 1;
    if (keys.size === 0) this.#networks.delete(network);
  }

  /** The claim in front. */
  first(network: string, key: string): T | undefined {
    const held = this.#networks.get(network)?.get(key);
    return Array.isArray(held) ? held[0] : held;
  }

  /** All claims, the one in front first. */
  all(network: string, key: string): readonly T[] {
    const held = this.#networks.get(network)?.get(key);
    if (held === undefined) return [];
    return Array.isArray(held) ? held : [held];
  }
}
