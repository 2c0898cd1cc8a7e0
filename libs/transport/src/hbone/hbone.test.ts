import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AcceptedSocket, Driver, Listener, TlsContext } from "@ambit/io/driver.ts";
import { createEngineDriver } from "@ambit/io/engine/engine-driver.ts";
import { createPortableDriver } from "@ambit/io/portable/portable-driver.ts";
import { testAuthority } from "@ambit/io/testing/certificates.ts";
import type { Relay, RelayEnd } from "../relay.ts";
import { PlainPeer, until } from "../testing/plain-peer.ts";
import type { TunnelConnection } from "./connection.ts";
import { HbonePool } from "./pool.ts";
import { HboneServer, type InboundConnect } from "./server.ts";

const CLIENT = "spiffe://cluster.local/ns/web/sa/web";
const SERVER = "spiffe://cluster.local/ns/shop/sa/cart";

interface Served {
  readonly requests: InboundConnect[];
  readonly accepted: Relay[];
  readonly apps: PlainPeer[];
}

describe.each([
  ["engine", () => createEngineDriver({ checked: true })],
  ["portable", () => createPortableDriver()],
])("HBONE over the %s driver", (_name, create) => {
  let driver: Driver;
  let listener: Listener;
  let outbound: Listener;
  let contexts: { client: TlsContext; server: TlsContext };
  let server: HboneServer;
  let pool: HbonePool;
  let onConnect: (request: InboundConnect) => void;
  let onServed: () => void = () => undefined;
  let expected: readonly string[] = [SERVER];
  let key = "k";
  const ends: RelayEnd[] = [];
  const relays: Relay[] = [];
  const events = { onEstablished: () => undefined, onEnd: (end: RelayEnd) => void ends.push(end) };

  beforeAll(async () => {
    const authority = await testAuthority();
    driver = create();
    contexts = {
      client: driver.tlsContext(await authority.issue(CLIENT)),
      server: driver.tlsContext(await authority.issue(SERVER)),
    };
    server = new HboneServer(driver, { onConnect: (request) => onConnect(request) });
    pool = new HbonePool(driver);
    listener = driver.listen({ ip: "127.0.0.1", port: 0 }, (socket) => {
      server.serve(socket, contexts.server, "cluster.local");
      onServed();
    });
    outbound = driver.listen({ ip: "127.0.0.1", port: 0 }, (socket: AcceptedSocket) => {
      const { port } = listener.local;
      const relay = pool.open(
        { key, expectedIdentities: expected, context: contexts.client, connect: { ip: "127.0.0.1", port } },
        { authority: "10.0.1.8:8080", headers: [["baggage", "k8s.namespace.name=web"]] },
        socket,
        events,
      );
      relays.push(relay);
    });
    driver.start();
  });

  afterAll(() => driver.stop());

  function connectClient(): PlainPeer {
    const client = new PlainPeer(driver);
    driver.connect({ ip: "127.0.0.1", port: outbound.local.port }, client);
    return client;
  }

  /** An application behind the server: every accepted tunnel is connected to a fresh peer. */
  function serveWith(make: () => PlainPeer): Served {
    const requests: InboundConnect[] = [];
    const accepted: Relay[] = [];
    const apps: PlainPeer[] = [];
    const application = driver.listen({ ip: "127.0.0.1", port: 0 }, (socket) => {
      const app = make();
      apps.push(app);
      app.use(socket);
    });
    onConnect = (request) => {
      requests.push(request);
      driver.connect(
        { ip: "127.0.0.1", port: application.local.port },
        {
          onConnected: (upstream) =>
            void accepted.push(
              request.accept(upstream, [], { onEstablished: () => undefined, onEnd: () => undefined }),
            ),
          onReadable: () => undefined,
          onWritable: () => undefined,
          onError: () => request.refuse(503),
        },
      );
    };
    return { requests, accepted, apps };
  }

  function echoApp(): PlainPeer {
    const app = new PlainPeer(driver);
    app.echo = true;
    return app;
  }

  test("carries bytes both ways and tells who asks for what", async () => {
    const { requests } = serveWith(echoApp);
    ends.length = 0;
    const client = connectClient();
    client.send(Buffer.from("hello"), true);
    await until("the echo", () => client.received.toString() === "hello" && client.ended);
    expect(requests[0]?.head).toEqual({
      method: "CONNECT",
      authority: "10.0.1.8:8080",
      headers: [["baggage", "k8s.namespace.name=web"]],
    });
    expect(requests[0]?.peer.identity).toBe(CLIENT);
    await until("the end", () => ends.length === 1);
    expect(ends).toEqual([{ kind: "complete" }]);
  });

  test("carries more than every window holds, in both directions", async () => {
    const { apps } = serveWith(() => new PlainPeer(driver));
    const client = connectClient();
    const bytes = Buffer.alloc(24 * 1024 * 1024, "0123456789abcdef");
    client.send(bytes, true);
    await until("the upload", () => apps[0]?.ended === true);
    expect(apps[0]?.received.equals(bytes)).toBe(true);
    apps[0]?.send(bytes, true);
    await until("the download", () => client.ended);
    expect(client.received.equals(bytes)).toBe(true);
  });

  test("keeps one direction open after the other has ended", async () => {
    const { apps } = serveWith(() => new PlainPeer(driver));
    const client = connectClient();
    client.send(Buffer.from("only this"), true);
    await until("the end at the application", () => apps[0]?.ended === true);
    apps[0]?.send(Buffer.from("an answer afterwards"), true);
    await until("the answer", () => client.ended);
    expect(client.received.toString()).toBe("an answer afterwards");
  });

  test("shares one connection between many streams", async () => {
    serveWith(echoApp);
    key = "shared";
    ends.length = 0;
    const clients = Array.from({ length: 50 }, () => connectClient());
    for (const [index, client] of clients.entries()) client.send(Buffer.from(`client ${index}`), true);
    await until("all echoes", () =>
      clients.every((client, index) => client.received.toString() === `client ${index}`),
    );
    expect(pool.sessions.size).toBeLessThanOrEqual(2);
    await until("all ends", () => ends.length === clients.length);
    key = "k";
  });

  test("resets the client when the server refuses", async () => {
    onConnect = (request) => request.refuse(401);
    ends.length = 0;
    const client = connectClient();
    client.send(Buffer.from("x"));
    await until("the refusal", () => ends.length === 1);
    expect(ends[0]).toEqual({ kind: "error", code: "refused-by-peer", detail: "the server answered 401" });
    await until("the reset", () => client.failed !== "" || client.ended);
  });

  test("ends when the server proves another identity than expected", async () => {
    expected = ["spiffe://cluster.local/ns/shop/sa/other"];
    key = "other";
    ends.length = 0;
    connectClient();
    await until("the end", () => ends.length === 1);
    expect(ends[0]).toMatchObject({ kind: "error", code: "identity-mismatch" });
    expected = [SERVER];
    key = "k";
  });

  test("a reset of the client reaches the application, and the other way round", async () => {
    const { apps } = serveWith(() => new PlainPeer(driver));
    const client = connectClient();
    client.send(Buffer.from("x"));
    await until("the byte", () => apps[0]?.receivedBytes === 1);
    client.socket?.reset();
    await until("the reset at the application", () => apps[0]?.failed !== "");
    expect(apps[0]?.ended).toBe(false);
    const second = connectClient();
    second.send(Buffer.from("y"));
    await until("the second byte", () => apps[1]?.receivedBytes === 1);
    apps[1]?.socket?.reset();
    await until("the reset at the client", () => second.failed !== "");
    expect(second.ended).toBe(false);
  });

  test("a tunnel that is cut at either end is a reset at both, not an end", async () => {
    const { apps, accepted } = serveWith(() => new PlainPeer(driver));
    for (const [index, cutRelay] of [() => relays.at(-1), () => accepted.at(-1)].entries()) {
      const client = connectClient();
      client.send(Buffer.from("x"));
      await until("the byte", () => apps[index]?.receivedBytes === 1);
      cutRelay()?.cut("forbidden");
      await until("the resets", () => client.failed !== "" && apps[index]?.failed !== "");
      expect([client.ended, apps[index]?.ended]).toEqual([false, false]);
    }
  });

  test("a handshake that a drain of the server meets goes on, and its requests go to the next server", async () => {
    const { requests } = serveWith(echoApp);
    const old = server;
    key = "handed over";
    let served = 0;
    onServed = () => {
      if (served++ > 0) return;
      server = new HboneServer(driver, { onConnect: (request) => onConnect(request) });
      old.drain();
    };
    const clients = Array.from({ length: 5 }, connectClient);
    for (const client of clients) client.send(Buffer.from("x"), true);
    await until("the echoes", () => clients.every((client) => client.ended || client.failed !== ""));
    expect(clients.map(({ received, failed }) => received.toString() + failed)).toEqual([
      "x",
      "x",
      "x",
      "x",
      "x",
    ]);
    expect(requests.length).toBeGreaterThanOrEqual(5);
    await until("the old server is left", () => old.sessions.size === 0);
    onServed = () => undefined;
    key = "k";
  });

  test("a handshake that a drain of the pool meets carries those that wait for it", async () => {
    serveWith(echoApp);
    const own = pool;
    onServed = () => own.drain();
    key = "late";
    const client = connectClient();
    client.send(Buffer.from("x"), true);
    await until("the echo", () => client.ended || client.failed !== "");
    expect(client.received.toString() + client.failed).toBe("x");
    await until("the pool is empty", () => own.sessions.size === 0);
    onServed = () => undefined;
    pool = new HbonePool(driver);
    key = "k";
  });

  test("a handshake that meets retire() carries those that wait for it, and nobody who comes later", async () => {
    const { apps } = serveWith(echoApp);
    const own = new HbonePool(driver);
    pool = own;
    let met: TunnelConnection | undefined;
    onServed = () => {
      [met] = own.sessions;
      own.retire();
      onServed = () => undefined;
    };
    const client = connectClient();
    client.send(Buffer.from("x"), true);
    await until("the echo", () => client.ended || client.failed !== "");
    const later = connectClient();
    later.send(Buffer.from("y"), true);
    await until("the other echo", () => later.ended || later.failed !== "");
    expect([client.received.toString() + client.failed, later.received.toString()]).toEqual(["x", "y"]);
    expect(apps).toHaveLength(2);
    await until("the retired connection is gone", () => met?.closed === true);
    expect(own.sessions.size).toBe(1);
  });

  test("close() of a relay is an end in order at both sides", async () => {
    const { apps } = serveWith(echoApp);
    const client = connectClient();
    client.send(Buffer.from("x"));
    await until("the echo", () => client.receivedBytes === 1);
    // Bytes that nobody has read make no error of it.
    client.send(Buffer.from("y"));
    relays.at(-1)?.close("it is late");
    await until("the ends", () => client.ended && apps[0]?.ended === true);
    expect([client.failed, apps[0]?.failed]).toEqual(["", ""]);
    expect(ends.at(-1)).toEqual({ kind: "error", code: "cut", detail: "it is late" });
  });

  test("retire() lets streams finish and opens no new ones on old connections", async () => {
    const { apps } = serveWith(echoApp);
    const client = connectClient();
    client.send(Buffer.from("before"));
    await until("the echo", () => client.received.toString() === "before");
    pool.retire();
    client.send(Buffer.from(" and after"), true);
    await until("the rest", () => client.received.toString() === "before and after" && client.ended);
    expect(apps).toHaveLength(1);
    await until("the old connection is gone", () => pool.sessions.size === 0);
    const again = connectClient();
    again.send(Buffer.from("new"), true);
    await until("a new connection", () => again.received.toString() === "new");
  });
});
