import { once } from "node:events";
import {
  connect,
  constants,
  type ClientHttp2Session,
  type ClientSessionRequestOptions,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
  type SecureClientSessionOptions,
} from "node:http2";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Driver, Listener, TlsContext } from "@ambit/io/driver.ts";
import { DRIVERS, materials, tlsOptions, type Materials } from "../testing/foreign-tls.ts";
import { PlainPeer, until } from "../testing/plain-peer.ts";
import { HboneServer, type InboundConnect } from "./server.ts";

const QUIET = { onEstablished: () => undefined, onEnd: () => undefined };
const MEBIBYTE = 1024 * 1024;
const LARGE = Buffer.alloc(12 * MEBIBYTE, "a tunnel carries what it is given; ");
const { PADDING_STRATEGY_MAX } = constants;

describe.each(DRIVERS)("our server over the %s driver, with Node's HTTP/2 as client", (_name, create) => {
  let driver: Driver;
  let context: TlsContext;
  let listener: Listener;
  let application: Listener;
  let server: HboneServer;
  let certificates: Materials;
  let onConnect: (request: InboundConnect) => void;
  const apps: PlainPeer[] = [];
  const sessions: ClientHttp2Session[] = [];

  beforeAll(async () => {
    certificates = await materials();
    driver = create();
    context = driver.tlsContext(certificates.server);
    application = driver.listen({ ip: "127.0.0.1", port: 0 }, (socket) => {
      const app = new PlainPeer(driver);
      apps.push(app);
      app.use(socket);
    });
    driver.start();
  });
  afterAll(() => driver.stop());
  afterEach(() => {
    for (const session of sessions.splice(0)) session.destroy();
    listener.close();
    apps.length = 0;
  });

  /** A client of a fresh server; `begun` is what the server is asked. */
  async function client(options: SecureClientSessionOptions = {}): Promise<ClientHttp2Session> {
    onConnect = toApplication;
    server = new HboneServer(driver, { onConnect: (request) => onConnect(request) });
    listener = driver.listen({ ip: "127.0.0.1", port: 0 }, (socket) =>
      server.serve(socket, context, "cluster.local"),
    );
    const session = connect(`https://127.0.0.1:${listener.local.port}`, {
      ...tlsOptions(certificates.client),
      checkServerIdentity: () => undefined,
      ...options,
    });
    session.on("error", () => undefined);
    sessions.push(session);
    await once(session, "connect");
    return session;
  }

  function toApplication(request: InboundConnect): void {
    driver.connect(
      { ip: "127.0.0.1", port: application.local.port },
      {
        onConnected: (upstream) => void request.accept(upstream, [["x-from", "server"]], QUIET),
        onReadable: () => undefined,
        onWritable: () => undefined,
        onError: () => request.refuse(503),
      },
    );
  }

  function open(
    session: ClientHttp2Session,
    headers: Record<string, string> = {},
    options: ClientSessionRequestOptions = {},
  ): ClientHttp2Stream {
    const stream = session.request(
      { ":method": "CONNECT", ":authority": "10.0.0.8:80", ...headers },
      options,
    );
    stream.on("error", () => undefined);
    return stream;
  }

  async function answerOf(stream: ClientHttp2Stream): Promise<IncomingHttpHeaders> {
    const [headers] = (await once(stream, "response")) as [IncomingHttpHeaders];
    return headers;
  }

  test("a tunnel is opened with headers both ways, and carries both directions to their ends", async () => {
    const session = await client();
    let asked: InboundConnect["head"] | undefined;
    onConnect = (request) => {
      asked = request.head;
      toApplication(request);
    };
    const stream = open(session, { baggage: "service.name=web" });
    expect(await answerOf(stream)).toMatchObject({ ":status": 200, "x-from": "server" });
    expect(asked).toMatchObject({ method: "CONNECT", authority: "10.0.0.8:80" });
    expect(asked?.headers).toContainEqual(["baggage", "service.name=web"]);
    stream.end("question");
    await until("the question's end", () => apps[0]?.ended === true);
    expect(apps[0]?.received.toString()).toBe("question");
    apps[0]?.send(Buffer.from("answer"), true);
    expect(Buffer.concat(await stream.toArray()).toString()).toBe("answer");
    await until("the stream is forgotten", () => [...server.sessions][0]?.session.streams.size === 0);
  });

  test.each([
    ["as it comes", {}],
    ["with all the padding that fits", { paddingStrategy: PADDING_STRATEGY_MAX }],
    ["with windows of 1000 bytes", { settings: { initialWindowSize: 1_000, maxFrameSize: 16_384 } }],
  ])("a large transfer is whole both ways, %s", async (_what, options) => {
    const session = await client(options);
    const stream = open(session);
    await answerOf(stream);
    const size = "settings" in options ? MEBIBYTE : LARGE.length;
    stream.end(LARGE.subarray(0, size));
    await until("the upload", () => apps[0]?.ended === true);
    expect(apps[0]?.received.equals(LARGE.subarray(0, size))).toBe(true);
    apps[0]?.send(LARGE.subarray(0, size), true);
    expect(Buffer.concat(await stream.toArray()).equals(LARGE.subarray(0, size))).toBe(true);
  });

  test("windows that the client changes while a transfer runs are kept", async () => {
    const session = await client({ settings: { initialWindowSize: 2_000 } });
    const stream = open(session);
    await answerOf(stream);
    apps[0]?.send(LARGE.subarray(0, MEBIBYTE), true);
    for (const initialWindowSize of [10, 100_000, 50, 70_000]) session.settings({ initialWindowSize });
    expect(Buffer.concat(await stream.toArray()).equals(LARGE.subarray(0, MEBIBYTE))).toBe(true);
  });

  test("a hundred streams at once stay apart", async () => {
    const session = await client();
    const streams = Array.from({ length: 100 }, () => open(session));
    await Promise.all(streams.map((stream) => answerOf(stream)));
    for (const [index, stream] of streams.entries()) stream.end(`stream ${index}`);
    await until("all ends", () => apps.length === 100 && apps.every((app) => app.ended));
    const texts = apps.map((app) => app.received.toString()).toSorted();
    expect(texts).toEqual(streams.map((_, index) => `stream ${index}`).toSorted());
    for (const app of apps) app.send(app.received, true);
    const answers = await Promise.all(streams.map(async (stream) => (await stream.toArray()).join("")));
    expect(answers).toEqual(streams.map((_, index) => `stream ${index}`));
  });

  test("a refusal is an answer with its status", async () => {
    const session = await client();
    onConnect = (request) => request.refuse(401);
    const stream = open(session);
    expect((await answerOf(stream))[":status"]).toBe(401);
    onConnect = toApplication;
    expect((await answerOf(open(session)))[":status"]).toBe(200);
  });

  test("a reset of either side reaches the other", async () => {
    const session = await client();
    const first = open(session);
    await answerOf(first);
    first.write("x");
    await until("the byte", () => apps[0]?.receivedBytes === 1);
    // close() would say that it has ended before it resets.
    first.destroy(new Error("broken"));
    await until("the reset at the application", () => apps[0]?.failed !== "");
    const second = open(session);
    await answerOf(second);
    await until("the second application", () => apps[1]?.socket !== undefined);
    const failed = once(second, "error");
    apps[1]?.socket?.reset();
    await failed;
    expect(second.rstCode).toBe(constants.NGHTTP2_CONNECT_ERROR);
  });

  // Another mesh's proxy lets go of a stream in this way when its application's connection has ended.
  test.each(["NO_ERROR", "CANCEL"])("a reset that says %s is an end in order", async (code) => {
    const abort = new AbortController();
    const stream = open(await client(), {}, { signal: abort.signal });
    await answerOf(stream);
    stream.write("x");
    await until("the byte", () => apps[0]?.receivedBytes === 1);
    if (code === "CANCEL") abort.abort();
    else stream.destroy();
    await until("the end at the application", () => apps[0]?.ended === true || apps[0]?.failed !== "");
    expect(apps[0]?.failed).toBe("");
  });

  test("drain() says goaway, present streams finish, then the connection ends", async () => {
    const session = await client();
    const stream = open(session);
    await answerOf(stream);
    const goaway = once(session, "goaway");
    server.drain();
    const [code, lastId] = (await goaway) as [number, number];
    expect([code, lastId]).toEqual([constants.NGHTTP2_NO_ERROR, 1]);
    stream.end("still carried");
    await until("the end", () => apps[0]?.ended === true);
    expect(apps[0]?.received.toString()).toBe("still carried");
    apps[0]?.send(Buffer.from("and back"), true);
    expect(Buffer.concat(await stream.toArray()).toString()).toBe("and back");
    await until("no session", () => server.sessions.size === 0);
  });

  test("pings are answered", async () => {
    const session = await client();
    const payload = await new Promise<Buffer>((resolve, reject) => {
      session.ping(Buffer.from("12345678"), (error, _duration, echoed) => {
        if (error === null) resolve(echoed);
        else reject(error);
      });
    });
    expect(payload.toString()).toBe("12345678");
  });
});
