import {
  connectBlock,
  connectFrame,
  END_HEADERS,
  END_STREAM,
  frame,
  integer,
  numberFrame,
  settings,
  TYPE,
} from "../frames.ts";
import { SERVED, type Row } from "../row.ts";
import { ask, onTunnel, request, works } from "../tunnel.ts";
import { CALM, flood, openMany, times } from "./flooding.ts";

/** Windows, header bombs and small change at the HBONE port. */
export const BOMBS: readonly Row[] = [
  {
    id: "D6a",
    name: "window games",
    attacker: "opens and shuts the initial window without end",
    expected: CALM,
    attack: (world, scale) =>
      onTunnel(world, async (client) => {
        await openMany(client, world, 100);
        return flood(
          client,
          times(50_000 * scale, (index) => settings([4, index % 2 === 0 ? 0 : 0x7fff_ffff])),
        );
      }),
    twin: (world) =>
      onTunnel(world, async (client) => {
        client.send(settings([4, 0]), connectFrame(1, world.app));
        await client.outcome(1);
        client.send(settings([4, 65_535]));
        return request(client, 1);
      }),
  },
  {
    id: "D6b",
    name: "flood of tiny WINDOW_UPDATEs",
    attacker: "opens a hundred streams and widens the connection's window byte by byte",
    expected: CALM,
    attack: (world, scale) =>
      onTunnel(world, async (client) => {
        await openMany(client, world, 100);
        return flood(
          client,
          times(Math.max(400_000 * scale, 250_000), () => numberFrame(TYPE.windowUpdate, 0, 1)),
        );
      }),
    twin: (world) =>
      onTunnel(world, (client) => {
        client.send(numberFrame(TYPE.windowUpdate, 0, 1_000_000));
        return ask(client, world);
      }),
  },
  {
    id: "D6c",
    name: "a window beyond its limit",
    attacker: "widens the connection's window past 2^31 - 1",
    expected: ["goaway 3", "closed"],
    attack: (world) =>
      onTunnel(world, (client) => {
        client.send(numberFrame(TYPE.windowUpdate, 0, 0x7fff_ffff));
        return client.outcome(0);
      }),
    twin: (world) =>
      onTunnel(world, (client) => {
        client.send(numberFrame(TYPE.windowUpdate, 0, 0x7fff_ffff - 65_535));
        return ask(client, world);
      }),
  },
  {
    id: "D6d",
    name: "field names without a letter",
    attacker: "sends header fields with empty names",
    expected: ["goaway 1", "goaway 9", "goaway 11", "reset 1", "status 400", "closed"],
    attack: (world) =>
      onTunnel(world, (client) => {
        client.send(connectFrame(1, world.app, ...Array.from({ length: 50 }, () => ["", "x"] as const)));
        return client.outcome(1);
      }),
    twin: works,
  },
  {
    id: "D7a",
    name: "HPACK bomb",
    attacker: "puts a large field into the table and names it 16,000 times in one block",
    expected: ["goaway 9", ...CALM],
    attack: (world) =>
      onTunnel(world, (client) => {
        const large = Buffer.concat([
          Buffer.of(0x40),
          integer(6, 7, 0),
          Buffer.from("x-bomb"),
          integer(3_900, 7, 0),
          Buffer.alloc(3_900, "b"),
        ]);
        const bomb = [connectBlock(world.app), large, Buffer.alloc(16_000, 0x80 | 62)];
        client.send(frame(TYPE.headers, END_HEADERS, 1, Buffer.concat(bomb)));
        return client.outcome(1);
      }),
    twin: (world) =>
      onTunnel(world, (client) =>
        ask(client, world, 1, connectFrame(1, world.app, ["x-large", "v".repeat(8_000)])),
      ),
  },
  {
    id: "D7b",
    name: "cookie crumbs",
    attacker: "sends 20,000 cookie fields of one letter",
    expected: ["goaway 9", ...CALM],
    attack: (world) =>
      onTunnel(world, (client) => {
        const crumb = Buffer.of(0x0f, 0x11, 1, 0x61);
        const crumbs = Buffer.concat([
          connectBlock(world.app),
          ...Array.from({ length: 15_000 }, () => crumb),
        ]);
        client.send(frame(TYPE.headers, END_HEADERS, 1, crumbs));
        return client.outcome(1);
      }),
    twin: (world) =>
      onTunnel(world, (client) =>
        ask(client, world, 1, connectFrame(1, world.app, ["cookie", "a=1"], ["cookie", "b=2"])),
      ),
  },
  {
    id: "D8",
    name: "one-byte DATA over many streams",
    attacker: "sends the requests of 100 streams byte by byte, a frame each; lawful, so it is served",
    expected: [SERVED],
    attack: (world, scale) =>
      onTunnel(world, async (client) => {
        const last = await openMany(client, world, 100);
        if (last !== "status 200") return last;
        const slow = Buffer.from(`GET /healthz HTTP/1.1\r\nX: ${"y".repeat(8_000)}`);
        await client.flood(
          times(400_000 * scale, (index) => {
            const at = Math.floor(index / 100);
            return frame(TYPE.data, 0, 1 + (index % 100) * 2, slow.subarray(at, at + 1));
          }),
        );
        // It comes behind all those frames, which take a busy machine a while.
        client.send(connectFrame(401, world.app));
        const opened = await client.outcome(401, 60_000);
        return opened === "status 200" ? request(client, 401) : opened;
      }),
    twin: works,
  },
  {
    id: "D12",
    name: "thousands of tiny fields",
    attacker: "sends 3,000 fields that together stay under the size limit",
    expected: ["goaway 9", ...CALM],
    attack: (world) =>
      onTunnel(world, (client) => {
        const fields = Array.from({ length: 1_500 }, () => ["a", ""] as const);
        client.send(connectFrame(1, world.app, ...fields));
        return client.outcome(1);
      }),
    twin: (world) =>
      onTunnel(world, (client) => {
        const fields = Array.from({ length: 60 }, (_, index) => [`x-field-${index}`, "v"] as const);
        return ask(client, world, 1, connectFrame(1, world.app, ...fields));
      }),
  },
  {
    id: "D2d",
    name: "DATA after the end of a stream",
    attacker: "ends a stream's direction and goes on sending",
    expected: ["goaway 5", "goaway 1", "reset 5", "closed"],
    attack: (world) =>
      onTunnel(world, async (client) => {
        client.send(connectFrame(1, world.app));
        await client.outcome(1);
        client.send(frame(TYPE.data, END_STREAM, 1), frame(TYPE.data, 0, 1, Buffer.alloc(10)));
        return client.outcome(0);
      }),
    twin: works,
  },
];
