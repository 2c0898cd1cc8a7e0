import { expect, test } from "vitest";
import { foreignBlocks } from "../testing/foreign-headers.ts";
import { HpackDecoder } from "./hpack-decoder.ts";

test("decode() reads what nghttp2 encodes: Huffman codes, the static and the dynamic table", async () => {
  const blocks = await foreignBlocks(300, 7);
  const decoder = new HpackDecoder({ maxListBytes: 65_536 });
  for (const { fields, block } of blocks) {
    expect(decoder.decode(block, 0, block.length)).toEqual(fields);
  }
  expect(decoder.tableBytes).toBeGreaterThan(1_000);
  const coded = blocks.reduce((sum, { block }) => sum + block.length, 0);
  const plain = blocks.reduce((sum, { fields }) => sum + fields.flat().join("").length, 0);
  expect(coded).toBeLessThan(plain);
});
