/**
 * Small numbers for the names of a snapshot, so that what each of many clients holds is an array instead of a map. A number
 * is used again only when the name is gone and no client holds it any more.
 */
export class Slots {
  readonly #byName = new Map<string, number>();
  readonly #names: (string | undefined)[] = [];
  /** Clients that hold the name, plus one while the snapshot has it. */
  readonly #users: number[] = [];
  readonly #free: number[] = [];

  /** Numbers in use lie below this. */
  get bound(): number {
    return this.#names.length;
  }

  find(name: string): number | undefined {
    return this.#byName.get(name);
  }

  name(slot: number): string | undefined {
    return this.#names[slot];
  }

  /** The number of a name that appears in the snapshot; `leave` undoes it. */
  enter(name: string): number {
    const slot = this.#byName.get(name) ?? this.#claim(name);
    this.use(slot);
    return slot;
  }

  /** The name is gone from the snapshot. */
  leave(name: string): void {
    const slot = this.#byName.get(name);
    if (slot !== undefined) this.release(slot);
  }

  /** One more user. */
  use(slot: number): void {
    this.#users[slot] = (this.#users[slot] ?? 0) + 1;
  }

  /** One user less; the last one frees the number. */
  release(slot: number): void {
    const users = (this.#users[slot] ?? 0) - 1;
    this.#users[slot] = users;
    const name = this.#names[slot];
    if (users > 0 || name === undefined) return;
    this.#byName.delete(name);
    this.#names[slot] = undefined;
    this.#free.push(slot);
  }

  #claim(name: string): number {
    const slot = this.#free.pop() ?? this.#names.length;
    this.#byName.set(name, slot);
    this.#names[slot] = name;
    this.#users[slot] = 0;
    return slot;
  }
}
