/** Something that can be given another turn. */
export interface TurnTaker {
  queued: boolean;
  onTurn(): void;
}

/**
 * The portable driver's turns: whatever Node reports between two polls of its loop is one turn, and this runs at its
 * end (setImmediate comes right after the poll phase).
 */
export class Turns {
  #ready: TurnTaker[] = [];
  #deferred: (() => void)[] = [];
  #flushes: (() => void)[] = [];
  #scheduled = false;
  #stopped = false;

  again(target: TurnTaker): void {
    if (target.queued) return;
    target.queued = true;
    this.#ready.push(target);
    this.#schedule();
  }

  defer(notice: () => void): void {
    this.#deferred.push(notice);
    this.#schedule();
  }

  endOfTurn(flush: () => void): void {
    this.#flushes.push(flush);
    this.#schedule();
  }

  stop(): void {
    this.#stopped = true;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#finish());
  }

  #finish(): void {
    this.#scheduled = false;
    if (this.#stopped) return;
    const ready = this.#ready;
    const deferred = this.#deferred;
    this.#ready = [];
    this.#deferred = [];
    for (const target of ready) {
      target.queued = false;
      target.onTurn();
    }
    for (const notice of deferred) notice();
    const flushes = this.#flushes;
    this.#flushes = [];
    for (const flush of flushes) flush();
  }
}
