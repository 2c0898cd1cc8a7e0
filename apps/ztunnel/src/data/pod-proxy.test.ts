import { expect, test } from "vitest";
import type { ListenOptions, SocketAddress } from "@ambit/io/driver.ts";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { readSettings } from "../settings.ts";
import { pod } from "../testing/build.ts";
import { FakeDriver, FakeSocket } from "../testing/fake-driver.ts";
import { FakePool } from "../testing/fake-tunnels.ts";
import { PodProxy, type PodParts } from "./pod-proxy.ts";

function setUp(environment: Record<string, string> = {}): {
  proxy: PodProxy;
  driver: FakeDriver;
  pool: FakePool;
  accepted: string[];
  udp: { options: ListenOptions; closed: boolean }[];
  events: string[];
} {
  const driver = new FakeDriver(new FakeClock());
  const pool = new FakePool();
  const accepted: string[] = [];
  const events: string[] = [];
  const udp: { options: ListenOptions; closed: boolean }[] = [];
  const parts = {
    outbound: { accept: () => void accepted.push("outbound") },
    inbound: {
      accept: () => void accepted.push("inbound"),
      idle: true,
      drain: () => void events.push("inbound drained"),
      close: () => void events.push("inbound closed"),
    },
    passthrough: { accept: () => void accepted.push("passthrough") },
    pool,
    dns: {
      handle: (_message: Uint8Array, _protocol: string, reply: (answer: Uint8Array) => void) =>
        reply(new Uint8Array(1)),
    },
    forwarder: { idle: false, close: () => void events.push("forwarder closed") },
  } as unknown as PodParts;
  const proxy = new PodProxy(pod("web"), readSettings(environment).data, parts, {
    driver,
    prepareNamespace: (fd) => void events.push(`prepare ${fd}`),
    openUdp: async (
      options: ListenOptions,
      _onDatagram: (bytes: Uint8Array, from: SocketAddress) => void,
    ) => {
      const socket = { options, closed: false };
      udp.push(socket);
      return {
        sendTo: () => undefined,
        leave: () => void events.push("dns left"),
        close: () => {
          socket.closed = true;
        },
      };
    },
  });
  return { proxy, driver, pool, accepted, udp, events };
}

test("start() opens every listener inside the pod, marked, shared and transparent", async () => {
  const { proxy, driver, udp, accepted } = setUp();
  await proxy.start();
  expect(
    driver.listeners.map(({ options }) => [options.ip, options.port, options.originalDestination]),
  ).toEqual([
    ["::", 15001, true],
    ["::", 15006, true],
    ["::", 15008, false],
    ["127.0.0.1", 15053, undefined],
  ]);
  for (const { options } of driver.listeners)
    expect(options).toMatchObject({ namespaceFd: 7, mark: 1337, reusePort: true });
  expect(udp[0]?.options).toMatchObject({ ip: "127.0.0.1", port: 15053, namespaceFd: 7, mark: 1337 });
  expect(proxy.pod.transparent).toBe(true);
  const socket = new FakeSocket({ ip: "::", port: 1 }, { ip: "::", port: 2 });
  for (const listener of driver.listeners.slice(0, 3)) listener.accept(socket);
  expect(accepted).toEqual(["outbound", "passthrough", "inbound"]);
});

test("start() does without transparency and without IPv6 where the namespace refuses them", async () => {
  const { proxy, driver } = setUp();
  driver.refuseListen = ({ transparent, ip }) => {
    if (ip === "::") return "EAFNOSUPPORT";
    return transparent === true ? "EPERM" : undefined;
  };
  await proxy.start();
  expect(driver.listeners.map(({ options }) => options.ip)).toEqual([
    "0.0.0.0",
    "0.0.0.0",
    "0.0.0.0",
    "127.0.0.1",
  ]);
  expect(proxy.pod.transparent).toBe(false);
});

test("start() fails where the original source is a must and cannot be had", async () => {
  const { proxy, driver } = setUp({ ENABLE_ORIG_SRC: "true" });
  driver.refuseListen = ({ transparent }) => (transparent === true ? "EPERM" : undefined);
  await expect(proxy.start()).rejects.toThrow("EPERM");
});

test("start() that fails half-way closes what it opened", async () => {
  const { proxy, driver } = setUp();
  driver.refuseListen = ({ port }) => (port === 15008 ? "EADDRINUSE" : undefined);
  await expect(proxy.start()).rejects.toThrow("EADDRINUSE");
  expect(driver.listeners.map((listener) => listener.closed)).toEqual([true, true]);
});

test("start() leaves DNS out when it is off", async () => {
  const { proxy, driver, udp } = setUp({ DNS_CAPTURE: "false" });
  await proxy.start();
  expect(driver.listeners).toHaveLength(3);
  expect(udp).toEqual([]);
});

test("start() does not share ports when it is told not to", async () => {
  const { proxy, driver } = setUp({ INPOD_PORT_REUSE: "false" });
  await proxy.start();
  expect(driver.listeners[0]?.options.reusePort).toBe(false);
});

test("drain() closes listeners at once, answers questions that have come, and tells the sessions; close() ends them", async () => {
  const { proxy, driver, pool, udp, events } = setUp();
  await proxy.start();
  proxy.drain();
  expect(driver.listeners.every((listener) => listener.closed)).toBe(true);
  expect(udp[0]?.closed).toBe(false);
  expect(proxy.busy).toBe(true);
  expect([pool.drained, pool.closed]).toEqual([true, false]);
  expect(events).toEqual(["prepare 7", "dns left", "inbound drained"]);
  proxy.close();
  expect(udp[0]?.closed).toBe(true);
  expect(pool.closed).toBe(true);
  expect(events.slice(3)).toEqual(["forwarder closed", "inbound closed"]);
});
