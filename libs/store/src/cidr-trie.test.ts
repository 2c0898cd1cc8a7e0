import { cidrContains, formatIp, parseCidr, parseIp } from "@ambit/base/ip.ts";
import type { Cidr } from "@ambit/base/ip.ts";
import { seededRandom } from "@ambit/base/random.ts";
import { describe, expect, it } from "vitest";
import { CidrTrie } from "./cidr-trie.ts";

const block = (text: string): Cidr => parseCidr(text) ?? { bytes: new Uint8Array(4), length: 32 };
const find = (trie: CidrTrie<string>, ip: string): string[] =>
  trie.find(parseIp(ip) ?? new Uint8Array(4)).map((hit) => `${hit.value}/${hit.length}`);

describe("CidrTrie", () => {
  it("find() gives every block around an address, longest first, families apart", () => {
    const trie = new CidrTrie<string>();
    for (const text of ["0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "10.2.0.0/16", "::/0", "fd00::/8"])
      trie.add(block(text), text);
    expect(find(trie, "10.1.2.3")).toEqual(["10.1.0.0/16/16", "10.0.0.0/8/8", "0.0.0.0/0/0"]);
    expect(find(trie, "192.0.2.1")).toEqual(["0.0.0.0/0/0"]);
    expect(find(trie, "fd00::1")).toEqual(["fd00::/8/8", "::/0/0"]);
  });

  it("remove() takes one occurrence of exactly that block", () => {
    const trie = new CidrTrie<string>();
    trie.add(block("10.0.0.0/8"), "a");
    trie.add(block("10.0.0.0/8"), "b");
    expect(trie.remove(block("10.0.0.0/9"), "a")).toBe(false);
    expect(trie.remove(block("10.0.0.0/8"), "c")).toBe(false);
    expect(trie.remove(block("10.0.0.0/8"), "a")).toBe(true);
    expect(find(trie, "10.0.0.1")).toEqual(["b/8"]);
    expect(trie.remove(block("10.0.0.0/8"), "b")).toBe(true);
    expect(trie.size).toBe(0);
    expect(find(trie, "10.0.0.1")).toEqual([]);
  });

  it("agrees with a walk over all blocks under random changes", () => {
    const random = seededRandom(11);
    const trie = new CidrTrie<string>();
    const held: Cidr[] = [];
    const address = (): Uint8Array =>
      Uint8Array.from({ length: random.next() < 0.5 ? 4 : 16 }, () => random.below(3));
    const name = (one: Cidr): string => `${formatIp(one.bytes)}/${one.length}`;
    for (let round = 0; round < 3_000; round++) {
      if (random.next() < 0.5) {
        const bytes = address();
        const one = { bytes, length: random.below(bytes.length * 8 + 1) };
        trie.add(one, name(one));
        held.push(one);
      } else {
        const [one] = held.splice(random.below(held.length), 1);
        if (one !== undefined) expect(trie.remove(one, name(one))).toBe(true);
      }
      const asked = address();
      const wanted = held.filter((one) => cidrContains(one, asked)).map((one) => name(one));
      expect(
        trie
          .find(asked)
          .map((hit) => hit.value)
          .sort(),
      ).toEqual(wanted.sort());
      expect(trie.size).toBe(held.length);
    }
  });
});
