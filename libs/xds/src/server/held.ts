import type { Slots } from "./slots.ts";

/** A version as two 32-bit numbers. */
export interface VersionWords {
  readonly high: number;
  readonly low: number;
}

/** A resource with its place among the slots and its version as numbers. */
export interface HeldResource {
  readonly slot: number;
  readonly words: VersionWords;
}

const VERSION = /^[0-9a-f]{16}$/;

/** The numbers of a version of 16 hex digits; undefined for any other text, and for all zeros, which stand for nothing. */
export function versionWords(version: string): VersionWords | undefined {
  if (!VERSION.test(version)) return undefined;
  const high = Number.parseInt(version.slice(0, 8), 16);
  const low = Number.parseInt(version.slice(8), 16);
  return high === 0 && low === 0 ? undefined : { high, low };
}

/**
 * What one client holds: names and their versions, in eight bytes each for names of the snapshot. Names and versions the
 * snapshot never had are kept as they are. `clear` must be called in the end: it gives the slots back.
 */
export class Held {
  readonly #slots: Slots;
  /** Two words per slot; zeros when the name is not held, or held in a version kept in `#odd`. */
  #words = new Uint32Array(0);
  #inSlots = 0;
  readonly #odd = new Map<string, string>();

  constructor(slots: Slots) {
    this.#slots = slots;
  }

  get size(): number {
    return this.#inSlots + this.#odd.size;
  }

  has(name: string): boolean {
    const slot = this.#slots.find(name);
    return (slot !== undefined && this.#isSet(slot)) || this.#odd.has(name);
  }

  /** True when exactly this version is held. */
  hasVersion({ slot, words }: HeldResource): boolean {
    return this.#words[2 * slot] === words.high && this.#words[2 * slot + 1] === words.low;
  }

  /** The client holds the resource as it is now. */
  add(name: string, { slot, words }: HeldResource): void {
    if (this.#odd.size > 0) this.#odd.delete(name);
    if (!this.#isSet(slot)) {
      this.#slots.use(slot);
      this.#inSlots++;
    }
    if (2 * slot + 1 >= this.#words.length) this.#grow(slot);
    this.#words[2 * slot] = words.high;
    this.#words[2 * slot + 1] = words.low;
  }

  /** The client holds several resources as they are now: slot, high and low of each in turn. */
  addMarks(marks: Uint32Array): void {
    for (let at = 0; at < marks.length; at += 3) {
      const slot = marks[at] ?? 0;
      if (!this.#isSet(slot)) {
        this.#slots.use(slot);
        this.#inSlots++;
      }
      if (2 * slot + 1 >= this.#words.length) this.#grow(slot);
      this.#words[2 * slot] = marks[at + 1] ?? 0;
      this.#words[2 * slot + 1] = marks[at + 2] ?? 0;
    }
  }

  /** The client says that it holds a version; an empty one matches none. */
  claim(name: string, version: string): void {
    const slot = this.#slots.find(name);
    const words = versionWords(version);
    if (slot !== undefined && words !== undefined) {
      this.add(name, { slot, words });
      return;
    }
    if (slot !== undefined) this.#unset(slot);
    this.#odd.set(name, version);
  }

  delete(name: string): void {
    const slot = this.#slots.find(name);
    if (slot !== undefined) this.#unset(slot);
    this.#odd.delete(name);
  }

  /** Every name; it may be deleted while the walk stands on it. */
  *names(): Generator<string> {
    yield* this.#odd.keys();
    for (let slot = 0; 2 * slot < this.#words.length; slot++) {
      const name = this.#isSet(slot) ? this.#slots.name(slot) : undefined;
      if (name !== undefined) yield name;
    }
  }

  /** The client holds nothing any more. */
  clear(): void {
    for (let slot = 0; 2 * slot < this.#words.length; slot++) this.#unset(slot);
    this.#words = new Uint32Array(0);
    this.#odd.clear();
  }

  #isSet(slot: number): boolean {
    return (this.#words[2 * slot] ?? 0) !== 0 || (this.#words[2 * slot + 1] ?? 0) !== 0;
  }

  #unset(slot: number): void {
    if (!this.#isSet(slot)) return;
    this.#words[2 * slot] = 0;
    this.#words[2 * slot + 1] = 0;
    this.#inSlots--;
    this.#slots.release(slot);
  }

  // Room for what the snapshot has now, and a little more.
  #grow(slot: number): void {
    const slots = Math.max(slot + 1, this.#slots.bound);
    const words = new Uint32Array(2 * (slots + (slots >> 4) + 16));
    words.set(this.#words);
    this.#words = words;
  }
}
