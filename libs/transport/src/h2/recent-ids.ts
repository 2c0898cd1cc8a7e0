/** Ids that are remembered; more are forgotten, the oldest first. */
const REMEMBERED = 64;

/** The last few stream ids of a kind. Adding costs nothing; asking is for rare cases. */
export class RecentIds {
  readonly #ids = new Int32Array(REMEMBERED);
  #count = 0;

  add(id: number): void {
    this.#ids[this.#count++ % REMEMBERED] = id;
  }

  has(id: number): boolean {
    return this.#ids.includes(id);
  }
}
