import { expect, test } from "vitest";
import { createEngineDriver } from "@ambit/io/engine/engine-driver.ts";
import { createPortableDriver } from "@ambit/io/portable/portable-driver.ts";
import type { Relay, RelayEnd } from "./relay.ts";
import { relayTcp } from "./relay-tcp.ts";
import { PlainPeer, until } from "./testing/plain-peer.ts";

test.each([
  ["engine", () => createEngineDriver({ checked: true })],
  ["portable", () => createPortableDriver()],
])("close() is an end in order at both sides, bytes unread or not (%s)", async (_name, create) => {
  const driver = create();
  const app = new PlainPeer(driver);
  const ends: RelayEnd[] = [];
  const relays: Relay[] = [];
  const upstream = driver.listen({ ip: "127.0.0.1", port: 0 }, (socket) => app.use(socket));
  const entry = driver.listen({ ip: "127.0.0.1", port: 0 }, (socket) => {
    const events = { onEstablished: () => undefined, onEnd: (end: RelayEnd) => void ends.push(end) };
    relays.push(relayTcp(driver, socket, upstream.local, events));
  });
  driver.start();
  const client = new PlainPeer(driver);
  driver.connect(entry.local, client);
  client.send(Buffer.from("x"));
  await until("the byte", () => app.receivedBytes === 1);
  client.send(Buffer.from("y"));
  relays[0]?.close("it is late");
  await until("the ends", () => client.ended && app.ended);
  expect([client.failed, app.failed]).toEqual(["", ""]);
  expect(ends).toEqual([{ kind: "error", code: "cut", detail: "it is late" }]);
  driver.stop();
});
