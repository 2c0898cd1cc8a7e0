import fc from "fast-check";
import { expect, test } from "vitest";
import { StreamTable } from "./stream-table.ts";

interface Entry {
  readonly id: number;
  readonly mark: number;
}

test("StreamTable answers as a Map does, whatever is added and removed", () => {
  const step = fc.record({ id: fc.integer({ min: 0, max: 300 }), adds: fc.boolean() });
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 800 }),
      fc.integer({ min: 0, max: 0x7ffffc00 }),
      (steps, base) => {
        const table = new StreamTable<Entry>();
        const model = new Map<number, Entry>();
        for (const [mark, { id, adds }] of steps.entries()) {
          const entry = { id: base + id, mark };
          if (adds) {
            table.add(entry);
            model.set(entry.id, entry);
          } else expect(table.delete(entry.id)).toBe(model.delete(entry.id));
          expect(table.size).toBe(model.size);
          expect(table.get(entry.id)).toBe(model.get(entry.id));
        }
        for (const entry of model.values()) expect(table.get(entry.id)).toBe(entry);
        expect(new Set(table.values())).toEqual(new Set(model.values()));
      },
    ),
    { numRuns: 60 },
  );
});

test("StreamTable.clear() leaves nothing behind", () => {
  const table = new StreamTable<Entry>();
  for (let id = 1; id < 200; id += 2) table.add({ id, mark: 0 });
  table.clear();
  expect(table.size).toBe(0);
  expect(table.values()).toEqual([]);
  expect(table.has(1)).toBe(false);
});

test("StreamTable.values() may be walked while streams end", () => {
  const table = new StreamTable<Entry>();
  for (let id = 1; id < 100; id += 2) table.add({ id, mark: 0 });
  let seen = 0;
  for (const { id } of table.values()) {
    seen++;
    table.delete(id);
  }
  expect(seen).toBe(50);
  expect(table.size).toBe(0);
});
