import { describe, expect, test } from "vitest";
import { STREAM_WINDOW_BYTES } from "../h2/session-stream.ts";
import { CART, TunnelMesh, WEB, handlerOf } from "../testing/tunnel-mesh.ts";

/** Somebody else of the mesh. */
const OTHER = "spiffe://cluster.local/ns/shop/sa/other";

describe("bytes", () => {
  test.each([1, 2, 7, 10, 1_000])("reads of %i bytes at most change nothing", (maxReadBytes) => {
    const mesh = new TunnelMesh({ maxReadBytes });
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
    const mesh = new TunnelMesh();
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

describe("connections", () => {
  test("streams of one key share one, keys never do", () => {
    const mesh = new TunnelMesh();
    for (const key of ["a", "a", "b", "a", "b"]) mesh.dial(key);
    expect(mesh.pool.sessions.size).toBe(2);
    expect(mesh.server.sessions.size).toBe(2);
    expect(mesh.apps).toHaveLength(5);
  });

  test("one more stream than a connection may carry opens another one", () => {
    const mesh = new TunnelMesh({ pool: { maxStreams: 3 } });
    for (let count = 1; count <= 3; count++) mesh.dial();
    expect(mesh.pool.sessions.size).toBe(1);
    mesh.dial();
    expect(mesh.pool.sessions.size).toBe(2);
  });

  test("a server that proves another identity, none, or two, carries nothing", () => {
    for (const serverIdentity of [OTHER, "", `${CART} ${OTHER}`, `https://x.example/ ${CART}`]) {
      const mesh = new TunnelMesh({ serverIdentity });
      const peer = mesh.dial();
      peer.send(Buffer.from("secret"));
      mesh.driver.run();
      expect(mesh.ends).toMatchObject([{ kind: "error", code: "identity-mismatch" }]);
      expect(mesh.requests).toEqual([]);
      expect(mesh.pool.sessions.size).toBe(0);
    }
  });

  test("a client without one identity, of this mesh, is not served", () => {
    const foreign = "spiffe://other.example/ns/web/sa/web";
    const two = [`${WEB} ${OTHER}`, `https://x.example/ ${WEB}`];
    for (const identity of ["", "https://cluster.local/ns/web/sa/web", `${WEB}/more`, foreign, ...two]) {
      const mesh = new TunnelMesh();
      mesh.dial("k", [CART], identity);
      expect(mesh.requests).toEqual([]);
      expect(mesh.failures).toMatchObject([{ code: "identity-mismatch" }]);
      expect(mesh.server.sessions.size).toBe(0);
    }
  });

  test("connections up to the limit are served, one more is closed", () => {
    const mesh = new TunnelMesh({ server: { maxConnections: 2 } });
    for (const key of ["a", "b", "c"]) mesh.dial(key);
    expect(mesh.server.sessions.size).toBe(2);
    expect(mesh.requests).toHaveLength(2);
    mesh.driver.advance(60_000);
    expect(mesh.ends).toMatchObject([{ kind: "error" }]);
  });

  test("a connection without streams is let go after its time, one with streams is not", () => {
    const mesh = new TunnelMesh({ pool: { idleReleaseMs: 5_000 } });
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
    const mesh = new TunnelMesh({ pool: { idleReleaseMs: 10 * 3_600_000 } });
    const peer = mesh.dial();
    mesh.driver.advance(3_600_000);
    expect(mesh.server.sessions.size).toBe(1);
    peer.send(Buffer.from("still there"));
    mesh.driver.run();
    expect(mesh.apps[0]?.received.toString()).toBe("still there");
  });

  test("a peer that goes without an answer has refused, one that goes later has ended", () => {
    const silent = new TunnelMesh({ onConnect: () => undefined });
    silent.dial();
    const talking = new TunnelMesh();
    talking.dial();
    for (const mesh of [silent, talking]) {
      for (const session of mesh.server.sessions) session.close({ kind: "complete" });
      mesh.driver.run();
    }
    expect(silent.ends).toMatchObject([{ kind: "error", code: "refused-by-peer" }]);
    expect(talking.ends).toMatchObject([{ kind: "error", code: "reset" }]);
  });

  test("relays end with what cut them, both ends are told", () => {
    const mesh = new TunnelMesh();
    const peer = mesh.dial();
    mesh.relays[0]?.cut("policy changed");
    mesh.driver.run();
    expect(mesh.ends).toEqual([{ kind: "error", code: "cut", detail: "policy changed" }]);
    expect(peer.failed).toBe("ECONNRESET");
    expect([mesh.apps[0]?.failed, mesh.apps[0]?.ended]).toEqual(["ECONNRESET", false]);
  });
});

describe("drain()", () => {
  test("of the server: present streams finish, new ones find a connection elsewhere or fail", () => {
    const mesh = new TunnelMesh();
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

  test.each([1, 2])("of the server during a handshake: who waits goes to the next (%i a turn)", (perTurn) => {
    const mesh = new TunnelMesh();
    const { driver, server: old } = mesh;
    const serve = old.serve.bind(old);
    old.serve = (...accepted) => {
      serve(...accepted);
      mesh.server = mesh.newServer();
      old.drain();
      // From the turn after the server's end of the handshake on: its GOAWAY is read as soon as the client's end is there.
      driver.endOfTurn(() => driver.endOfTurn(() => (driver.eventsPerTurn = perTurn)));
    };
    mesh.dial().send(Buffer.from("handed over"));
    driver.run();
    expect(mesh.ends).toEqual([]);
    expect(mesh.apps[0]?.received.toString()).toBe("handed over");
    expect(old.sessions.size).toBe(0);
  });

  test("of the pool: connections end with their last stream, also those of who comes late", () => {
    const mesh = new TunnelMesh();
    const peer = mesh.dial();
    mesh.pool.drain();
    mesh.driver.run();
    expect(mesh.pool.sessions.size).toBe(1);
    peer.send(Buffer.from("x"), true);
    mesh.driver.run();
    mesh.apps[0]?.send(Buffer.from("y"), true);
    mesh.driver.run();
    expect(mesh.pool.sessions.size).toBe(0);
    const late = mesh.dial();
    mesh.driver.run();
    late.send(Buffer.from("x"), true);
    mesh.driver.run();
    mesh.apps[1]?.send(Buffer.from("y"), true);
    mesh.driver.run();
    expect(late.received.toString()).toBe("y");
    expect(mesh.ends).toMatchObject([{ kind: "complete" }, { kind: "complete" }]);
    expect(mesh.pool.sessions.size).toBe(0);
  });
});
