import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { frame, numberFrame, settingsFrame, type Frame } from "../testing/frame-bytes.ts";
import { CONNECT_BLOCK, SessionRig } from "../testing/session-rig.ts";
import { FLAG, FRAME } from "./frames.ts";
import { H2_CODE } from "./h2-code.ts";
import { CONNECTION_WINDOW_BYTES, MAX_FRAME_BYTES, STREAM_WINDOW_BYTES } from "./session-stream.ts";
import { DEFAULT_WINDOW_BYTES, MAX_WINDOW_BYTES } from "./settings.ts";

const INITIAL_WINDOW = 4;

function withStreams(count: number, consume: boolean): SessionRig {
  const rig = SessionRig.begun("server", { consume });
  for (let index = 0; index < count; index++)
    rig.receive(frame(FRAME.headers, FLAG.endHeaders, 1 + 2 * index, CONNECT_BLOCK));
  rig.sent();
  rig.log.length = 0;
  return rig;
}

function data(streamId: number, bytes: number): Buffer {
  return frame(FRAME.data, 0, streamId, Buffer.alloc(bytes));
}

/** Sum of the windows that were given back, per stream. */
function givenBack(frames: readonly Frame[]): Record<number, number> {
  const sums: Record<number, number> = {};
  for (const { type, streamId, payload } of frames) {
    if (type !== FRAME.windowUpdate) continue;
    sums[streamId] = (sums[streamId] ?? 0) + payload.readUInt32BE(0);
  }
  return sums;
}

describe("receiving", () => {
  test("a stream's window is taken in full and not a byte more", () => {
    const rig = withStreams(1, false);
    for (let left = STREAM_WINDOW_BYTES; left > 0; left -= MAX_FRAME_BYTES)
      rig.receive(data(1, MAX_FRAME_BYTES));
    expect(rig.streams.get(1)?.receiveUsed).toBe(STREAM_WINDOW_BYTES);
    expect(givenBack(rig.sent())).toEqual({});
    expect(rig.refusal(data(1, 1))).toBe(H2_CODE.flowControlError);
  });

  test("the connection's window bounds all streams together", () => {
    const streams = CONNECTION_WINDOW_BYTES / STREAM_WINDOW_BYTES;
    const rig = withStreams(streams + 1, false);
    for (let index = 0; index < streams; index++)
      for (let left = STREAM_WINDOW_BYTES; left > 0; left -= MAX_FRAME_BYTES)
        rig.receive(data(1 + 2 * index, MAX_FRAME_BYTES));
    expect(rig.refusal(data(1 + 2 * streams, 1))).toBe(H2_CODE.flowControlError);
  });

  test("what was consumed is given back in quarters of a window", () => {
    const rig = withStreams(1, true);
    rig.receive(data(1, STREAM_WINDOW_BYTES / 4 - 1));
    expect(givenBack(rig.sent())).toEqual({});
    rig.receive(data(1, 1));
    expect(givenBack(rig.sent())).toEqual({ 1: STREAM_WINDOW_BYTES / 4 });
  });

  test("a stream that ends early gives back what it held of the connection's window", () => {
    const rig = withStreams(1, false);
    for (let left = STREAM_WINDOW_BYTES; left > 0; left -= MAX_FRAME_BYTES)
      rig.receive(data(1, MAX_FRAME_BYTES));
    rig.receive(numberFrame(FRAME.rstStream, 1, H2_CODE.cancel));
    expect(givenBack(rig.sent())).toEqual({ 0: STREAM_WINDOW_BYTES });
  });

  test("padding counts and is given back at once, the bytes reach the owner without it", () => {
    const rig = withStreams(1, false);
    const padding = 200;
    const padded = Buffer.concat([Buffer.of(padding), Buffer.from("hello"), Buffer.alloc(padding)]);
    rig.receive(frame(FRAME.data, FLAG.padded | FLAG.endStream, 1, padded));
    const stream = rig.streams.get(1);
    expect(stream?.received.join("")).toBe("hello");
    expect(stream?.receiveUsed).toBe(5);
    expect(rig.log).toEqual(["end 1"]);
  });

  test("data that is all padding but one byte too much ends the connection", () => {
    const short = Buffer.concat([Buffer.of(4), Buffer.alloc(4)]);
    expect(withStreams(1, true).refusal(frame(FRAME.data, FLAG.padded, 1, short))).toBeUndefined();
    const long = Buffer.concat([Buffer.of(5), Buffer.alloc(4)]);
    expect(withStreams(1, true).refusal(frame(FRAME.data, FLAG.padded, 1, long))).toBe(H2_CODE.protocolError);
  });

  test("any bytes of many streams in any order never leak a window", () => {
    const piece = fc.record({ stream: fc.nat(3), bytes: fc.nat(400_000), reset: fc.nat(9) });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const rig = withStreams(4, true);
        let received = 0;
        for (const { stream, bytes, reset } of pieces) {
          rig.receive(data(1 + 2 * stream, bytes));
          received += bytes;
          if (reset === 0) rig.receive(numberFrame(FRAME.rstStream, 1 + 2 * stream, H2_CODE.cancel));
        }
        const back = givenBack(rig.sent());
        // All was consumed, so less than a quarter of the connection's window is outstanding.
        expect(received - (back[0] ?? 0)).toBeGreaterThanOrEqual(0);
        expect(received - (back[0] ?? 0)).toBeLessThan(CONNECTION_WINDOW_BYTES / 4);
        for (const stream of rig.streams.values()) expect(stream.receiveUsed).toBe(0);
      }),
      { numRuns: 40, seed: 5 },
    );
  });
});

describe("sending", () => {
  test("streams begin with the peer's window, and follow its changes, below zero if need be", () => {
    const rig = SessionRig.begun("client");
    const early = rig.open();
    expect(early.sendWindow).toBe(DEFAULT_WINDOW_BYTES);
    rig.receive(settingsFrame([INITIAL_WINDOW, 100]));
    expect(early.sendWindow).toBe(100);
    early.sendWindow -= 60;
    rig.receive(settingsFrame([INITIAL_WINDOW, 10]));
    expect(early.sendWindow).toBe(-50);
    expect(rig.log).toEqual([]);
    rig.receive(settingsFrame([INITIAL_WINDOW, 200]));
    expect(early.sendWindow).toBe(140);
    expect(rig.log).toEqual(["window all"]);
    expect(rig.open().sendWindow).toBe(200);
  });

  test("updates widen a stream's window and the connection's", () => {
    const rig = SessionRig.begun("client");
    const stream = rig.open();
    rig.receive(numberFrame(FRAME.windowUpdate, 1, 5), numberFrame(FRAME.windowUpdate, 0, 7));
    expect(stream.sendWindow).toBe(DEFAULT_WINDOW_BYTES + 5);
    expect(rig.session.sendWindow).toBe(DEFAULT_WINDOW_BYTES + 7);
    expect(rig.log).toEqual(["window 1", "window all"]);
  });

  test("a window that grows beyond 2^31-1 ends the stream, or the connection when it is the connection's", () => {
    const rig = SessionRig.begun("client");
    rig.open();
    rig.receive(numberFrame(FRAME.windowUpdate, 1, MAX_WINDOW_BYTES - DEFAULT_WINDOW_BYTES));
    expect(rig.session.streams.has(1)).toBe(true);
    rig.receive(numberFrame(FRAME.windowUpdate, 1, 1));
    expect(rig.log.at(-1)).toBe(`reset 1 ${H2_CODE.flowControlError}`);
    const most = MAX_WINDOW_BYTES - DEFAULT_WINDOW_BYTES;
    expect(rig.refusal(numberFrame(FRAME.windowUpdate, 0, most))).toBeUndefined();
    expect(rig.refusal(numberFrame(FRAME.windowUpdate, 0, 1))).toBe(H2_CODE.flowControlError);
  });

  test("a change of the first window that makes a stream's too large ends the connection", () => {
    const rig = SessionRig.begun("client");
    rig.open();
    rig.receive(numberFrame(FRAME.windowUpdate, 1, MAX_WINDOW_BYTES - DEFAULT_WINDOW_BYTES));
    expect(rig.refusal(settingsFrame([INITIAL_WINDOW, DEFAULT_WINDOW_BYTES + 1]))).toBe(
      H2_CODE.flowControlError,
    );
  });

  test("an update of nothing ends the stream", () => {
    const rig = SessionRig.begun("client");
    rig.open();
    rig.receive(numberFrame(FRAME.windowUpdate, 1, 0));
    expect(rig.log).toEqual([`reset 1 ${H2_CODE.protocolError}`]);
    expect(rig.sent().at(-1)).toMatchObject({ type: FRAME.rstStream, streamId: 1 });
  });
});
