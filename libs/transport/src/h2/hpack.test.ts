import fc from "fast-check";
import { expect, test } from "vitest";
import { TransportError } from "../transport-error.ts";
import { HpackDecoder, type HeaderField } from "./hpack-decoder.ts";
import { encodeHeaders, encodeInteger } from "./hpack-encoder.ts";

function decode(hex: string, decoder = new HpackDecoder({ maxListBytes: 4096 })): readonly HeaderField[] {
  const bytes = Buffer.from(hex.replaceAll(" ", ""), "hex");
  return decoder.decode(bytes, 0, bytes.length);
}

// RFC 7541, appendix C.4: three requests on one connection, Huffman-coded.
test("decode() reads the RFC's requests with Huffman coding and a dynamic table", () => {
  const decoder = new HpackDecoder({ maxListBytes: 4096 });
  const common: HeaderField[] = [
    [":method", "GET"],
    [":scheme", "http"],
    [":path", "/"],
    [":authority", "www.example.com"],
  ];
  expect(decode("8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff", decoder)).toEqual(common);
  expect(decoder.tableBytes).toBe(57);
  expect(decode("8286 84be 5886 a8eb 1064 9cbf", decoder)).toEqual([
    ...common,
    ["cache-control", "no-cache"],
  ]);
  expect(decode("8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf", decoder)).toEqual([
    [":method", "GET"],
    [":scheme", "https"],
    [":path", "/index.html"],
    [":authority", "www.example.com"],
    ["custom-key", "custom-value"],
  ]);
  expect(decoder.tableBytes).toBe(164);
});

// RFC 7541, appendix C.6: a table of 256 bytes, so that entries are evicted.
test("decode() evicts entries when the table is full", () => {
  const decoder = new HpackDecoder({ maxListBytes: 4096, maxTableBytes: 256 });
  decode(
    "4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3",
    decoder,
  );
  expect(decoder.tableBytes).toBe(222);
  const second = decode("4883 640e ffc1 c0bf", decoder);
  expect(second.map(([, value]) => value)).toEqual([
    "307",
    "private",
    "Mon, 21 Oct 2013 20:13:21 GMT",
    "https://www.example.com",
  ]);
  expect(decoder.tableBytes).toBe(222);
});

test("encodeInteger() follows the RFC's examples", () => {
  expect(encodeInteger(10, 5, 0).toString("hex")).toBe("0a");
  expect(encodeInteger(1337, 5, 0).toString("hex")).toBe("1f9a0a");
  expect(encodeInteger(42, 8, 0).toString("hex")).toBe("2a");
});

test("encodeHeaders() answers 200 with one byte", () => {
  expect(encodeHeaders([[":status", "200"]]).toString("hex")).toBe("88");
});

test("decode() undoes encodeHeaders()", () => {
  const text = fc.string({
    unit: fc.integer({ min: 32, max: 255 }).map((code) => String.fromCharCode(code)),
    maxLength: 300,
  });
  fc.assert(
    fc.property(fc.array(fc.tuple(text, text), { maxLength: 20 }), (fields) => {
      const bytes = encodeHeaders(fields);
      expect(new HpackDecoder({ maxListBytes: 1_000_000 }).decode(bytes, 0, bytes.length)).toEqual(fields);
    }),
    { numRuns: 200, seed: 1 },
  );
});

test("decode() raises nothing but TransportError, whatever the bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        new HpackDecoder({ maxListBytes: 4096 }).decode(bytes, 0, bytes.length);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(TransportError);
      }
    }),
    { numRuns: 5_000, seed: 2 },
  );
});

test.each([
  ["an index of 0", "80"],
  ["an index beyond the tables", "ff00"],
  ["an endless integer", "ffffffffffff"],
  ["a string beyond the block", "000561"],
  ["a table larger than allowed", "3fe21f"],
  ["a table size update after a field", "8220"],
  ["padding of zeros", "0081008100"],
  ["padding of more than seven bits", "0082ffff00"],
])("decode() refuses %s", (_what, hex) => expect(() => decode(hex)).toThrow(TransportError));

test("decode() counts decoded bytes against its limit, at the limit and one above", () => {
  const block = encodeHeaders([["a", "x".repeat(100)]]);
  const size = 1 + 100 + 32;
  expect(new HpackDecoder({ maxListBytes: size }).decode(block, 0, block.length)).toHaveLength(1);
  expect(() => new HpackDecoder({ maxListBytes: size - 1 }).decode(block, 0, block.length)).toThrow(
    TransportError,
  );
});
