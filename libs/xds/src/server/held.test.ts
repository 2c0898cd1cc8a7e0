import { describe, expect, test } from "vitest";
import { seededRandom } from "@ambit/base/random.ts";
import { Held, versionWords } from "./held.ts";
import { Slots } from "./slots.ts";

const version = (number: number): string => number.toString(16).padStart(16, "0");

function resource(slots: Slots, name: string, number: number) {
  const slot = slots.find(name);
  const words = versionWords(version(number));
  if (slot === undefined || words === undefined) throw new Error("not in the snapshot");
  return { slot, words };
}

describe("versionWords()", () => {
  test("takes 16 hex digits apart and refuses everything else", () => {
    expect(versionWords("00000001ffffffff")).toEqual({ high: 1, low: 0xffffffff });
    for (const text of ["", "0".repeat(16), "1".repeat(15), "1".repeat(17), "g".repeat(16), "A".repeat(16)])
      expect(versionWords(text)).toBeUndefined();
  });
});

describe("Held", () => {
  test("add() then the name's end in the snapshot keeps it held until delete()", () => {
    const slots = new Slots();
    slots.enter("a");
    const held = new Held(slots);
    held.add("a", resource(slots, "a", 1));
    slots.leave("a");
    slots.enter("b");
    expect(held.has("a")).toBe(true);
    expect(held.has("b")).toBe(false);
    expect(held.hasVersion(resource(slots, "b", 1))).toBe(false);
    held.delete("a");
    expect(slots.find("a")).toBeUndefined();
    expect(slots.enter("c")).toBe(0);
  });

  test("clear() gives every slot back", () => {
    const slots = new Slots();
    const held = new Held(slots);
    for (const name of ["a", "b", "c"]) {
      slots.enter(name);
      held.add(name, resource(slots, name, 7));
      slots.leave(name);
    }
    expect(slots.find("b")).toBeDefined();
    held.clear();
    expect(held.size).toBe(0);
    for (const name of ["a", "b", "c"]) expect(slots.find(name)).toBeUndefined();
  });

  test("says what a map would say, whatever comes and goes", () => {
    const random = seededRandom(5);
    const slots = new Slots();
    const clients = Array.from({ length: 3 }, () => ({
      held: new Held(slots),
      map: new Map<string, string>(),
    }));
    const present = new Set<string>();
    for (let step = 0; step < 20_000; step++) {
      const name = `n${random.below(40)}`;
      const number = 1 + random.below(3);
      const client = clients[random.below(3)];
      if (client === undefined) throw new Error("no client");
      const { held, map } = client;
      switch (random.below(5)) {
        case 0:
          if (!present.has(name)) slots.enter(name);
          present.add(name);
          break;
        case 1:
          if (present.delete(name)) slots.leave(name);
          break;
        case 2:
          if (!present.has(name)) break;
          held.add(name, resource(slots, name, number));
          map.set(name, version(number));
          break;
        case 3: {
          const text = random.below(2) === 0 ? version(number) : "other";
          held.claim(name, text);
          map.set(name, text);
          break;
        }
        default:
          held.delete(name);
          map.delete(name);
      }
      expect(held.size).toBe(map.size);
      expect(held.has(name)).toBe(map.has(name));
      // A version that was claimed before the snapshot knew the name is sent again, so only a yes must be right.
      if (present.has(name) && held.hasVersion(resource(slots, name, number)))
        expect(map.get(name)).toBe(version(number));
      if (step % 500 === 0) expect([...held.names()].sort()).toEqual([...map.keys()].sort());
    }
  });
});
