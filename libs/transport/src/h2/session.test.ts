import { describe, expect, test } from "vitest";
import { CLIENT_START, frame, numberFrame, settingsFrame } from "../testing/frame-bytes.ts";
import { CONNECT_BLOCK, OK_BLOCK, SessionRig } from "../testing/session-rig.ts";
import { FLAG, FRAME, PREFACE } from "./frames.ts";
import { H2_CODE } from "./h2-code.ts";
import { encodeHeaders } from "./hpack-encoder.ts";
import { SERVER_MAX_STREAMS } from "./session-stream.ts";

const NOTHING = new Uint8Array();

function request(streamId: number, flags: number = FLAG.endHeaders): Buffer {
  return frame(FRAME.headers, flags, streamId, CONNECT_BLOCK);
}

describe("the start", () => {
  test("a server says its settings and widens the connection's window", () => {
    const [settings, window, ...rest] = new SessionRig("server").sent();
    expect(settings).toMatchObject({ type: FRAME.settings, flags: 0, streamId: 0 });
    expect(window).toMatchObject({ type: FRAME.windowUpdate, streamId: 0 });
    expect(window?.payload.readUInt32BE(0)).toBe(16 * 1024 * 1024 - 65_535);
    expect(rest).toEqual([]);
  });

  test("settings are acknowledged once and applied", () => {
    const rig = SessionRig.begun("client");
    rig.receive(settingsFrame([3, 7], [4, 1_000], [5, 20_000], [0xff, 1]));
    expect(rig.sent()).toMatchObject([{ type: FRAME.settings, flags: FLAG.ack, payload: Buffer.alloc(0) }]);
    expect(rig.session.peer).toEqual({
      maxConcurrentStreams: 7,
      initialWindowBytes: 1_000,
      maxFrameBytes: 20_000,
    });
  });

  test.each([
    ["another preface", Buffer.from("GET / HTTP/1.1\r\nhost: x\r\n\r\n")],
    ["a first frame that is no SETTINGS", Buffer.concat([PREFACE, frame(FRAME.ping, 0, 0, Buffer.alloc(8))])],
    ["an acknowledgement first", Buffer.concat([PREFACE, frame(FRAME.settings, FLAG.ack, 0, NOTHING)])],
  ])("a server refuses %s", (_what, bytes) => {
    expect(new SessionRig("server").refusal(bytes)).toBe(H2_CODE.protocolError);
    const single = Array.from(bytes, (byte) => Uint8Array.of(byte));
    expect(new SessionRig("server").refusal(...single)).toBe(H2_CODE.protocolError);
  });

  test("a preface in single bytes is a preface", () => {
    const rig = new SessionRig("server");
    rig.receive(...Array.from(CLIENT_START, (byte) => Uint8Array.of(byte)));
    expect(rig.session.settled).toBe(true);
  });
});

describe("requests", () => {
  test("a request becomes a stream; its end and the answer's end forget it", () => {
    const rig = SessionRig.begun("server");
    rig.receive(request(1));
    expect(rig.log).toEqual(['request 1 [[":method","CONNECT"],[":authority","10.0.0.8:80"]]']);
    expect(rig.sent()).toMatchObject([{ type: FRAME.headers, streamId: 1 }]);
    rig.receive(frame(FRAME.data, FLAG.endStream, 1, Buffer.from("bye")));
    expect(rig.log.slice(1)).toEqual(["end 1"]);
    const stream = rig.session.streams.get(1);
    expect(stream?.received.join("")).toBe("bye");
    if (stream !== undefined) rig.session.sendEnd(stream);
    expect(rig.session.streams.size).toBe(0);
    expect(rig.sent().at(-1)).toMatchObject({ type: FRAME.data, flags: FLAG.endStream, streamId: 1 });
  });

  test("streams up to the limit are taken, one more is refused, and one that ends makes room", () => {
    const rig = SessionRig.begun("server");
    for (let index = 0; index < SERVER_MAX_STREAMS; index++) rig.receive(request(1 + 2 * index));
    expect(rig.session.streams.size).toBe(SERVER_MAX_STREAMS);
    rig.sent();
    const next = 1 + 2 * SERVER_MAX_STREAMS;
    rig.receive(request(next));
    const [refused] = rig.sent();
    expect(refused).toMatchObject({ type: FRAME.rstStream, streamId: next });
    expect(refused?.payload.readUInt32BE(0)).toBe(H2_CODE.refusedStream);
    rig.receive(numberFrame(FRAME.rstStream, 1, H2_CODE.cancel), request(next + 2));
    expect(rig.session.streams.has(next + 2)).toBe(true);
  });

  test("the fields of a refused stream still go through the shared table", () => {
    const rig = SessionRig.begun("server");
    rig.session.goAway(H2_CODE.noError);
    // Literal with indexing: `x: 1`; the second request names it by its index in the dynamic table.
    rig.receive(frame(FRAME.headers, FLAG.endHeaders, 1, Buffer.from("4001780131", "hex")));
    expect(rig.refusal(frame(FRAME.headers, FLAG.endHeaders, 3, Buffer.from("be", "hex")))).toBeUndefined();
    expect(rig.log).toEqual([]);
  });

  test.each([
    ["an even id", [request(2)]],
    ["stream 0", [request(0)]],
    ["trailers that do not end the stream", [request(1), request(1)]],
    [
      "a header block that another frame interrupts",
      [request(1, 0), frame(FRAME.ping, 0, 0, Buffer.alloc(8))],
    ],
    ["a continuation of another stream", [request(1, 0), frame(FRAME.continuation, 4, 3, NOTHING)]],
    ["a continuation of nothing", [frame(FRAME.continuation, 4, 1, NOTHING)]],
    ["a push", [frame(FRAME.pushPromise, 4, 1, Buffer.alloc(4))]],
    ["data on stream 0", [frame(FRAME.data, 0, 0, Buffer.of(1))]],
    ["data on an idle stream", [frame(FRAME.data, 0, 1, Buffer.of(1))]],
    ["a reset of an idle stream", [numberFrame(FRAME.rstStream, 1, 8)]],
    ["a window for an idle stream", [numberFrame(FRAME.windowUpdate, 1, 8)]],
    ["a window of nothing", [numberFrame(FRAME.windowUpdate, 0, 0)]],
    ["settings on a stream", [frame(FRAME.settings, 0, 1, NOTHING)]],
    ["a ping on a stream", [frame(FRAME.ping, 0, 1, Buffer.alloc(8))]],
    ["a goaway on a stream", [frame(FRAME.goaway, 0, 1, Buffer.alloc(8))]],
  ])("a server ends the connection over %s", (_what, pieces) => {
    expect(SessionRig.begun("server").refusal(...pieces)).toBe(H2_CODE.protocolError);
  });

  test("an id that was skipped is gone: asking on it ends the connection", () => {
    const rig = SessionRig.begun("server");
    expect(rig.refusal(request(5), request(3))).toBe(H2_CODE.protocolError);
    expect(rig.session.streams.values().map(({ id }) => id)).toEqual([5]);
  });

  test("asking again on a stream that has ended ends the connection, on one that we reset it does not", () => {
    const ended = SessionRig.begun("server");
    ended.receive(request(1), numberFrame(FRAME.rstStream, 1, H2_CODE.cancel));
    expect(ended.refusal(request(1))).toBe(H2_CODE.streamClosed);
    const reset = SessionRig.begun("server", {
      onRequest: (rig, stream) => rig.session.reset(stream, H2_CODE.refusedStream),
    });
    expect(reset.refusal(request(1), request(1), request(3))).toBeUndefined();
  });

  test("a malformed request is reset and told to nobody, and the next one is served", () => {
    const rig = SessionRig.begun("server");
    const evil = encodeHeaders([
      [":method", "CONNECT"],
      [":authority", "10.0.0.8:80"],
      ["X-Evil", "1"],
    ]);
    rig.receive(frame(FRAME.headers, FLAG.endHeaders, 1, evil));
    expect(rig.log).toEqual([]);
    const [reset] = rig.sent();
    expect(reset).toMatchObject({ type: FRAME.rstStream, streamId: 1 });
    expect(reset?.payload.readUInt32BE(0)).toBe(H2_CODE.protocolError);
    rig.receive(request(3));
    expect(rig.log).toHaveLength(1);
  });

  test("a malformed answer and malformed trailers reset their stream", () => {
    const pseudo = encodeHeaders([[":method", "CONNECT"]]);
    const client = SessionRig.begun("client");
    client.open();
    client.receive(frame(FRAME.headers, FLAG.endHeaders, 1, pseudo));
    expect(client.log).toEqual([`reset 1 ${H2_CODE.protocolError}`]);
    const server = SessionRig.begun("server");
    server.receive(request(1), frame(FRAME.headers, FLAG.endHeaders | FLAG.endStream, 1, pseudo));
    expect(server.log.at(-1)).toBe(`reset 1 ${H2_CODE.protocolError}`);
  });

  test.each([
    ["settings of 5 bytes", frame(FRAME.settings, 0, 0, Buffer.alloc(5))],
    ["an acknowledgement with a payload", frame(FRAME.settings, FLAG.ack, 0, Buffer.alloc(6))],
    ["a ping of 7 bytes", frame(FRAME.ping, 0, 0, Buffer.alloc(7))],
    ["a goaway of 7 bytes", frame(FRAME.goaway, 0, 0, Buffer.alloc(7))],
    ["a window of 3 bytes", frame(FRAME.windowUpdate, 0, 0, Buffer.alloc(3))],
    ["a priority of 4 bytes", frame(FRAME.priority, 0, 1, Buffer.alloc(4))],
    [
      "padded data without a pad length",
      Buffer.concat([request(1), frame(FRAME.data, FLAG.padded, 1, NOTHING)]),
    ],
    ["a frame larger than allowed, at its head", Buffer.of(0x10, 0, 1, FRAME.data, 0, 0, 0, 0, 1)],
  ])("a server ends the connection over %s", (_what, bytes) => {
    expect(SessionRig.begun("server").refusal(bytes)).toBe(H2_CODE.frameSizeError);
  });

  test("frames of a type nobody knows are passed over", () => {
    const rig = SessionRig.begun("server");
    rig.receive(frame(0x42, 0xff, 3, Buffer.from("whatever")), request(1));
    expect(rig.log).toHaveLength(1);
  });
});

describe("ends", () => {
  test("a reset is told once; later frames of the stream are dropped", () => {
    const rig = SessionRig.begun("server");
    rig.receive(request(1), numberFrame(FRAME.rstStream, 1, H2_CODE.cancel));
    rig.receive(frame(FRAME.data, 0, 1, Buffer.from("late")), numberFrame(FRAME.windowUpdate, 1, 5));
    expect(rig.log.slice(1)).toEqual([`reset 1 ${H2_CODE.cancel}`]);
    expect(rig.session.streams.size).toBe(0);
  });

  test("data of a stream that the peer has ended or reset is answered once, of one that we reset it is not", () => {
    const late = frame(FRAME.data, 0, 1, Buffer.from("late"));
    const closed = [
      { type: FRAME.rstStream, streamId: 1, payload: Buffer.of(0, 0, 0, H2_CODE.streamClosed) },
    ];
    const gone = SessionRig.begun("server");
    gone.receive(request(1), numberFrame(FRAME.rstStream, 1, H2_CODE.cancel));
    gone.sent();
    gone.receive(late, late);
    expect(gone.sent()).toMatchObject(closed);
    const ended = SessionRig.begun("server", {
      onRequest: (rig, stream) => rig.session.respond(stream, OK_BLOCK, true),
    });
    ended.receive(request(1, FLAG.endHeaders | FLAG.endStream));
    ended.sent();
    ended.receive(late);
    expect(ended.sent()).toMatchObject(closed);
    const own = SessionRig.begun("server", {
      onRequest: (rig, stream) => rig.session.reset(stream, H2_CODE.cancel),
    });
    own.receive(request(1));
    own.sent();
    own.receive(late);
    expect(own.sent()).toEqual([]);
  });

  test("a request that ends at once is a stream whose end the owner sees from the start", () => {
    const seen: boolean[] = [];
    const rig = SessionRig.begun("server", {
      onRequest: ({ session }, stream) => {
        seen.push(stream.remoteEnded);
        session.respond(stream, OK_BLOCK, false);
      },
    });
    rig.receive(request(1, FLAG.endHeaders | FLAG.endStream), request(3));
    expect(seen).toEqual([true, false]);
    expect(rig.log.at(1)).toBe("end 1");
  });

  test("nothing may follow the end of a stream", () => {
    const end = frame(FRAME.data, FLAG.endStream, 1, NOTHING);
    for (const late of [frame(FRAME.data, 0, 1, Buffer.of(1)), request(1)]) {
      const rig = SessionRig.begun("server");
      expect(rig.refusal(request(1), end, late)).toBe(H2_CODE.streamClosed);
    }
  });

  test("goAway() names the last stream that is served, refuses further ones and lets the others finish", () => {
    const rig = SessionRig.begun("server");
    rig.receive(request(1), request(3));
    rig.sent();
    rig.session.goAway(H2_CODE.noError);
    rig.session.goAway(H2_CODE.noError);
    const [goaway, ...rest] = rig.sent();
    expect(goaway).toMatchObject({ type: FRAME.goaway, streamId: 0 });
    expect(goaway?.payload.toString("hex")).toBe("0000000300000000");
    expect(rest).toEqual([]);
    expect(rig.session.closing).toBe(true);
    rig.receive(request(5), frame(FRAME.data, FLAG.endStream, 3, Buffer.from("still")));
    expect(rig.log.at(-1)).toBe("end 3");
    expect(rig.session.streams.has(5)).toBe(false);
  });

  test("a goaway of the server stops new requests and says which ones count", () => {
    const rig = SessionRig.begun("client");
    rig.open();
    expect(rig.session.closing).toBe(false);
    rig.receive(frame(FRAME.goaway, 0, 0, Buffer.from("8000000100000007aa", "hex")));
    expect(rig.log).toEqual(["goaway 1 7"]);
    expect(rig.session.closing).toBe(true);
  });

  test("a client reads an answer, its data and its end", () => {
    const rig = SessionRig.begun("client");
    const stream = rig.open();
    rig.receive(
      frame(FRAME.headers, FLAG.endHeaders, 1, OK_BLOCK),
      frame(FRAME.data, 0, 1, Buffer.from("hi")),
    );
    rig.receive(frame(FRAME.headers, FLAG.endHeaders | FLAG.endStream, 1, Buffer.from("0001780131", "hex")));
    expect(rig.log).toEqual(['response 1 [[":status","200"]]', "end 1"]);
    expect(stream.received.join("")).toBe("hi");
    expect(stream.remoteEnded).toBe(true);
  });

  test("a client refuses an answer to what it never asked", () => {
    const rig = SessionRig.begun("client");
    expect(rig.refusal(frame(FRAME.headers, FLAG.endHeaders, 1, OK_BLOCK))).toBe(H2_CODE.protocolError);
  });
});

test("a ping is answered with its own bytes, an answer is told", () => {
  const rig = SessionRig.begun("server");
  rig.receive(
    frame(FRAME.ping, 0, 0, Buffer.from("abcdefgh")),
    frame(FRAME.ping, FLAG.ack, 0, Buffer.alloc(8)),
  );
  expect(rig.sent()).toEqual([
    { type: FRAME.ping, flags: FLAG.ack, streamId: 0, payload: Buffer.from("abcdefgh") },
  ]);
  expect(rig.log).toEqual(["pong"]);
});
