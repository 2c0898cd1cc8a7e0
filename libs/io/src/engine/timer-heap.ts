import type { DriverTimer } from "../driver.ts";

class Entry implements DriverTimer {
  readonly due: number;
  run: (() => void) | undefined;

  constructor(due: number, run: () => void) {
    this.due = due;
    this.run = run;
  }

  cancel(): void {
    this.run = undefined;
  }
}

/** Timers ordered by due time in a binary heap. A cancelled one gives up its closure at once and its place when due. */
export class TimerHeap {
  readonly #heap: Entry[] = [];

  /** `due` is on the scale of the `now` given to `run`. */
  add(due: number, run: () => void): DriverTimer {
    const entry = new Entry(due, run);
    let index = this.#heap.push(entry) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = this.#heap[parent];
      if (above === undefined || above.due <= due) break;
      this.#heap[index] = above;
      index = parent;
    }
    this.#heap[index] = entry;
    return entry;
  }

  /** When the next live timer is due; undefined when there is none. */
  next(): number | undefined {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined || first.run !== undefined) return first?.due;
      this.#removeFirst();
    }
  }

  /** Takes out the action of one timer that is due at `now`; undefined when there is none. */
  take(now: number): (() => void) | undefined {
    const due = this.next();
    if (due === undefined || due > now) return undefined;
    const entry = this.#removeFirst();
    const run = entry?.run;
    entry?.cancel();
    return run;
  }

  #removeFirst(): Entry | undefined {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (first === undefined || last === undefined || first === last) return first;
    let index = 0;
    for (;;) {
      let child = index * 2 + 1;
      const right = this.#heap[child + 1];
      let smaller = this.#heap[child];
      if (smaller !== undefined && right !== undefined && right.due < smaller.due) {
        smaller = right;
        child++;
      }
      if (smaller === undefined || smaller.due >= last.due) break;
      this.#heap[index] = smaller;
      index = child;
    }
    this.#heap[index] = last;
    return first;
  }
}
