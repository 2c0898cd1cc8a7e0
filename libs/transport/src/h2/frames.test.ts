import fc from "fast-check";
import { expect, test } from "vitest";
import { TransportError } from "../transport-error.ts";
import { CLIENT_START, frame, framesOf } from "../testing/frame-bytes.ts";
import { SessionRig } from "../testing/session-rig.ts";
import { readUint24, readUint32, writeFrameHead, writeUint32 } from "./frames.ts";
import { HeaderAssembly } from "./header-assembly.ts";
import { FLAG } from "./frames.ts";
import { applySettings, encodeSettings, initialPeerSettings } from "./settings.ts";

const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const anyFrame = fc.record({
  type: fc.nat(255),
  flags: fc.nat(255),
  streamId: uint32,
  payload: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
});

test("what writeFrameHead() writes is read back, for every field", () => {
  fc.assert(
    fc.property(fc.nat(0xff_ffff), fc.nat(255), fc.nat(255), uint32, (length, type, flags, streamId) => {
      const bytes = Buffer.alloc(12, 0xaa);
      writeFrameHead(bytes, 2, length, type, flags, streamId);
      expect([readUint24(bytes, 2), bytes[5], bytes[6], readUint32(bytes, 7)]).toEqual([
        length,
        type,
        flags,
        streamId,
      ]);
      expect([bytes[0], bytes[1], bytes[11]]).toEqual([0xaa, 0xaa, 0xaa]);
    }),
  );
});

test("numbers of 32 bits survive, also those beyond 2^31", () => {
  fc.assert(
    fc.property(uint32, (value) => {
      const bytes = Buffer.alloc(4);
      writeUint32(bytes, 0, value);
      expect(readUint32(bytes, 0)).toBe(value);
      expect(bytes.readUInt32BE(0)).toBe(value);
    }),
  );
});

test("frames in one piece are the frames that were put together", () => {
  fc.assert(
    fc.property(fc.array(anyFrame, { maxLength: 10 }), (frames) => {
      const bytes = frames.map(({ type, flags, streamId, payload }) => frame(type, flags, streamId, payload));
      expect(framesOf(Buffer.concat(bytes))).toEqual(frames);
    }),
  );
});

test("receive() does the same with the same bytes however they are cut, and raises TransportError alone", () => {
  const bytes = fc
    .array(anyFrame, { maxLength: 8 })
    .map((frames) =>
      Buffer.concat([
        CLIENT_START,
        ...frames.map(({ type, flags, streamId, payload }) => frame(type % 11, flags, streamId % 8, payload)),
      ]),
    );
  const run = (pieces: readonly Buffer[]): unknown => {
    const rig = new SessionRig("server");
    let end = "";
    try {
      rig.receive(...pieces);
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(TransportError);
      end = thrown instanceof TransportError ? thrown.message : "";
    }
    const received = [...rig.streams.values()].map((stream) =>
      Buffer.concat(stream.received).toString("hex"),
    );
    return [end, rig.log, received, rig.sent()];
  };
  fc.assert(
    fc.property(bytes, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (whole, sizes) => {
      const pieces: Buffer[] = [];
      for (let at = 0, index = 0; at < whole.length; index++) {
        const end = at + (sizes[index % sizes.length] ?? 1);
        pieces.push(whole.subarray(at, end));
        at = end;
      }
      expect(run(pieces)).toEqual(run([whole]));
    }),
    { numRuns: 300, seed: 3 },
  );
});

test("applySettings() reads what encodeSettings() wrote", () => {
  fc.assert(
    fc.property(
      fc.nat(0x7fff_ffff),
      fc.integer({ min: 16_384, max: 16_777_215 }),
      uint32,
      (initialWindowBytes, maxFrameBytes, maxConcurrentStreams) => {
        const bytes = encodeSettings({
          initialWindowBytes,
          maxFrameBytes,
          maxConcurrentStreams,
          maxHeaderListBytes: 1,
          disablePush: true,
        });
        const peer = initialPeerSettings();
        applySettings(peer, bytes, 0, bytes.length);
        expect(peer).toEqual({ initialWindowBytes, maxFrameBytes, maxConcurrentStreams });
      },
    ),
  );
});

test.each([
  ["a push that is neither on nor off", [0, 2, 0, 0, 0, 2]],
  ["a window of 2^31", [0, 4, 0x80, 0, 0, 0]],
  ["frames of 16383 bytes", [0, 5, 0, 0, 0x3f, 0xff]],
  ["frames of 2^24 bytes", [0, 5, 1, 0, 0, 0]],
  ["half an entry", [0, 5, 0]],
])("applySettings() refuses %s", (_what, bytes) => {
  expect(() => applySettings(initialPeerSettings(), Uint8Array.from(bytes), 0, bytes.length)).toThrow(
    TransportError,
  );
});

test("HeaderAssembly joins a block in pieces, without padding and priority", () => {
  const assembly = new HeaderAssembly();
  const padded = Buffer.from("\x03.....abc\0\0\0", "latin1");
  const flags = FLAG.padded | FLAG.priority | FLAG.endStream;
  expect(assembly.headers(padded, 0, padded.length, flags, 7)).toBeUndefined();
  expect(assembly.openStreamId).toBe(7);
  expect(assembly.continuation(Buffer.from("xde"), 1, 1, 0)).toBeUndefined();
  const block = assembly.continuation(Buffer.from("e"), 0, 1, FLAG.endHeaders);
  expect(block).toMatchObject({ streamId: 7, start: 0, end: 5, endStream: true });
  expect(Buffer.from(block?.bytes ?? []).toString()).toBe("abcde");
  expect(assembly.openStreamId).toBe(0);
});

test.each([
  ["padding without a length", FLAG.padded, Buffer.alloc(0)],
  ["more padding than bytes", FLAG.padded, Buffer.of(9, 1)],
  ["a priority of four bytes", FLAG.priority, Buffer.alloc(4)],
])("HeaderAssembly refuses %s", (_what, flags, payload) => {
  expect(() => new HeaderAssembly().headers(payload, 0, payload.length, flags | FLAG.endHeaders, 1)).toThrow(
    TransportError,
  );
});
