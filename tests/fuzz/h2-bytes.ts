import type { Random } from "@ambit/base/random.ts";
import { encodeHeaders } from "../../libs/transport/src/h2/hpack-encoder.ts";
import { FLAG, FRAME } from "../../libs/transport/src/h2/frames.ts";
import { frame } from "../../libs/transport/src/testing/frame-bytes.ts";
import { once, pick, several, word } from "./words.ts";

/** A frame of any type that a peer could mean. */
export function someFrame(random: Random): Buffer {
  const streamId = pick(random, [0, 1, 1, 1, 3, 3, 5, 7, 2, 0x7fffffff]);
  switch (random.below(12)) {
    case 0:
    case 1:
      return dataFrame(random, streamId);
    case 2:
    case 3:
      return headersFrames(random, streamId);
    case 4:
      return frame(FRAME.settings, random.below(4) === 0 ? FLAG.ack : 0, 0, settingsPayload(random));
    case 5:
      return frame(FRAME.ping, random.below(2), 0, random.bytes(8));
    case 6:
      return frame(FRAME.windowUpdate, 0, streamId, uint32(random));
    case 7:
      return frame(FRAME.rstStream, 0, streamId, uint32(random));
    case 8:
      return frame(FRAME.goaway, 0, 0, random.bytes(8 + random.below(20)));
    case 9:
      return frame(FRAME.priority, 0, streamId, random.bytes(5));
    case 10:
      return frame(FRAME.continuation, random.below(8), streamId, random.bytes(random.below(20)));
    default:
      return frame(random.below(256), random.below(256), streamId, random.bytes(random.below(40)));
  }
}

function dataFrame(random: Random, streamId: number): Buffer {
  const body = random.bytes(random.below(once(random, 8) ? 4_096 : 64));
  const end = once(random, 6) ? FLAG.endStream : 0;
  if (!once(random, 3)) return frame(FRAME.data, end, streamId, body);
  const padding = random.below(once(random, 4) ? 256 : 8);
  const padded = Buffer.concat([Buffer.of(padding), body, Buffer.alloc(padding)]);
  return frame(FRAME.data, end | FLAG.padded, streamId, padded);
}

function headersFrames(random: Random, streamId: number): Buffer {
  const fields: [string, string][] = [
    [":method", "CONNECT"],
    [":authority", `10.0.0.${random.below(9)}:8080`],
    ...several(random, 3, (): [string, string] => [word(random), word(random)]),
  ];
  if (once(random, 3)) fields.splice(0, 2, [":status", pick(random, ["200", "503", ""])]);
  const block = encodeHeaders(fields);
  const end = once(random, 8) ? FLAG.endStream : 0;
  if (!once(random, 4)) return frame(FRAME.headers, end | FLAG.endHeaders, streamId, block);
  const cut = random.below(block.length + 1);
  return Buffer.concat([
    frame(FRAME.headers, end, streamId, block.subarray(0, cut)),
    frame(FRAME.continuation, FLAG.endHeaders, streamId, block.subarray(cut)),
  ]);
}

function settingsPayload(random: Random): Buffer {
  const entries = several(random, 4, () => {
    const entry = Buffer.alloc(6);
    entry.writeUInt16BE(random.below(8), 0);
    entry.writeUInt32BE(pick(random, [0, 1, 100, 16_384, 65_535, 0x7fffffff, 0xffffffff]), 2);
    return entry;
  });
  return Buffer.concat(entries);
}

function uint32(random: Random): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(pick(random, [0, 1, 8, 65_535, 0x7fffffff, 0x80000000, 0xffffffff]));
  return bytes;
}
