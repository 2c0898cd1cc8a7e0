import { once } from "node:events";
import { connect } from "node:http2";
import { Duplex } from "node:stream";
import { seededRandom, type Random } from "@ambit/base/random.ts";
import { FRAME, FRAME_HEAD_BYTES, PREFACE, readUint24 } from "../h2/frames.ts";
import type { HeaderField } from "../h2/hpack-decoder.ts";

/** A header block that another implementation (nghttp2, in Node) has made, and what is in it. */
export interface ForeignBlock {
  readonly fields: readonly HeaderField[];
  readonly block: Buffer;
}

const HEADER_BYTE = { low: 0x21, high: 0xff, delete: 0x7f } as const;

/**
 * Requests of one connection as nghttp2 encodes them: Huffman-coded where that is shorter, with its dynamic table of
 * 4096 bytes, so they decode in order only.
 */
export async function foreignBlocks(count: number, seed: number): Promise<readonly ForeignBlock[]> {
  const random = seededRandom(seed);
  const wire = new Wire();
  const session = connect("http://example.test", {
    createConnection: () => wire,
    peerMaxConcurrentStreams: count + 1,
  });
  const requests = Array.from({ length: count }, () => someRequest(random));
  for (const headers of requests) {
    const stream = session.request(Object.fromEntries(headers), { endStream: false });
    stream.on("error", () => undefined);
  }
  while (wire.blocks.length < count) await once(wire, "block");
  session.on("error", () => undefined);
  session.destroy();
  return requests.map((fields, index) => ({ fields, block: wire.blocks[index] ?? Buffer.alloc(0) }));
}

function someRequest(random: Random): HeaderField[] {
  const fields: HeaderField[] = [
    [":method", "CONNECT"],
    [":authority", `10.0.0.${random.below(4)}:8080`],
  ];
  const used = new Set<string>();
  for (let left = random.below(6); left > 0; left--) {
    const name = random.below(3) === 0 ? `x-${random.below(1000)}` : `common-${random.below(8)}`;
    if (used.has(name)) continue;
    used.add(name);
    fields.push([name, someValue(random)]);
  }
  return fields;
}

function someValue(random: Random): string {
  if (random.below(2) === 0) return `value ${random.below(6)}`;
  let text = "";
  for (let left = random.below(60); left > 0; left--) {
    const code = HEADER_BYTE.low + random.below(HEADER_BYTE.high - HEADER_BYTE.low + 1);
    text += String.fromCharCode(code === HEADER_BYTE.delete ? 0x20 + 1 : code);
  }
  return text;
}

/** The other end of the client's connection: keeps header blocks, says nothing. */
class Wire extends Duplex {
  readonly blocks: Buffer[] = [];
  #rest = Buffer.alloc(0);
  #prefaceLeft = PREFACE.length;

  override _read(): void {
    // Nothing is ever answered.
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    const skipped = Math.min(this.#prefaceLeft, chunk.length);
    this.#prefaceLeft -= skipped;
    this.#rest = Buffer.concat([this.#rest, chunk.subarray(skipped)]);
    while (this.#rest.length >= FRAME_HEAD_BYTES) {
      const end = FRAME_HEAD_BYTES + readUint24(this.#rest, 0);
      if (this.#rest.length < end) break;
      if (this.#rest[3] === FRAME.headers) {
        this.blocks.push(Buffer.from(this.#rest.subarray(FRAME_HEAD_BYTES, end)));
        this.emit("block");
      }
      this.#rest = this.#rest.subarray(end);
    }
    done();
  }
}
