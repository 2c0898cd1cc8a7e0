import { describe, expect, test } from "vitest";
import { FLAG, FRAME, PREFACE } from "../h2/frames.ts";
import { H2_CODE } from "../h2/h2-code.ts";
import { CLIENT_START, frame, framesOf, numberFrame, settingsFrame } from "../testing/frame-bytes.ts";
import { PlainPeer } from "../testing/plain-peer.ts";
import { OVERLOAD_LIMITS } from "./overload.ts";
import { tunnelRoom } from "./tunnel-room.ts";
import { REQUEST, TunnelMesh, handlerOf } from "../testing/tunnel-mesh.ts";

describe("a peer that speaks in bytes", () => {
  function say(mesh: TunnelMesh, peer: PlainPeer, ...bytes: readonly Buffer[]): void {
    peer.send(Buffer.concat(bytes));
    mesh.driver.run();
  }

  test.each([
    ["says nothing", []],
    ["says half a preface", [PREFACE.subarray(0, 12)]],
    ["says a preface and half its settings", [PREFACE, settingsFrame([3, 1]).subarray(0, 9)]],
  ])("is let go when it %s", (_what, bytes) => {
    const mesh = new TunnelMesh();
    const peer = mesh.raw();
    say(mesh, peer, ...bytes);
    expect(mesh.server.sessions.size).toBe(1);
    mesh.driver.advance(60_000);
    expect(mesh.server.sessions.size).toBe(0);
    expect(peer.ended).toBe(true);
  });

  test("is let go when it falls silent, even with a stream open", () => {
    const mesh = new TunnelMesh();
    const peer = mesh.raw();
    say(mesh, peer, CLIENT_START);
    mesh.driver.advance(5_000);
    expect(mesh.server.sessions.size).toBe(1);
    mesh.driver.advance(120_000);
    expect(mesh.server.sessions.size).toBe(0);
    expect(mesh.failures).toMatchObject([{ code: "reset", detail: "the peer does not answer" }]);
  });

  test("is told what it did wrong, and its connection ends", () => {
    const mesh = new TunnelMesh();
    const peer = mesh.raw();
    say(mesh, peer, CLIENT_START, frame(FRAME.ping, 0, 0, Buffer.alloc(7)));
    const goaway = framesOf(peer.received).at(-1);
    expect(goaway).toMatchObject({ type: FRAME.goaway });
    expect(goaway?.payload.readUInt32BE(4)).toBe(H2_CODE.frameSizeError);
    expect(mesh.server.sessions.size).toBe(0);
    expect(mesh.failures).toMatchObject([{ code: "h2-failed" }]);
  });

  test("is let go when a frame or a header block of its does not end, however it dawdles", () => {
    const whole = frame(FRAME.headers, 0, 1, Buffer.alloc(60_000));
    const begun = frame(FRAME.headers, 0, 1, REQUEST);
    for (const [first, next] of [
      [whole.subarray(0, 20), Buffer.of(0)],
      [begun, frame(FRAME.continuation, 0, 1, Buffer.alloc(0))],
    ] as const) {
      const mesh = new TunnelMesh();
      const peer = mesh.raw();
      say(mesh, peer, CLIENT_START, first);
      for (let second = 0; second < 12; second += 2) {
        mesh.driver.advance(2_000);
        if (!peer.ended) say(mesh, peer, next);
      }
      mesh.driver.advance(10_000);
      expect(mesh.server.sessions.size).toBe(0);
      expect(mesh.failures).toMatchObject([{ code: "h2-failed" }]);
    }
  });

  test("may take its time when every frame comes whole", () => {
    const mesh = new TunnelMesh();
    const peer = mesh.raw();
    say(mesh, peer, CLIENT_START);
    const ping = frame(FRAME.ping, 0, 0, Buffer.alloc(8));
    for (let second = 0; second < 120; second += 4) {
      // The end of one frame and the beginning of the next in one piece.
      say(
        mesh,
        peer,
        second === 0 ? ping.subarray(0, 5) : Buffer.concat([ping.subarray(5), ping.subarray(0, 5)]),
      );
      mesh.driver.advance(4_000);
    }
    expect(mesh.server.sessions.size).toBe(1);
  });

  test("is let go when it asks nothing for ten minutes, pings or not", () => {
    const mesh = new TunnelMesh();
    const peer = mesh.raw();
    say(mesh, peer, CLIENT_START);
    const ping = frame(FRAME.ping, 0, 0, Buffer.alloc(8));
    for (let second = 0; second < 590; second += 10) {
      say(mesh, peer, ping);
      mesh.driver.advance(10_000);
    }
    expect(mesh.server.sessions.size).toBe(1);
    say(mesh, peer, ping);
    mesh.driver.advance(20_000);
    expect(mesh.server.sessions.size).toBe(0);
  });

  test("that gives up before the application is connected leaves no connection to it behind", () => {
    const mesh = new TunnelMesh();
    const peer = mesh.raw();
    say(
      mesh,
      peer,
      CLIENT_START,
      frame(FRAME.headers, FLAG.endHeaders, 1, REQUEST),
      numberFrame(FRAME.rstStream, 1, 8),
    );
    expect(mesh.requests).toHaveLength(1);
    expect(mesh.apps.map(({ failed }) => failed)).toEqual(["ECONNRESET"]);
  });

  test("that is refused is told to stop only where it has more to send", () => {
    const mesh = new TunnelMesh({ onConnect: (request) => request.refuse(400) });
    const peer = mesh.raw();
    const ask = (streamId: number, flags: number): Buffer => frame(FRAME.headers, flags, streamId, REQUEST);
    say(mesh, peer, CLIENT_START, ask(1, FLAG.endHeaders | FLAG.endStream), ask(3, FLAG.endHeaders));
    const answers = framesOf(peer.received).filter(({ streamId }) => streamId !== 0);
    expect(answers.map(({ type, streamId }) => [type, streamId])).toEqual([
      [FRAME.headers, 1],
      [FRAME.headers, 3],
      [FRAME.rstStream, 3],
    ]);
  });

  test("ends when it asks for thousands of things that are wrong", () => {
    const mesh = new TunnelMesh({ onConnect: (request) => request.refuse(400) });
    const peer = mesh.raw();
    const wrong = Array.from({ length: 2_500 }, (_, index) =>
      frame(FRAME.headers, FLAG.endHeaders, 1 + 2 * index, REQUEST),
    );
    say(mesh, peer, CLIENT_START, ...wrong);
    expect(framesOf(peer.received).at(-1)?.payload.readUInt32BE(4)).toBe(H2_CODE.enhanceYourCalm);
    expect(mesh.server.sessions.size).toBe(0);
  });

  test("may have so many connections from one address, and others are served", () => {
    const mesh = new TunnelMesh({ server: { maxConnectionsPerAddress: 2 } });
    const peers = [mesh.raw(), mesh.raw(), mesh.raw()];
    expect(mesh.server.sessions.size).toBe(2);
    peers[0]?.socket?.reset();
    mesh.driver.run();
    mesh.raw();
    expect(mesh.server.sessions.size).toBe(2);
  });

  test("that leaves in the middle of a frame takes nobody with it", () => {
    const mesh = new TunnelMesh();
    const other = mesh.dial();
    const peer = mesh.raw();
    say(mesh, peer, CLIENT_START, frame(FRAME.data, 0, 1, Buffer.alloc(100)).subarray(0, 5));
    peer.socket?.reset();
    mesh.driver.run();
    expect(mesh.server.sessions.size).toBe(1);
    other.send(Buffer.from("unharmed"));
    mesh.driver.run();
    expect(mesh.apps[0]?.received.toString()).toBe("unharmed");
  });
});

describe("bytes that wait for a slow application", () => {
  /** A raw peer with an open stream to an application that does not read. */
  function stuckStream(): { mesh: TunnelMesh; peer: PlainPeer; app: PlainPeer; allocated: number[] } {
    const mesh = new TunnelMesh();
    const peer = mesh.raw();
    peer.send(Buffer.concat([CLIENT_START, frame(FRAME.headers, FLAG.endHeaders, 1, REQUEST)]));
    mesh.driver.run();
    const [app] = mesh.apps;
    if (app?.socket === undefined) throw new Error("no application");
    app.socket.handler = { ...handlerOf(app), onReadable: () => undefined };
    const allocated: number[] = [];
    const allocate = mesh.driver.allocate.bind(mesh.driver);
    mesh.driver.allocate = (bytes) => {
      allocated.push(bytes);
      return allocate(bytes);
    };
    return { mesh, peer, app, allocated };
  }

  function dataOf(bytes: Buffer, pieceBytes: number): Buffer {
    const pieces: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      pieces.push(frame(FRAME.data, 0, 1, bytes.subarray(at, at + pieceBytes)));
    }
    return Buffer.concat(pieces);
  }

  /** Says it in writes that a socket takes at once. */
  function pour(mesh: TunnelMesh, peer: PlainPeer, bytes: Buffer): void {
    for (let at = 0; at < bytes.length; at += 100_000) {
      peer.send(bytes.subarray(at, at + 100_000));
      mesh.driver.run();
    }
  }

  test("cost what they are, in however small frames they came, and arrive whole", () => {
    const { mesh, peer, app, allocated } = stuckStream();
    const { overload } = tunnelRoom(mesh.driver);
    const bulk = Buffer.alloc(3 * 1024 * 1024, "0123456789");
    const small = Buffer.alloc(100_000, "abcdefg");
    pour(mesh, peer, dataOf(bulk, 16_000));
    allocated.length = 0;
    pour(mesh, peer, dataOf(small, 1));
    expect(overload.heldBytes).toBeGreaterThan(2 * 1024 * 1024);
    // Some of it is what the peer of this test allocates to say so.
    expect(allocated.length).toBeLessThan(100);
    if (app.socket !== undefined) app.socket.handler = app;
    if (app.socket !== undefined) app.onReadable(app.socket);
    mesh.driver.run();
    expect(app.received.equals(Buffer.concat([bulk, small]))).toBe(true);
    expect(overload.heldBytes).toBe(0);
  });

  test("are not counted any more when their connection has gone", () => {
    const { mesh, peer } = stuckStream();
    const { overload } = tunnelRoom(mesh.driver);
    pour(mesh, peer, dataOf(Buffer.alloc(3 * 1024 * 1024), 16_000));
    expect(overload.heldBytes).toBeGreaterThan(1024 * 1024);
    peer.socket?.reset();
    mesh.driver.run();
    expect(overload.heldBytes).toBe(0);
  });

  test("when they are too many, who holds much gets no stream, nobody a connection, and at last the largest go", () => {
    const { mesh, peer } = stuckStream();
    const { overload } = tunnelRoom(mesh.driver);
    const other = mesh.dial();
    pour(mesh, peer, dataOf(Buffer.alloc(3 * 1024 * 1024), 16_000));
    overload.add(OVERLOAD_LIMITS.refuseStreamsBytes);
    peer.send(frame(FRAME.headers, FLAG.endHeaders, 3, REQUEST));
    mesh.dial();
    mesh.driver.run();
    const answer = framesOf(peer.received).find(
      ({ type, streamId }) => type === FRAME.headers && streamId === 3,
    );
    expect(answer?.payload.toString("latin1")).toContain("503");
    expect(mesh.requests).toHaveLength(3);
    overload.add(OVERLOAD_LIMITS.dropBytes - OVERLOAD_LIMITS.refuseStreamsBytes);
    const sessions = mesh.server.sessions.size;
    mesh.raw();
    expect(mesh.server.sessions.size).toBe(sessions);
    peer.send(dataOf(Buffer.alloc(100), 100));
    mesh.driver.run();
    expect(mesh.server.sessions.size).toBe(sessions - 1);
    other.send(Buffer.from("unharmed"));
    mesh.driver.run();
    expect(mesh.apps[1]?.received.toString()).toBe("unharmed");
  });
});
