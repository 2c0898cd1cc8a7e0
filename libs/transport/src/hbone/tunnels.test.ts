import { describe, expect, test } from "vitest";
import type { ByteSocket } from "@ambit/io/driver.ts";
import { FLAG, FRAME, PREFACE } from "../h2/frames.ts";
import { H2_CODE } from "../h2/h2-code.ts";
import { encodeHeaders } from "../h2/hpack-encoder.ts";
import { STREAM_WINDOW_BYTES } from "../h2/session-stream.ts";
import type { Relay, RelayEnd } from "../relay.ts";
import { CLIENT_START, frame, framesOf, numberFrame, settingsFrame } from "../testing/frame-bytes.ts";
import { MemoryDriver, said, type MemoryDriverOptions } from "../testing/memory-driver.ts";
import { PlainPeer } from "../testing/plain-peer.ts";
import { HbonePool, type HbonePoolOptions } from "./pool.ts";
import { HboneServer, type HboneServerOptions, type InboundConnect } from "./server.ts";

const WEB = "spiffe://cluster.local/ns/web/sa/web";
const CART = "spiffe://cluster.local/ns/shop/sa/cart";
const REQUEST = encodeHeaders([
  [":method", "CONNECT"],
  [":authority", "10.0.0.8:80"],
]);
const QUIET = { onEstablished: () => undefined, onEnd: () => undefined };

interface MeshOptions extends MemoryDriverOptions {
  readonly server?: HboneServerOptions;
  readonly pool?: HbonePoolOptions;
  readonly serverIdentity?: string;
  /** @default connects to the application */
  readonly onConnect?: (request: InboundConnect) => void;
}

/** A pool, a server and an application behind it, in one process and one order. */
class Mesh {
  readonly driver: MemoryDriver;
  readonly pool: HbonePool;
  readonly server: HboneServer;
  readonly apps: PlainPeer[] = [];
  readonly requests: InboundConnect[] = [];
  readonly ends: RelayEnd[] = [];
  readonly relays: Relay[] = [];
  readonly failures: RelayEnd[] = [];

  constructor(options: MeshOptions = {}) {
    this.driver = new MemoryDriver(options);
    const context = this.driver.tlsContext(said(options.serverIdentity ?? CART));
    this.pool = new HbonePool(this.driver, options.pool);
    this.server = new HboneServer(
      this.driver,
      {
        onConnect: options.onConnect ?? ((request) => this.#connect(request)),
        onFailed: (_remote, reason) => this.failures.push(reason),
      },
      options.server,
    );
    this.driver.listen({ ip: "10.0.0.8", port: 15_008 }, (socket) => this.server.serve(socket, context));
    this.driver.listen({ ip: "10.0.0.8", port: 80 }, (socket) => {
      const app = new PlainPeer(this.driver);
      this.apps.push(app);
      app.use(socket);
    });
  }

  /** An application's connection through a tunnel of `key`. */
  dial(key = "k", expected: readonly string[] = [CART], identity = WEB): PlainPeer {
    const port = 1_000 + this.relays.length;
    const listener = this.driver.listen({ ip: "10.0.0.1", port }, (socket) => {
      const relay = this.pool.open(
        {
          key,
          expectedIdentities: expected,
          context: this.driver.tlsContext(said(identity)),
          connect: { ip: "10.0.0.8", port: 15_008 },
        },
        { authority: "10.0.0.8:80", headers: [] },
        socket,
        { onEstablished: () => undefined, onEnd: (end) => this.ends.push(end) },
      );
      this.relays.push(relay);
    });
    const peer = new PlainPeer(this.driver);
    this.driver.connect({ ip: "10.0.0.1", port: listener.local.port }, peer);
    this.driver.run();
    return peer;
  }

  /** A peer that speaks to the server in bytes, as `identity`. */
  raw(identity = WEB): PlainPeer {
    const peer = new PlainPeer(this.driver);
    const socket = this.driver.connect({ ip: "10.0.0.8", port: 15_008 }, peer);
    this.driver.tlsConnect(socket, this.driver.tlsContext(said(identity)), peer);
    this.driver.run();
    return peer;
  }

  #connect(request: InboundConnect): void {
    this.requests.push(request);
    this.driver.connect(
      { ip: "10.0.0.8", port: 80 },
      {
        onConnected: (upstream: ByteSocket) => void request.accept(upstream, [], QUIET),
        onReadable: () => undefined,
        onWritable: () => undefined,
        onError: () => request.refuse(503),
      },
    );
  }
}

describe("bytes", () => {
  test.each([1, 2, 7, 10, 1_000])("reads of %i bytes at most change nothing", (maxReadBytes) => {
    const mesh = new Mesh({ maxReadBytes });
    const peer = mesh.dial();
    const bytes = Buffer.alloc(maxReadBytes * 3_000 + 17, "0123456789abcdef");
    peer.send(bytes, true);
    mesh.driver.run();
    expect(mesh.apps[0]?.received.equals(bytes)).toBe(true);
    mesh.apps[0]?.send(bytes, true);
    mesh.driver.run();
    expect(peer.received.equals(bytes)).toBe(true);
    expect(mesh.ends).toEqual([{ kind: "complete" }]);
    expect([mesh.relays[0]?.bytesFromDownstream, mesh.relays[0]?.bytesToDownstream]).toEqual([
      bytes.length,
      bytes.length,
    ]);
  });

  test("an application that does not read stops its own stream, within the window, and no other", () => {
    const mesh = new Mesh();
    const slow = mesh.dial();
    mesh.driver.run();
    const stuck = mesh.apps[0];
    if (stuck?.socket === undefined) throw new Error("no application");
    const { handler } = stuck.socket;
    stuck.socket.handler = { ...handlerOf(stuck), onReadable: () => undefined };
    slow.send(Buffer.alloc(16 * 1024 * 1024));
    mesh.driver.run();
    const carried = mesh.relays[0]?.bytesFromDownstream ?? 0;
    expect(carried).toBeGreaterThanOrEqual(STREAM_WINDOW_BYTES);
    expect(carried).toBeLessThan(STREAM_WINDOW_BYTES + 2 * 1024 * 1024);
    const other = mesh.dial();
    other.send(Buffer.alloc(2 * 1024 * 1024, "x"), true);
    mesh.driver.run();
    expect(mesh.apps[1]?.receivedBytes).toBe(2 * 1024 * 1024);
    stuck.socket.handler = handler;
    stuck.onReadable(stuck.socket);
    mesh.driver.run();
    expect(stuck.receivedBytes).toBe(16 * 1024 * 1024);
  });
});

function handlerOf(peer: PlainPeer) {
  return {
    onConnected: () => undefined,
    onReadable: (socket: ByteSocket) => peer.onReadable(socket),
    onWritable: () => undefined,
    onError: () => undefined,
  };
}

describe("connections", () => {
  test("streams of one key share one, keys never do", () => {
    const mesh = new Mesh();
    for (const key of ["a", "a", "b", "a", "b"]) mesh.dial(key);
    expect(mesh.pool.sessions.size).toBe(2);
    expect(mesh.server.sessions.size).toBe(2);
    expect(mesh.apps).toHaveLength(5);
  });

  test("one more stream than a connection may carry opens another one", () => {
    const mesh = new Mesh({ pool: { maxStreams: 3 } });
    for (let count = 1; count <= 3; count++) mesh.dial();
    expect(mesh.pool.sessions.size).toBe(1);
    mesh.dial();
    expect(mesh.pool.sessions.size).toBe(2);
  });

  test("a server that proves another identity, or none, carries nothing", () => {
    for (const serverIdentity of ["spiffe://cluster.local/ns/shop/sa/other", ""]) {
      const mesh = new Mesh({ serverIdentity });
      const peer = mesh.dial();
      peer.send(Buffer.from("secret"));
      mesh.driver.run();
      expect(mesh.ends).toMatchObject([{ kind: "error", code: "identity-mismatch" }]);
      expect(mesh.requests).toEqual([]);
      expect(mesh.pool.sessions.size).toBe(0);
    }
  });

  test("a client without an identity of a mesh is not served", () => {
    for (const identity of ["", "https://cluster.local/ns/web/sa/web", `${WEB}/more`]) {
      const mesh = new Mesh();
      mesh.dial("k", [CART], identity);
      expect(mesh.requests).toEqual([]);
      expect(mesh.failures).toMatchObject([{ code: "identity-mismatch" }]);
      expect(mesh.server.sessions.size).toBe(0);
    }
  });

  test("connections up to the limit are served, one more is closed", () => {
    const mesh = new Mesh({ server: { maxConnections: 2 } });
    for (const key of ["a", "b", "c"]) mesh.dial(key);
    expect(mesh.server.sessions.size).toBe(2);
    expect(mesh.requests).toHaveLength(2);
    mesh.driver.advance(60_000);
    expect(mesh.ends).toMatchObject([{ kind: "error" }]);
  });

  test("a connection without streams is let go after its time, one with streams is not", () => {
    const mesh = new Mesh({ pool: { idleReleaseMs: 5_000 } });
    const peer = mesh.dial();
    mesh.driver.advance(60_000);
    expect(mesh.pool.sessions.size).toBe(1);
    peer.send(Buffer.from("x"), true);
    mesh.driver.run();
    mesh.apps[0]?.send(Buffer.from("y"), true);
    mesh.driver.advance(4_999);
    expect(mesh.pool.sessions.size).toBe(1);
    mesh.driver.advance(2);
    expect([mesh.pool.sessions.size, mesh.server.sessions.size]).toEqual([0, 0]);
    mesh.dial().send(Buffer.from("again"));
    mesh.driver.run();
    expect(mesh.apps[1]?.received.toString()).toBe("again");
  });

  test("a connection nobody uses lives on its pings for an hour", () => {
    const mesh = new Mesh({ pool: { idleReleaseMs: 10 * 3_600_000 } });
    const peer = mesh.dial();
    mesh.driver.advance(3_600_000);
    expect(mesh.server.sessions.size).toBe(1);
    peer.send(Buffer.from("still there"));
    mesh.driver.run();
    expect(mesh.apps[0]?.received.toString()).toBe("still there");
  });

  test("relays end with what cut them, both ends are told", () => {
    const mesh = new Mesh();
    const peer = mesh.dial();
    mesh.relays[0]?.cut("policy changed");
    mesh.driver.run();
    expect(mesh.ends).toEqual([{ kind: "error", code: "cut", detail: "policy changed" }]);
    expect(peer.failed).toBe("ECONNRESET");
    // Towards the peer it is a cancellation, which is an end like any other there.
    expect(mesh.apps[0]?.ended).toBe(true);
  });
});

describe("a peer that speaks in bytes", () => {
  function say(mesh: Mesh, peer: PlainPeer, ...bytes: readonly Buffer[]): void {
    peer.send(Buffer.concat(bytes));
    mesh.driver.run();
  }

  test.each([
    ["says nothing", []],
    ["says half a preface", [PREFACE.subarray(0, 12)]],
    ["says a preface and half its settings", [PREFACE, settingsFrame([3, 1]).subarray(0, 9)]],
  ])("is let go when it %s", (_what, bytes) => {
    const mesh = new Mesh();
    const peer = mesh.raw();
    say(mesh, peer, ...bytes);
    expect(mesh.server.sessions.size).toBe(1);
    mesh.driver.advance(60_000);
    expect(mesh.server.sessions.size).toBe(0);
    expect(peer.ended).toBe(true);
  });

  test("is let go when it falls silent, even with a stream open", () => {
    const mesh = new Mesh();
    const peer = mesh.raw();
    say(mesh, peer, CLIENT_START);
    mesh.driver.advance(5_000);
    expect(mesh.server.sessions.size).toBe(1);
    mesh.driver.advance(120_000);
    expect(mesh.server.sessions.size).toBe(0);
    expect(mesh.failures).toMatchObject([{ code: "reset", detail: "the peer does not answer" }]);
  });

  test("is told what it did wrong, and its connection ends", () => {
    const mesh = new Mesh();
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
      const mesh = new Mesh();
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
    const mesh = new Mesh();
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
    const mesh = new Mesh();
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
    const mesh = new Mesh();
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

  test("ends when it asks for thousands of things that are wrong", () => {
    const mesh = new Mesh({ onConnect: (request) => request.refuse(400) });
    const peer = mesh.raw();
    const wrong = Array.from({ length: 2_500 }, (_, index) =>
      frame(FRAME.headers, FLAG.endHeaders, 1 + 2 * index, REQUEST),
    );
    say(mesh, peer, CLIENT_START, ...wrong);
    expect(framesOf(peer.received).at(-1)?.payload.readUInt32BE(4)).toBe(H2_CODE.enhanceYourCalm);
    expect(mesh.server.sessions.size).toBe(0);
  });

  test("may have so many connections from one address, and others are served", () => {
    const mesh = new Mesh({ server: { maxConnectionsPerAddress: 2 } });
    const peers = [mesh.raw(), mesh.raw(), mesh.raw()];
    expect(mesh.server.sessions.size).toBe(2);
    peers[0]?.socket?.reset();
    mesh.driver.run();
    mesh.raw();
    expect(mesh.server.sessions.size).toBe(2);
  });

  test("that leaves in the middle of a frame takes nobody with it", () => {
    const mesh = new Mesh();
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

describe("drain()", () => {
  test("of the server: present streams finish, new ones find a connection elsewhere or fail", () => {
    const mesh = new Mesh();
    const peer = mesh.dial();
    mesh.server.drain();
    mesh.driver.run();
    expect(mesh.server.sessions.size).toBe(1);
    peer.send(Buffer.from("to the end"), true);
    mesh.driver.run();
    mesh.apps[0]?.send(Buffer.from("and back"), true);
    mesh.driver.run();
    expect(peer.received.toString()).toBe("and back");
    expect([mesh.server.sessions.size, mesh.pool.sessions.size]).toEqual([0, 0]);
    mesh.dial();
    mesh.driver.advance(60_000);
    expect(mesh.ends.at(-1)).toMatchObject({ kind: "error" });
  });

  test("of the pool: connections end with their last stream, and no new one is made", () => {
    const mesh = new Mesh();
    const peer = mesh.dial();
    mesh.pool.drain();
    mesh.driver.run();
    expect(mesh.pool.sessions.size).toBe(1);
    peer.send(Buffer.from("x"), true);
    mesh.driver.run();
    mesh.apps[0]?.send(Buffer.from("y"), true);
    mesh.driver.run();
    expect(mesh.pool.sessions.size).toBe(0);
    mesh.dial();
    mesh.driver.advance(1);
    expect(mesh.ends).toMatchObject([
      { kind: "complete" },
      { kind: "error", code: "connect-failed", detail: "draining" },
    ]);
  });
});
