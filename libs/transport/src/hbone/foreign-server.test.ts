import { once } from "node:events";
import {
  constants,
  createSecureServer,
  type Http2SecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Driver, Listener, TlsContext } from "@ambit/io/driver.ts";
import type { RelayEnd } from "../relay.ts";
import { DRIVERS, materials, SERVER, tlsOptions, type Materials } from "../testing/foreign-tls.ts";
import { PlainPeer, until } from "../testing/plain-peer.ts";
import { HbonePool } from "./pool.ts";

const MEBIBYTE = 1024 * 1024;
const LARGE = Buffer.alloc(12 * MEBIBYTE, "a tunnel carries what it is given; ");
const { PADDING_STRATEGY_MAX } = constants;

describe.each(DRIVERS)("our pool over the %s driver, with Node's HTTP/2 as server", (_name, create) => {
  let driver: Driver;
  let outbound: Listener;
  let pool: HbonePool;
  let certificates: Materials;
  let context: TlsContext;
  let foreign: Http2SecureServer;
  const foreignSessions: ServerHttp2Session[] = [];
  const ends: RelayEnd[] = [];

  beforeAll(async () => {
    certificates = await materials();
    driver = create();
    context = driver.tlsContext(certificates.client);
    outbound = driver.listen({ ip: "127.0.0.1", port: 0 }, (socket) => {
      const { port } = foreign.address() as AddressInfo;
      pool.open(
        { key: "k", expectedIdentities: [SERVER], context, connect: { ip: "127.0.0.1", port } },
        { authority: "10.0.0.8:80", headers: [["baggage", "service.name=web"]] },
        socket,
        { onEstablished: () => undefined, onEnd: (end) => ends.push(end) },
      );
    });
    driver.start();
  });
  afterAll(() => driver.stop());
  afterEach(async () => {
    pool.drain();
    for (const session of foreignSessions.splice(0)) session.destroy();
    foreign.close();
    await until("the pool is empty", () => pool.sessions.size === 0);
    ends.length = 0;
  });

  async function serve(
    onStream: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void,
    options: Parameters<typeof createSecureServer>[0] = {},
  ): Promise<void> {
    pool = new HbonePool(driver);
    foreign = createSecureServer({
      ...tlsOptions(certificates.server),
      requestCert: true,
      rejectUnauthorized: true,
      ...options,
    });
    foreign.on("session", (session) => {
      foreignSessions.push(session);
      session.on("error", () => undefined);
    });
    foreign.on("stream", (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
      stream.on("error", () => undefined);
      onStream(stream, headers);
    });
    foreign.listen(0, "127.0.0.1");
    await once(foreign, "listening");
  }

  function echo(stream: ServerHttp2Stream): void {
    stream.respond({ ":status": 200 });
    stream.pipe(stream);
  }

  function dial(): PlainPeer {
    const peer = new PlainPeer(driver);
    driver.connect({ ip: "127.0.0.1", port: outbound.local.port }, peer);
    return peer;
  }

  test("a request names target and headers, bytes come back, both ends are told", async () => {
    let asked: IncomingHttpHeaders = {};
    await serve((stream, headers) => {
      asked = headers;
      echo(stream);
    });
    const peer = dial();
    peer.send(Buffer.from("there and back"), true);
    await until("the echo", () => peer.ended);
    expect(peer.received.toString()).toBe("there and back");
    expect(asked).toMatchObject({
      ":method": "CONNECT",
      ":authority": "10.0.0.8:80",
      baggage: "service.name=web",
    });
    await until("the end", () => ends.length === 1);
    expect(ends).toEqual([{ kind: "complete" }]);
  });

  test.each([
    ["as it comes", {}],
    ["with all the padding that fits", { paddingStrategy: PADDING_STRATEGY_MAX }],
    ["with windows of 1000 bytes", { settings: { initialWindowSize: 1_000 } }],
    ["in small frames", { settings: { maxFrameSize: 16_384 } }],
  ])("a large transfer is whole, %s", async (_what, options) => {
    await serve(echo, options);
    const size = "settings" in options && "initialWindowSize" in options.settings ? MEBIBYTE : LARGE.length;
    const peer = dial();
    peer.send(LARGE.subarray(0, size), true);
    await until("the echo", () => peer.ended);
    expect(peer.received.equals(LARGE.subarray(0, size))).toBe(true);
  });

  test("no more streams than the server allows are put on one connection", async () => {
    let most = 0;
    let open = 0;
    const onStream = (stream: ServerHttp2Stream): void => {
      open++;
      most = Math.max(most, open);
      stream.on("close", () => open--);
      echo(stream);
    };
    await serve(onStream, { settings: { maxConcurrentStreams: 2 } });
    const first = dial();
    first.send(Buffer.from("first"));
    await until("the first echo", () => first.received.toString() === "first");
    const peers = Array.from({ length: 6 }, () => dial());
    for (const [index, peer] of peers.entries()) peer.send(Buffer.from(`peer ${index}`));
    await until("all echoes", () =>
      peers.every((peer, index) => peer.received.toString() === `peer ${index}`),
    );
    // Whatever was asked beyond the limit was refused by the server, and asked again elsewhere.
    expect(foreignSessions.length).toBeGreaterThanOrEqual(4);
    expect(most).toBe(7);
  });

  test.each([401, 503])("an answer of %i is a refusal", async (status) => {
    await serve((stream) => stream.respond({ ":status": status }, { endStream: true }));
    const peer = dial();
    peer.send(Buffer.from("x"));
    await until("the end", () => ends.length === 1);
    expect(ends[0]).toMatchObject({ code: "refused-by-peer", detail: `the server answered ${status}` });
    await until("the reset", () => peer.failed !== "" || peer.ended);
  });

  test("a reset by the server resets the application", async () => {
    await serve((stream) => {
      stream.respond({ ":status": 200 });
      stream.once("data", () => stream.close(constants.NGHTTP2_INTERNAL_ERROR));
    });
    const peer = dial();
    peer.send(Buffer.from("x"));
    await until("the end", () => ends.length === 1);
    expect(ends[0]).toMatchObject({ kind: "error", code: "reset" });
    await until("the reset", () => peer.failed !== "" || peer.ended);
  });

  test("after a goaway present streams finish and new ones take another connection", async () => {
    await serve(echo);
    const early = dial();
    early.send(Buffer.from("one"));
    await until("the first echo", () => early.received.toString() === "one");
    foreignSessions[0]?.goaway(constants.NGHTTP2_NO_ERROR);
    await until("the pool knows", () => [...pool.sessions].every(({ session }) => session.closing));
    const late = dial();
    late.send(Buffer.from("two"), true);
    early.send(Buffer.from("three"), true);
    await until("both ends", () => early.ended && late.ended);
    expect([early.received.toString(), late.received.toString()]).toEqual(["onethree", "two"]);
    expect(foreignSessions).toHaveLength(2);
  });

  test("requests that a goaway says were not looked at are sent again and nobody notices", async () => {
    let kept = 0;
    await serve((stream) => {
      // The first connection answers one, and then says that it has processed none of the others.
      if (foreignSessions.length > 1 || stream.id === 1) echo(stream);
      else kept++;
    });
    const peers = Array.from({ length: 5 }, () => dial());
    for (const [index, peer] of peers.entries()) peer.send(Buffer.from(`peer ${index}`), true);
    await until("the requests", () => kept === 4 && peers.some((peer) => peer.ended));
    foreignSessions[0]?.goaway(constants.NGHTTP2_NO_ERROR, 1);
    await until("all echoes", () => peers.every((peer) => peer.ended));
    expect(peers.map((peer) => peer.received.toString())).toEqual(peers.map((_, index) => `peer ${index}`));
    expect(ends.every((end) => end.kind === "complete")).toBe(true);
  });

  test("a server that refuses every request is asked no more than a few times", async () => {
    let asked = 0;
    await serve((stream) => {
      asked++;
      stream.close(constants.NGHTTP2_REFUSED_STREAM);
    });
    const peer = dial();
    peer.send(Buffer.from("x"));
    await until("the end", () => ends.length === 1);
    expect(ends[0]).toEqual({ kind: "error", code: "refused-by-peer", detail: "it takes no more streams" });
    expect(asked).toBe(4);
    await until("the reset", () => peer.failed !== "" || peer.ended);
  });

  test("a connection that the server drops ends every stream on it", async () => {
    await serve((stream) => stream.respond({ ":status": 200 }));
    const sockets: Socket[] = [];
    foreign.on("connection", (socket: Socket) => sockets.push(socket));
    const peers = Array.from({ length: 5 }, () => dial());
    for (const peer of peers) peer.send(Buffer.from("x"));
    await until("the streams", () => [...pool.sessions].some(({ session }) => session.streams.size === 5));
    for (const socket of sockets) socket.resetAndDestroy();
    await until("all ends", () => ends.length === 5);
    for (const end of ends) expect(end).toMatchObject({ kind: "error" });
    expect(pool.sessions.size).toBe(0);
  });

  test("trailers end a stream like any other end", async () => {
    await serve((stream) => {
      stream.respond({ ":status": 200 }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "x-sum": "1" }));
      stream.resume();
      stream.end("bytes before trailers");
    });
    const peer = dial();
    peer.send(Buffer.alloc(0), true);
    await until("the end", () => peer.ended);
    expect(peer.received.toString()).toBe("bytes before trailers");
    await until("the relay's end", () => ends.length === 1);
    expect(ends).toEqual([{ kind: "complete" }]);
  });
});
