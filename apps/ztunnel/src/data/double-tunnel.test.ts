import { expect, test } from "vitest";
import type { RelayEnd } from "@ambit/transport/relay.ts";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { identity } from "../testing/build.ts";
import { FakeDriver, FakeSocket } from "../testing/fake-driver.ts";
import { FakePool } from "../testing/fake-tunnels.ts";
import { openDoubleTunnel } from "./double-tunnel.ts";

const OWN_PORT = 5555;

function setUp(): {
  outer: FakePool;
  inner: FakePool & { ports(): readonly number[] };
  driver: FakeDriver;
  ends: RelayEnd[];
} {
  const driver = new FakeDriver(new FakeClock());
  const outer = new FakePool();
  const inner = Object.assign(new FakePool(), { ports: () => [OWN_PORT] });
  const ends: RelayEnd[] = [];
  const job = {
    authority: "cart.shop.svc.cluster.local:80",
    context: { release: () => undefined },
    outer: {
      key: "outer",
      expectedIdentities: [identity("gateway")],
      connect: { ip: "10.0.7.7", port: 15008 },
      headers: [],
    },
    inner: { expectedIdentities: [identity("cart")], headers: [["x-forwarded-network", "west"]] as const },
  };
  const client = new FakeSocket({ ip: "127.0.0.1", port: 15001 }, { ip: "10.0.0.5", port: 1 });
  openDoubleTunnel(
    job,
    client,
    { onEstablished: () => undefined, onEnd: (end) => ends.push(end) },
    { driver, outerPool: outer, makeInnerPool: () => inner },
  );
  return { outer, inner, driver, ends };
}

function dialIn(driver: FakeDriver, port: number): FakeSocket {
  const socket = new FakeSocket({ ip: "127.0.0.1", port: 1 }, { ip: "127.0.0.1", port });
  driver.listeners[0]?.accept(socket);
  return socket;
}

test("openDoubleTunnel() carries the inner session through the outer tunnel", () => {
  const { outer, inner, driver } = setUp();
  expect(driver.listeners[0]?.options.ip).toBe("127.0.0.1");
  expect(inner.opened[0]).toMatchObject({
    authority: "cart.shop.svc.cluster.local:80",
    headers: [["x-forwarded-network", "west"]],
    destination: { expectedIdentities: [identity("cart")], connect: { ip: "127.0.0.1" } },
  });
  const joint = dialIn(driver, OWN_PORT);
  expect(outer.opened[0]).toMatchObject({
    authority: "cart.shop.svc.cluster.local:80",
    downstream: joint,
    destination: { key: "outer", connect: { ip: "10.0.7.7" } },
  });
  expect(driver.listeners[0]?.closed).toBe(true);
});

test("openDoubleTunnel() turns a stranger away", () => {
  const { outer, driver } = setUp();
  expect(dialIn(driver, 6666).ended).toBe("reset");
  expect(outer.opened).toEqual([]);
});

test("openDoubleTunnel() ends once, with the outer tunnel's reason when that failed", () => {
  const { outer, inner, driver, ends } = setUp();
  dialIn(driver, OWN_PORT);
  outer.opened[0]?.relay.events.onEnd({ kind: "error", code: "connect-failed", detail: "ECONNREFUSED" });
  expect(ends).toEqual([{ kind: "error", code: "cut", detail: "the outer tunnel: ECONNREFUSED" }]);
  expect(inner.drained).toBe(true);
});
