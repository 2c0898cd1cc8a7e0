import { describe, expect, test } from "vitest";
import { frame, numberFrame, settingsFrame } from "../testing/frame-bytes.ts";
import { CONNECT_BLOCK, SessionRig } from "../testing/session-rig.ts";
import { FLAG, FRAME } from "./frames.ts";
import { H2_CODE } from "./h2-code.ts";

/** Everyday traffic may send so many of anything within a period. */
const BENIGN = 20;
/** Nobody may send so many. */
const HOSTILE = 400_000;

const PING = frame(FRAME.ping, 0, 0, Buffer.alloc(8));
const EMPTY = new Uint8Array();

function request(streamId: number): Buffer {
  return frame(FRAME.headers, FLAG.endHeaders, streamId, CONNECT_BLOCK);
}

function repeated(count: number, make: (index: number) => Buffer): Buffer {
  return Buffer.concat(Array.from({ length: count }, (_, index) => make(index)));
}

const FLOODS: ReadonlyArray<readonly [string, (rig: SessionRig) => void, (index: number) => Buffer]> = [
  ["pings", () => undefined, () => PING],
  ["settings", () => undefined, () => settingsFrame([4, 70_000])],
  ["empty data", (rig) => rig.receive(request(1)), () => frame(FRAME.data, 0, 1, EMPTY)],
  ["priorities", () => undefined, () => frame(FRAME.priority, 0, 1, Buffer.alloc(5))],
  ["unknown frames", () => undefined, () => frame(0x99, 0, 0, EMPTY)],
  ["windows of one byte", () => undefined, () => numberFrame(FRAME.windowUpdate, 0, 1)],
  [
    "requests that are reset before they are answered",
    () => undefined,
    (index) => Buffer.concat([request(1 + 2 * index), numberFrame(FRAME.rstStream, 1 + 2 * index, 8)]),
  ],
];

describe.each(FLOODS)("a flood of %s", (_what, prepare, make) => {
  function fed(count: number): { readonly code: number | undefined; readonly rig: SessionRig } {
    const rig = SessionRig.begun("server", { onRequest: () => undefined });
    prepare(rig);
    const batch = 500;
    for (let index = 0; index < count; index += batch) {
      const bytes = repeated(Math.min(batch, count - index), (each) => make(index + each));
      const code = rig.refusal(bytes);
      rig.sent();
      if (code !== undefined) return { code, rig };
    }
    return { code: undefined, rig };
  }

  test("ends the connection with ENHANCE_YOUR_CALM", () => {
    expect(fed(HOSTILE).code).toBe(H2_CODE.enhanceYourCalm);
  });

  test("everyday numbers pass, period after period", () => {
    const { code, rig } = fed(BENIGN);
    expect(code).toBeUndefined();
    for (let period = 1; period < 50; period++) {
      rig.session.guard.period();
      const bytes = repeated(BENIGN, (index) => make(period * BENIGN + index));
      expect(rig.refusal(bytes)).toBeUndefined();
    }
  });
});

test("a window of small frames to streams that were just reset is no flood", () => {
  const rig = SessionRig.begun("server", {
    onRequest: ({ session }, stream) => session.reset(stream, H2_CODE.cancel),
  });
  rig.receive(request(1));
  const late = repeated(16_000, () => frame(FRAME.data, 0, 1, Buffer.alloc(1_000)));
  expect(rig.refusal(late)).toBeUndefined();
  expect(rig.refusal(repeated(60_000, () => frame(FRAME.data, 0, 1, Buffer.of(1))))).toBe(
    H2_CODE.enhanceYourCalm,
  );
});

test("malformed requests are a flood of their own", () => {
  const rig = SessionRig.begun("server");
  const malformed = repeated(5_000, (index) =>
    frame(FRAME.headers, FLAG.endHeaders, 1 + 2 * index, Buffer.concat([CONNECT_BLOCK, CONNECT_BLOCK])),
  );
  expect(rig.refusal(malformed)).toBe(H2_CODE.enhanceYourCalm);
});

test("an endless header block ends the connection, in large pieces and in empty ones", () => {
  for (const payload of [Buffer.alloc(16_000), EMPTY]) {
    const rig = SessionRig.begun("server");
    rig.receive(frame(FRAME.headers, 0, 1, EMPTY));
    const pieces = repeated(1_000, () => frame(FRAME.continuation, 0, 1, payload));
    expect(rig.refusal(pieces)).toBe(H2_CODE.enhanceYourCalm);
  }
});

test("a peer that reads nothing of what it causes is cut off before it costs more than a mebibyte", () => {
  const rig = SessionRig.begun("server");
  let code: number | undefined;
  for (let period = 0; period < 1_000 && code === undefined; period++) {
    code = rig.refusal(repeated(100, () => PING));
    rig.session.guard.period();
  }
  expect(code).toBe(H2_CODE.enhanceYourCalm);
  const bytes = rig.sent().reduce((sum, { payload }) => sum + payload.length + 9, 0);
  expect(bytes).toBeLessThanOrEqual(1024 * 1024);
});
