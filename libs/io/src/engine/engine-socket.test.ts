import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Driver } from "../driver.ts";
import { SocketMaker } from "../socket-maker.ts";
import { createSys } from "../sys.ts";
import { Probe } from "../testing/probe.ts";
import { createEngineDriver } from "./engine-driver.ts";

const sys = createSys(true);
const maker = new SocketMaker(sys);
const hello = sys.allocate(4096);
hello.bytes.write("hello");
let driver: Driver;
let listener: number;

beforeEach(() => {
  driver = createEngineDriver({ checked: true });
  driver.start();
  listener = maker.listen({ ip: "127.0.0.1", port: 0 });
});

afterEach(() => {
  driver.stop();
  sys.close(listener);
});

/** Connects a probe, which over loopback stands at once, and accepts it before the loop has its next turn. */
function connected(): { probe: Probe; peer: number } {
  const probe = new Probe(driver);
  driver.connect(maker.localAddress(listener), probe);
  expect(probe.connected).toBe(false);
  return { probe, peer: maker.accept(listener).fd };
}

describe("a connection that stands when connect() returns", () => {
  it("delivers what the peer has said before its owner knew of it", async () => {
    const { probe, peer } = connected();
    sys.send(peer, hello, 0, 5);
    await probe.until(() => probe.received.length === 5);
    expect(probe.received.toString()).toBe("hello");
    sys.close(peer);
    await probe.until(() => probe.ended);
  });

  it("delivers what a peer has said that was gone before its owner knew of it", async () => {
    const { probe, peer } = connected();
    sys.send(peer, hello, 0, 5);
    sys.close(peer);
    await probe.until(() => probe.ended);
    expect(probe.received.toString()).toBe("hello");
  });

  it("fails when the peer broke it before its owner knew of it", async () => {
    const { probe, peer } = connected();
    maker.abortOnClose(peer);
    sys.close(peer);
    expect(await probe.failure()).toMatchObject({ code: "ECONNRESET" });
  });

  it("tells nobody after close()", async () => {
    const probe = new Probe(driver);
    driver.connect(maker.localAddress(listener), probe).close();
    await new Promise<void>((resolve) => {
      driver.after(5, resolve);
    });
    expect(probe.connected).toBe(false);
    expect(probe.error).toBeUndefined();
  });
});
