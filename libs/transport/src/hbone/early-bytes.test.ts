import { describe, expect, test } from "vitest";
import { FLAG, FRAME } from "../h2/frames.ts";
import { H2_CODE } from "../h2/h2-code.ts";
import { CLIENT_START, frame, framesOf, numberFrame } from "../testing/frame-bytes.ts";
import type { PlainPeer } from "../testing/plain-peer.ts";
import { REQUEST, TunnelMesh } from "../testing/tunnel-mesh.ts";
import type { InboundConnect } from "./server.ts";

/** A mesh whose server answers when it is told to. */
function undecided(): { mesh: TunnelMesh; accept: () => void; refuse: () => void; asked: InboundConnect[] } {
  const asked: InboundConnect[] = [];
  const mesh: TunnelMesh = new TunnelMesh({ onConnect: (request) => void asked.push(request) });
  const accept = (): void => {
    const request = asked.at(-1);
    if (request !== undefined) mesh.connect(request);
    mesh.driver.run();
  };
  return { mesh, accept, asked, refuse: () => asked.at(-1)?.refuse(503) };
}

describe("a client", () => {
  test("sends what the application has said before the answer, and the rest after it", () => {
    const { mesh, accept } = undecided();
    const peer = mesh.dial();
    const bytes = Buffer.alloc(100_000, "0123456789abcdef");
    peer.send(bytes.subarray(0, 10));
    mesh.driver.run();
    expect(mesh.relays[0]?.bytesFromDownstream).toBe(10);
    peer.send(bytes.subarray(10), true);
    mesh.driver.run();
    expect(mesh.relays[0]?.bytesFromDownstream).toBe(16 * 1024);
    accept();
    expect(mesh.apps[0]?.received.equals(bytes)).toBe(true);
    expect(mesh.apps[0]?.ended).toBe(true);
  });

  test("that ends or resets before the answer is carried to its end, or not at all", () => {
    const ended = undecided();
    ended.mesh.dial().send(Buffer.from("all of it"), true);
    ended.mesh.driver.run();
    ended.accept();
    ended.mesh.driver.advance(1);
    expect(ended.mesh.apps[0]).toMatchObject({ ended: true, receivedBytes: 9 });
    const broken = undecided();
    const peer = broken.mesh.dial();
    peer.send(Buffer.from("x"));
    broken.mesh.driver.run();
    peer.socket?.reset();
    broken.mesh.driver.run();
    expect(broken.mesh.ends).toMatchObject([{ kind: "error", code: "reset" }]);
    expect(broken.asked[0]?.gone).toBe(true);
  });

  test.each([5, 16 * 1024])("says %i bytes again with a request that was not looked at", (length) => {
    let unprocessed = 2;
    const mesh: TunnelMesh = new TunnelMesh({
      onConnect: (request) => {
        if (unprocessed > 0) holdBack.push(request);
        else mesh.connect(request);
      },
    });
    const holdBack: InboundConnect[] = [];
    const bytes = Buffer.alloc(length, "0123456789abcdef");
    const peer = mesh.dial();
    peer.send(bytes);
    mesh.driver.run();
    while (unprocessed > 0) {
      unprocessed--;
      for (const connection of mesh.server.sessions) {
        for (const stream of connection.session.streams.values())
          connection.session.reset(stream, H2_CODE.refusedStream);
        connection.dirty();
      }
      mesh.driver.run();
    }
    expect(holdBack).toHaveLength(2);
    expect(mesh.apps[0]?.received.equals(bytes)).toBe(true);
    peer.send(Buffer.from(" and more"), true);
    mesh.driver.run();
    expect(mesh.apps[0]?.received.subarray(length).toString()).toBe(" and more");
    expect(mesh.relays[0]?.bytesFromDownstream).toBe(length + 9);
    expect(mesh.ends).toEqual([]);
  });

  test("that speaks to a peer without windows waits for them, also when it says it again", () => {
    const { mesh, accept } = undecided();
    const peer = mesh.dial();
    const [client] = mesh.pool.sessions;
    if (client === undefined) throw new Error("no connection");
    for (const stream of client.session.streams.values()) stream.sendWindow = 3;
    peer.send(Buffer.from("0123456789"));
    mesh.driver.run();
    expect(mesh.relays[0]?.bytesFromDownstream).toBe(3);
    client.session.peer.initialWindowBytes = 2;
    for (const connection of mesh.server.sessions) {
      for (const stream of connection.session.streams.values())
        connection.session.reset(stream, H2_CODE.refusedStream);
      connection.dirty();
    }
    mesh.driver.run();
    expect(mesh.relays[0]?.bytesFromDownstream).toBe(2);
    for (const stream of client.session.streams.values()) {
      stream.sendWindow += 100;
      stream.pump();
    }
    mesh.driver.run();
    accept();
    expect(mesh.apps[0]?.received.toString()).toBe("0123456789");
  });
});

describe("a server", () => {
  const HEADERS = frame(FRAME.headers, FLAG.endHeaders, 1, REQUEST);
  const data = (bytes: number): Buffer => frame(FRAME.data, 0, 1, Buffer.alloc(bytes, "x"));

  function ask(...bytes: readonly Buffer[]): { mesh: TunnelMesh; peer: PlainPeer; answers: () => number[] } {
    const mesh = new TunnelMesh();
    const peer = mesh.raw();
    peer.send(Buffer.concat([CLIENT_START, HEADERS, ...bytes]));
    mesh.driver.run();
    const answers = (): number[] =>
      framesOf(peer.received)
        .filter(({ streamId }) => streamId === 1)
        .map(({ type }) => type);
    return { mesh, peer, answers };
  }

  test("answers at once who waits for it: who has said nothing, or very much", () => {
    expect(ask().answers()).toEqual([FRAME.headers]);
    expect(ask(data(16 * 1024)).answers()).toEqual([FRAME.headers]);
  });

  test("lets the answer that nobody waits for go with the application's first bytes", () => {
    const { mesh, answers } = ask(data(5));
    expect(mesh.apps[0]?.received.toString()).toBe("xxxxx");
    expect(answers()).toEqual([]);
    mesh.apps[0]?.send(Buffer.from("y"));
    mesh.driver.run();
    expect(answers()).toEqual([FRAME.headers, FRAME.data]);
  });

  test("answers after a millisecond when the application says nothing, and sooner when the client has more", () => {
    const silent = ask(data(5));
    silent.mesh.driver.advance(1);
    expect(silent.answers()).toEqual([FRAME.headers]);
    const more = ask(data(5));
    more.peer.send(data(16 * 1024 - 5));
    more.mesh.driver.run();
    expect(more.answers()).toEqual([FRAME.headers]);
  });

  test("is not made to answer by frames that need none", () => {
    const { mesh, peer, answers } = ask(data(5));
    peer.send(numberFrame(FRAME.windowUpdate, 0, 1));
    mesh.driver.run();
    expect(answers()).toEqual([]);
    peer.send(frame(FRAME.ping, 0, 0, Buffer.alloc(8)));
    mesh.driver.run();
    expect(answers()).toEqual([FRAME.headers]);
  });

  test("holds nothing of what came with a request that it refuses", () => {
    const { mesh, refuse } = undecided();
    const peer = mesh.raw();
    peer.send(Buffer.concat([CLIENT_START, HEADERS, data(10_000)]));
    mesh.driver.run();
    const [session] = mesh.server.sessions;
    expect(session?.heldBytes).toBe(10_000);
    refuse();
    expect(session?.heldBytes).toBe(0);
    mesh.driver.run();
    expect(framesOf(peer.received).filter(({ streamId }) => streamId === 1)).toMatchObject([
      { type: FRAME.headers, flags: FLAG.endHeaders | FLAG.endStream },
      { type: FRAME.rstStream },
    ]);
  });

  test("gives the connection's window back for requests that it refuses", () => {
    const { mesh, refuse } = undecided();
    const peer = mesh.raw();
    peer.send(CLIENT_START);
    mesh.driver.run();
    const granted = (): number =>
      framesOf(peer.received)
        .filter(({ type, streamId }) => type === FRAME.windowUpdate && streamId === 0)
        .reduce((sum, { payload }) => sum + payload.readUInt32BE(0), 0);
    const atStart = granted();
    const piece = 16 * 1024;
    for (let streamId = 1; streamId < 2 * 600; streamId += 2) {
      const head = frame(FRAME.headers, FLAG.endHeaders, streamId, REQUEST);
      peer.send(Buffer.concat([head, frame(FRAME.data, FLAG.endStream, streamId, Buffer.alloc(piece))]));
      mesh.driver.run();
      refuse();
      mesh.driver.run();
    }
    expect(granted() - atStart).toBeGreaterThan(4 * 1024 * 1024);
    expect(mesh.server.sessions.size).toBe(1);
  });
});
