/** Those who wait for an on-demand answer of discovery, by key. */
export class KeyWaits {
  readonly #ask: (key: string) => void;
  readonly #waiting = new Map<string, (() => void)[]>();

  constructor(ask: (key: string) => void) {
    this.#ask = ask;
  }

  /** Asks once per key however many wait; `done` is called when the answer has been applied. */
  wait(key: string, done: () => void): void {
    const waiting = this.#waiting.get(key);
    if (waiting !== undefined) {
      waiting.push(done);
      return;
    }
    this.#waiting.set(key, [done]);
    this.#ask(key);
  }

  answered(key: string): void {
    const waiting = this.#waiting.get(key) ?? [];
    this.#waiting.delete(key);
    for (const done of waiting) done();
  }
}
