/** Slots of an empty table; a power of two. */
const SMALLEST = 16;

/**
 * Streams by id, as a map: open addressing over a plain array. A built-in Map makes a new table every few insertions and
 * removals, and each old one, long dead but not yet collected, keeps what was in it at that moment, and with it the next
 * table: short streams would then outlive their tunnel's youth, at twice the memory and a tenth of the time.
 */
export class StreamTable<Stream extends { readonly id: number }> {
  #slots: (Stream | undefined)[] = emptySlots(SMALLEST);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(id: number): Stream | undefined {
    return this.#slots[this.#find(id)];
  }

  has(id: number): boolean {
    return this.get(id) !== undefined;
  }

  /** Takes `stream` in under its id, in place of another of that id. */
  add(stream: Stream): void {
    if ((this.#size + 1) * 2 > this.#slots.length) this.#resize(this.#slots.length * 2);
    const slot = this.#find(stream.id);
    if (this.#slots[slot] === undefined) this.#size++;
    this.#slots[slot] = stream;
  }

  /** False when there is none of that id. */
  delete(id: number): boolean {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let hole = this.#find(id);
    if (slots[hole] === undefined) return false;
    // Those behind it that were pushed aside by it move up, so that a search may end at the first empty slot.
    for (let next = (hole + 1) & mask; ; next = (next + 1) & mask) {
      const stream = slots[next];
      if (stream === undefined) break;
      const home = place(stream.id, mask);
      if (((next - home) & mask) < ((next - hole) & mask)) continue;
      slots[hole] = stream;
      hole = next;
    }
    slots[hole] = undefined;
    this.#size--;
    if (slots.length > SMALLEST && this.#size * 8 < slots.length) this.#resize(slots.length / 2);
    return true;
  }

  clear(): void {
    this.#slots = emptySlots(SMALLEST);
    this.#size = 0;
  }

  /** The streams of this moment, in no order; the table may change while they are looked at. */
  values(): readonly Stream[] {
    return this.#slots.filter((stream) => stream !== undefined);
  }

  /** The slot that holds `id`, or the empty one where it would go. */
  #find(id: number): number {
    const mask = this.#slots.length - 1;
    let slot = place(id, mask);
    for (;;) {
      const stream = this.#slots[slot];
      if (stream === undefined || stream.id === id) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #resize(length: number): void {
    const streams = this.values();
    this.#slots = emptySlots(length);
    for (const stream of streams) this.#slots[this.#find(stream.id)] = stream;
  }
}

// A side's ids are all odd or all even.
function place(id: number, mask: number): number {
  return (id >>> 1) & mask;
}

function emptySlots<Stream>(length: number): (Stream | undefined)[] {
  return Array.from({ length }, () => undefined);
}
