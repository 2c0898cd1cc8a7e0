import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { seededRandom } from "@ambit/base/random.ts";
import type { Driver, TlsContext } from "../driver.ts";
import { EBADF } from "../linux.ts";
import { Probe, ProbeServer, connectPair } from "./probe.ts";
import type { PairOptions } from "./probe.ts";
import { describeTrust, makeIdentities } from "./trust-contract.ts";
import type { Identities } from "./trust-contract.ts";

const MIB = 1024 * 1024;
function pattern(length: number, seed: number): Buffer {
  const block = Buffer.from(seededRandom(seed).bytes(Math.min(length, 65_521)));
  return Buffer.alloc(length, block);
}

/**
 * What a driver's TLS is worth: whether it can tell a stream that was cut off from one that was ended, or that it has no
 * cryptography at all. Such a driver believes what an end says that it is: it has no certificates that could be bad, and
 * nobody outside the process can reach it, so whom it trusts is not asked (trust-contract.ts); everything else is.
 */
export type DriverTls = "tells truncation" | "no truncation told" | "no cryptography";

/** The behaviour that every driver has. `make` returns a driver that is not started. */
export function describeDriver(name: string, make: () => Driver, tls: DriverTls): void {
  describe(name, () => {
    let driver: Driver;
    let identities: Identities;
    let contexts: [server: TlsContext, client: TlsContext];

    beforeAll(async () => {
      identities = await makeIdentities();
    });

    beforeEach(() => {
      driver = make();
      driver.start();
      contexts = [driver.tlsContext(identities.server), driver.tlsContext(identities.client)];
    });

    afterEach(() => {
      driver.stop();
      for (const context of contexts) context.release();
    });

    describeConnecting(() => driver);
    for (const secured of [false, true]) {
      describe(secured ? "TLS" : "plain", () => {
        describeStream(
          () => driver,
          () => (secured ? { contexts } : {}),
        );
      });
    }
    if (tls !== "no cryptography") {
      describeTrust(
        () => driver,
        () => identities,
        () => contexts,
        tls === "tells truncation",
      );
    }
    describeTurns(() => driver);
  });
}

function describeConnecting(driver: () => Driver): void {
  it("connect() reports a refusal after it has returned", async () => {
    const { listener } = new ProbeServer(driver());
    const { port } = listener.local;
    listener.close();
    const probe = new Probe(driver());
    const socket = driver().connect({ ip: "127.0.0.1", port }, probe);
    expect(probe.error).toBeUndefined();
    expect(await probe.failure()).toMatchObject({ kind: "connect", code: "ECONNREFUSED" });
    expect(socket.closed).toBe(true);
  });

  it("connect() gives up after timeoutMs when nobody answers", async () => {
    const probe = new Probe(driver());
    // TEST-NET-1 is routed nowhere; where the host refuses at once, that is an answer as well.
    driver().connect({ ip: "192.0.2.1", port: 9, timeoutMs: 50 }, probe);
    const { kind } = await probe.failure();
    expect(["timeout", "connect"]).toContain(kind);
  });

  it.each(["127.0.0.1", "::1"])("tells both ends the same addresses on %s", async (ip) => {
    const { client, server, listener } = await connectPair(driver(), { ip });
    expect(client.socket?.remote).toEqual(listener.local);
    expect(server.socket?.local).toEqual(listener.local);
    expect(server.socket?.remote).toEqual(client.socket?.local);
    expect(server.socket?.remote.ip).toBe(ip);
  });

  it("listen() raises an IoError when the address is taken", () => {
    const { listener } = new ProbeServer(driver());
    const again = (): unknown => driver().listen({ ...listener.local }, () => undefined);
    expect(again).toThrow(
      expect.objectContaining({ code: "socket", facts: expect.objectContaining({ errno: "EADDRINUSE" }) }),
    );
  });

  it("listen() with reusePort lets two listeners share a port", () => {
    const first = new ProbeServer(driver(), { listen: { reusePort: true } });
    const options = { ...first.listener.local, reusePort: true };
    expect(driver().listen(options, () => undefined).local).toEqual(first.listener.local);
  });

  it("originalDestination is undefined when nothing was redirected", async () => {
    const options = { listen: { originalDestination: true } };
    const acceptor = new ProbeServer(driver(), options);
    const client = acceptor.dial(driver());
    await client.until(() => client.connected);
    await acceptor.accept();
    expect(acceptor.accepted[0]?.originalDestination).toBeUndefined();
  });

  it("close() before the connection stands tells nobody", async () => {
    const acceptor = new ProbeServer(driver());
    const probe = new Probe(driver());
    driver().connect(acceptor.listener.local, probe).close();
    const other = acceptor.dial(driver());
    await other.until(() => other.connected);
    expect([probe.connected, probe.error]).toEqual([false, undefined]);
  });
}

function describeStream(driver: () => Driver, options: () => PairOptions): void {
  it.each([1, 1000, 16_384, 300_000, 8 * MIB])("echoes %d bytes", async (length) => {
    const { client, server } = await connectPair(driver(), options());
    server.onBytes = (bytes) => server.send(bytes);
    const sent = pattern(length, length);
    client.send(sent);
    await client.until(() => client.receivedBytes >= length);
    expect(client.received.equals(sent)).toBe(true);
  });

  it("delivers everything to an owner that reads in small pieces", async () => {
    const { client, server } = await connectPair(driver(), { ...options(), readSize: 700 });
    const sent = pattern(200_000, 3);
    client.send(sent);
    client.end();
    await server.until(() => server.ended);
    expect(server.received.equals(sent)).toBe(true);
  });

  it("shutdownWrite() ends one direction and leaves the other", async () => {
    const { client, server } = await connectPair(driver(), options());
    client.send("request");
    client.end();
    await server.until(() => server.ended);
    expect(server.received.toString()).toBe("request");
    server.send(pattern(500_000, 4));
    server.end();
    await client.until(() => client.ended);
    expect(client.received.equals(pattern(500_000, 4))).toBe(true);
    expect([client.error, server.error]).toEqual([undefined, undefined]);
  });

  it("shutdownWrite() works from the accepting side first", async () => {
    const { client, server } = await connectPair(driver(), options());
    server.end();
    await client.until(() => client.ended);
    client.send("still here");
    client.end();
    await server.until(() => server.ended);
    expect(server.received.toString()).toBe("still here");
  });

  it.each(["client", "server"] as const)(
    "write() of the %s stops taking bytes while the peer does not read, and goes on afterwards",
    async (end) => {
      const { client, server } = await connectPair(driver(), options());
      const [sender, reader] = end === "client" ? [client, server] : [server, client];
      reader.paused = true;
      const sent = pattern(32 * MIB, 5);
      sender.keep = 0;
      sender.send(sent);
      await reader.until(() => reader.readable > 0);
      expect(sender.pendingBytes).toBeGreaterThan(8 * MIB);
      reader.resume();
      sender.end();
      await reader.until(() => reader.ended);
      expect(reader.received.equals(sent)).toBe(true);
    },
  );

  it("close() lets accepted bytes arrive", async () => {
    const { client, server } = await connectPair(driver(), options());
    client.send(pattern(100_000, 6));
    client.socket?.close();
    expect(client.socket?.closed).toBe(true);
    await server.until(() => server.ended);
    expect(server.receivedBytes).toBe(100_000);
    expect(client.error).toBeUndefined();
  });

  it("reset() breaks the connection for the peer", async () => {
    const { client, server } = await connectPair(driver(), options());
    server.send("hello");
    client.send("hello");
    await Promise.all([server, client].map((end) => end.until(() => end.receivedBytes === 5)));
    client.socket?.reset();
    const error = await server.failure();
    expect(error).toMatchObject({ kind: "io", code: "ECONNRESET" });
    expect(server.socket?.closed).toBe(true);
  });

  it("keeps many small writes in order", async () => {
    const { client, server } = await connectPair(driver(), options());
    const parts: string[] = [];
    for (let index = 0; index < 5000; index++) {
      parts.push(`${index};`);
      client.send(`${index};`);
    }
    client.end();
    await server.until(() => server.ended);
    expect(server.received.toString()).toBe(parts.join(""));
  });

  it("writev() gathers its windows in order", async () => {
    const { client, server } = await connectPair(driver(), options());
    const memory = driver().allocate(4096);
    memory.bytes.write("abcdefghij");
    expect(client.socket?.writev(memory, Int32Array.from([4, 2, 0, 3, 9, 1]), 3)).toBe(6);
    client.end();
    await server.until(() => server.ended);
    expect(server.received.toString()).toBe("efabcj");
  });

  it("writev() takes more windows than the kernel does at once", async () => {
    const { client, server } = await connectPair(driver(), options());
    const memory = driver().allocate(8192);
    memory.bytes.set(pattern(3000, 9));
    const windows = Int32Array.from({ length: 6000 }, (_, index) => (index % 2 === 0 ? index / 2 : 1));
    let done = client.socket?.writev(memory, windows, 3000) ?? 0;
    expect(done).toBeGreaterThan(100);
    while (done < 3000) done += client.socket?.writev(memory, windows.subarray(done * 2), 3000 - done) ?? 0;
    client.end();
    await server.until(() => server.ended);
    expect(server.received.equals(pattern(3000, 9))).toBe(true);
  });

  it("serves 200 connections at once", async () => {
    const acceptor = new ProbeServer(driver(), options(), (probe) => {
      probe.onBytes = (bytes) => probe.send(bytes);
    });
    const clients = Array.from({ length: 200 }, () => acceptor.dial(driver(), options()));
    await Promise.all(
      clients.map(async (client, index) => {
        await client.until(() => client.connected);
        client.send(pattern(2000, index));
        await client.until(() => client.receivedBytes >= 2000);
        expect(client.received.equals(pattern(2000, index))).toBe(true);
      }),
    );
    expect(acceptor.probes).toHaveLength(200);
  });

  it("lets a ping through while another connection moves bulk", async () => {
    const acceptor = new ProbeServer(driver(), options(), (probe) => {
      probe.keep = 0;
      probe.onBytes = (bytes) => {
        if (bytes.length === 1) probe.send(bytes);
      };
    });
    const bulk = acceptor.dial(driver(), options());
    const ping = acceptor.dial(driver(), options());
    await Promise.all([bulk.until(() => bulk.connected), ping.until(() => ping.connected)]);
    let bulkLeft = -1;
    ping.onBytes = () => {
      if (ping.receivedBytes === 5) bulkLeft = bulk.pendingBytes;
      else ping.send("p");
    };
    bulk.send(pattern(64 * MIB, 1));
    ping.send("p");
    await ping.until(() => ping.receivedBytes >= 5);
    expect(bulkLeft).toBeGreaterThan(0);
  });

  it("calls after close() report a closed socket and tell nobody", async () => {
    const { client } = await connectPair(driver(), options());
    const socket = client.socket;
    const memory = driver().allocate(4096);
    socket?.close();
    expect(socket?.read(memory, 0, 10)).toBe(-EBADF);
    expect(socket?.write(memory, 0, 10)).toBe(-EBADF);
    socket?.shutdownWrite();
    socket?.setReceiveLowWater(4096);
    socket?.reset();
    socket?.close();
    expect(client.error).toBeUndefined();
  });
}

function describeTurns(driver: () => Driver): void {
  it("after() runs in order of time, and cancelled timers never", async () => {
    const seen: string[] = [];
    await new Promise<void>((resolve) => {
      driver().after(15, () => resolve());
      driver().after(5, () => seen.push("second"));
      driver().after(1, () => seen.push("first"));
      driver()
        .after(2, () => seen.push("never"))
        .cancel();
    });
    expect(seen).toEqual(["first", "second"]);
  });

  it("endOfTurn() runs once, after the events of the turn", async () => {
    const { client, server } = await connectPair(driver());
    const seen: string[] = [];
    server.onBytes = () => {
      driver().endOfTurn(() => seen.push("flush"));
      seen.push("bytes");
    };
    client.send("x");
    await server.until(() => server.receivedBytes === 1);
    await new Promise<void>((resolve) => {
      driver().after(1, resolve);
    });
    expect(seen).toEqual(["bytes", "flush"]);
  });

  it("again() brings another onReadable without new bytes", async () => {
    const { client, server } = await connectPair(driver());
    client.send("x");
    await server.until(() => server.receivedBytes === 1);
    const before = server.readable;
    if (server.socket !== undefined) driver().again(server.socket);
    await server.until(() => server.readable > before);
    expect(server.error).toBeUndefined();
  });

  it("promises and timers of the ordinary loop go on beside it", async () => {
    const started = driver().now();
    await new Promise((resolve) => {
      driver().after(1, () => void Promise.resolve().then(resolve));
    });
    expect(driver().now() - started).toBeLessThan(1000);
  });
}
