import { createServer, connect } from "node:net";
import type { AddressInfo } from "node:net";
import { MessageChannel } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "@ambit/base/clock.ts";
import { EPOLLIN } from "../linux.ts";
import { SocketMaker } from "../socket-maker.ts";
import { createSys } from "../sys.ts";
import { EpollLoop } from "./loop.ts";
import type { Watched } from "./loop.ts";

const sys = createSys(true);
const maker = new SocketMaker(sys);
let loop: EpollLoop;
const opened: number[] = [];

beforeEach(() => {
  loop = new EpollLoop(sys, systemClock);
  loop.start();
});

afterEach(() => {
  loop.stop();
  for (const fd of opened.splice(0)) sys.close(fd);
});

/** A listener's descriptor that becomes readable when `knock` is called. */
function door(): { fd: number; knock: () => void } {
  const fd = maker.listen({ ip: "127.0.0.1", port: 0 });
  const { port } = maker.localAddress(fd);
  opened.push(fd);
  const knock = (): void => {
    const client = maker.unconnected({ ip: "127.0.0.1", port });
    maker.connect(client, "127.0.0.1", port);
    opened.push(client);
  };
  return { fd, knock };
}

function watched(onEvents: () => void): Watched {
  return { queued: false, onEvents, onTurn: onEvents };
}

function idle(): Promise<void> {
  return new Promise((resolve) => {
    loop.after(20, resolve);
  });
}

describe("EpollLoop", () => {
  it("tells a target about its descriptor and nothing after retire()", async () => {
    const { fd, knock } = door();
    let calls = 0;
    await new Promise<void>((resolve) => {
      const slot = loop.register(
        watched(() => {
          calls++;
          loop.retire(slot);
          resolve();
        }),
        fd,
        EPOLLIN,
      );
      knock();
    });
    knock();
    await idle();
    expect(calls).toBe(1);
  });

  it("does not tell the successor in a slot about its predecessor's descriptor", async () => {
    const first = door();
    const second = door();
    const slot = loop.register(
      watched(() => undefined),
      first.fd,
      EPOLLIN,
    );
    loop.retire(slot);
    await idle();
    let calls = 0;
    const successor = loop.register(
      watched(() => calls++),
      second.fd,
      EPOLLIN,
    );
    // The first descriptor is still open and registered, as a shared one would be.
    first.knock();
    await idle();
    expect([successor, calls]).toEqual([slot, 0]);
  });

  it("again() serves a target once however often it is asked", async () => {
    let turns = 0;
    const target = watched(() => turns++);
    for (let count = 0; count < 3; count++) loop.again(target);
    await idle();
    expect(turns).toBe(1);
  });

  it("defer() and endOfTurn() run in this order, also when called from outside a turn", async () => {
    const seen: string[] = [];
    loop.endOfTurn(() => seen.push("flush"));
    loop.defer(() => seen.push("notice"));
    await idle();
    expect(seen).toEqual(["notice", "flush"]);
  });

  it("wakes at once for the ordinary loop's ports and sockets while it sleeps", async () => {
    const { port1, port2 } = new MessageChannel();
    const server = createServer((socket) => void socket.end("hi"));
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    await idle();
    const began = systemClock.monotonic();
    for (let round = 0; round < 20; round++) {
      await new Promise((resolve) => {
        port2.once("message", resolve);
        port1.postMessage(round);
      });
      await new Promise((resolve) => {
        connect((server.address() as AddressInfo).port, "127.0.0.1")
          .resume()
          .once("end", resolve);
      });
    }
    // Twenty rounds of two wake-ups each; a loop that slept through them would need 50 ms for every one.
    expect(systemClock.monotonic() - began).toBeLessThan(20 * 50);
    port1.close();
    server.close();
  });
});
