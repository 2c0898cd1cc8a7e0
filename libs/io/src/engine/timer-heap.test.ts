import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TimerHeap } from "./timer-heap.ts";

describe("TimerHeap", () => {
  it("take() hands out exactly the live timers that are due, in order", () => {
    const timer = fc.record({ due: fc.integer({ min: 0, max: 100 }), cancelled: fc.boolean() });
    fc.assert(
      fc.property(fc.array(timer), fc.integer({ min: 0, max: 100 }), (timers, now) => {
        const heap = new TimerHeap();
        const ran: number[] = [];
        for (const { due, cancelled } of timers) {
          const entry = heap.add(due, () => ran.push(due));
          if (cancelled) entry.cancel();
        }
        for (let run = heap.take(now); run !== undefined; run = heap.take(now)) run();
        const live = timers.filter((each) => !each.cancelled).map((each) => each.due);
        expect(ran).toEqual(live.filter((due) => due <= now).toSorted((left, right) => left - right));
        expect(heap.next()).toBe(live.filter((due) => due > now).toSorted((left, right) => left - right)[0]);
      }),
    );
  });
});
