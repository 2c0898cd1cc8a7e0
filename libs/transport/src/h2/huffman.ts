import { H2_CODE } from "./h2-code.ts";
import { TransportError } from "../transport-error.ts";

/**
 * Code length of every symbol 0 to 256 (RFC 7541, appendix B), one letter each, `a` for 5 bits. The code is canonical:
 * sorted by length and symbol, each code is the one before plus one, shifted to its length.
 */
const LENGTHS =
  "isxxxxxxxtzxxzxxxxxxxxzxxxxxxxxxbffhibdgffdgdbbbaaabbbbbbbcdkbhfibccccccccccccccccccccccdcdioijbkabababbbaccbbbabcbaabccccckgji" +
  "xprpprrrsrssssststtrstssssqrsrsstrqprrssqsrrtqrssqqrqsrssprrrsrrsvvporsruvvvwwvtuoqvwwvwtqqvvxwwwptpqrqqsrruuttvsvwvvwwwwwxwwwwwvz";

const END_OF_STRING = 256;

/** Children of each node of the code tree: `[zero, one]`; a leaf is `-1 - symbol`. */
const TREE: readonly Int32Array[] = buildTree();

function buildTree(): readonly Int32Array[] {
  const order = Array.from({ length: 257 }, (_, symbol) => symbol).toSorted(
    (left, right) => lengthOf(left) - lengthOf(right) || left - right,
  );
  const nodes: Int32Array[] = [new Int32Array(2)];
  let code = 0;
  let previous = lengthOf(order[0] ?? 0);
  for (const symbol of order) {
    const length = lengthOf(symbol);
    code *= 2 ** (length - previous);
    previous = length;
    insert(nodes, code, length, symbol);
    code++;
  }
  return nodes;
}

function lengthOf(symbol: number): number {
  return LENGTHS.charCodeAt(symbol) - 97 + 5;
}

function insert(nodes: Int32Array[], code: number, length: number, symbol: number): void {
  let node = 0;
  for (let bit = length - 1; bit >= 0; bit--) {
    const branch = Math.floor(code / 2 ** bit) % 2;
    const children = nodes[node] ?? new Int32Array(2);
    if (bit === 0) {
      children[branch] = -1 - symbol;
      return;
    }
    let next = children[branch] ?? 0;
    if (next === 0) {
      next = nodes.push(new Int32Array(2)) - 1;
      children[branch] = next;
    }
    node = next;
  }
}

/**
 * Decodes a Huffman-coded string. Throws a TransportError when it is malformed (section 5.2: an end-of-string symbol,
 * padding of more than 7 bits or not of ones) or longer than `maxLength`.
 */
export function decodeHuffman(bytes: Uint8Array, start: number, end: number, maxLength: number): string {
  const out = Buffer.allocUnsafeSlow(Math.min(maxLength, Math.ceil(((end - start) * 8) / 5)));
  let length = 0;
  let node = 0;
  let depth = 0;
  let onesOnly = true;
  for (let offset = start; offset < end; offset++) {
    const byte = bytes[offset] ?? 0;
    for (let bit = 7; bit >= 0; bit--) {
      const branch = (byte >> bit) & 1;
      const next = TREE[node]?.[branch] ?? 0;
      depth++;
      onesOnly &&= branch === 1;
      if (next >= 0) {
        node = next;
        continue;
      }
      const symbol = -1 - next;
      if (symbol === END_OF_STRING) throw malformed("the end-of-string symbol");
      if (length >= maxLength)
        throw new TransportError(H2_CODE.enhanceYourCalm, "A header string is too long");
      out[length++] = symbol;
      node = 0;
      depth = 0;
      onesOnly = true;
    }
  }
  if (depth > 7 || !onesOnly) throw malformed("its padding");
  return out.toString("latin1", 0, length);
}

function malformed(what: string): TransportError {
  return new TransportError(H2_CODE.compressionError, `A Huffman-coded header string is malformed: ${what}`);
}
