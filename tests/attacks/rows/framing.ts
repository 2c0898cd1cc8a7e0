import {
  block,
  connectBlock,
  connectFrame,
  END_HEADERS,
  END_STREAM,
  frame,
  HELLO,
  numberFrame,
  PADDED,
  PREFACE,
  settings,
  TYPE,
} from "../frames.ts";
import type { RawClient } from "../raw-client.ts";
import type { Row } from "../row.ts";
import { ask, onTunnel, works } from "../tunnel.ts";
import type { World } from "../world.ts";

const BROKEN = ["goaway 1", "closed"];

/** A row whose attack is one write on a fresh connection. */
function wrong(
  id: string,
  name: string,
  attacker: string,
  bytes: (world: World) => Uint8Array,
  more: Partial<Pick<Row, "expected" | "twin">> & {
    readonly hello?: boolean;
    readonly streamId?: number;
  } = {},
): Row {
  return {
    id,
    name,
    attacker,
    expected: more.expected ?? BROKEN,
    attack: (world) =>
      onTunnel(
        world,
        (client: RawClient) => {
          client.send(bytes(world));
          return client.outcome(more.streamId ?? 0);
        },
        { hello: more.hello ?? true },
      ),
    twin: more.twin ?? works,
  };
}

/** Malformed HTTP/2 at the HBONE port: each ends the connection, none ends the proxy. */
export const FRAMING: readonly Row[] = [
  wrong(
    "D10a",
    "padding longer than HEADERS",
    "pads more than there is",
    (world) =>
      frame(TYPE.headers, END_HEADERS | PADDED, 1, Buffer.concat([Buffer.of(255), connectBlock(world.app)])),
    {
      twin: (world) =>
        onTunnel(world, (client) => {
          const padded = [Buffer.of(5), connectBlock(world.app), Buffer.alloc(5)];
          return ask(client, world, 1, frame(TYPE.headers, END_HEADERS | PADDED, 1, Buffer.concat(padded)));
        }),
    },
  ),
  wrong("D10b", "HEADERS on stream 0", "asks for a tunnel on the connection itself", (world) =>
    frame(TYPE.headers, END_HEADERS, 0, connectBlock(world.app)),
  ),
  wrong("D10c", "a client's stream with an even id", "asks on stream 2", (world) =>
    connectFrame(2, world.app),
  ),
  wrong(
    "D10d",
    "a stream id below one that was used",
    "asks on stream 5, then on stream 3",
    (world) => Buffer.concat([connectFrame(5, world.app), connectFrame(3, world.app)]),
    { expected: ["goaway 1", "goaway 5", "closed"] },
  ),
  wrong("D10e", "PUSH_PROMISE from a client", "promises a stream", (world) =>
    frame(TYPE.pushPromise, END_HEADERS, 1, Buffer.concat([Buffer.of(0, 0, 0, 2), connectBlock(world.app)])),
  ),
  wrong(
    "D10f",
    "no SETTINGS first",
    "begins with a request",
    (world) => Buffer.concat([PREFACE, connectFrame(1, world.app)]),
    {
      hello: false,
    },
  ),
  wrong(
    "D10g",
    "not HTTP/2",
    "speaks HTTP/1.1 in the tunnel's port",
    () => Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
    {
      hello: false,
    },
  ),
  wrong(
    "D10h",
    "trailers that do not end the stream",
    "sends HEADERS twice",
    (world) => Buffer.concat([connectFrame(1, world.app), connectFrame(1, world.app)]),
    { expected: ["goaway 1", "reset 1", "closed"] },
  ),
  wrong("D10i", "a frame between HEADERS and CONTINUATION", "interrupts a header block by a PING", (world) =>
    Buffer.concat([
      frame(TYPE.headers, 0, 1, connectBlock(world.app)),
      frame(TYPE.ping, 0, 0, Buffer.alloc(8)),
    ]),
  ),
  wrong("D10j", "DATA on a stream that was never opened", "sends DATA on stream 9", () =>
    frame(TYPE.data, 0, 9, Buffer.alloc(4)),
  ),
  wrong(
    "D10k",
    "a PING of seven bytes",
    "sends a short PING",
    () => frame(TYPE.ping, 0, 0, Buffer.alloc(7)),
    {
      expected: ["goaway 6", "closed"],
    },
  ),
  wrong(
    "D10l",
    "a DATA frame above the limit",
    "announces a frame of 16 MiB",
    () => Buffer.from([0xff, 0xff, 0xff, TYPE.data, 0, 0, 0, 0, 1]),
    { expected: ["goaway 6", "closed"] },
  ),
  wrong(
    "D10m",
    "an index outside of the header table",
    "names field 300 of an empty table",
    () => frame(TYPE.headers, END_HEADERS, 1, Buffer.of(0xff, 0xad, 0x01)),
    { expected: ["goaway 9", "closed"] },
  ),
  wrong(
    "D10n",
    "a Huffman code that is none",
    "sends broken Huffman bytes",
    () => frame(TYPE.headers, END_HEADERS, 1, Buffer.of(0x00, 0x84, 0xff, 0xff, 0xff, 0xff, 0x00)),
    { expected: ["goaway 9", "closed"] },
  ),
  wrong("D10o", "a forbidden setting", "sets its largest frame to 1", () => settings([5, 1])),
  wrong("D10p", "RST_STREAM on an idle stream", "resets what never was", () =>
    numberFrame(TYPE.rstStream, 77, 8),
  ),
  wrong(
    "D10q",
    "a field name in capitals",
    "writes a header in upper case",
    (world) =>
      frame(
        TYPE.headers,
        END_HEADERS,
        1,
        block([":method", "CONNECT"], [":authority", world.app], ["X-Evil", "1"]),
      ),
    {
      streamId: 1,
      expected: ["goaway 1", "goaway 9", "reset 1", "status 400", "closed"],
    },
  ),
  wrong(
    "D10r",
    "a line break in a value",
    "hides a header in another's value",
    (world) => connectFrame(1, world.app, ["baggage", "a=b\r\nx-evil: 1"]),
    {
      streamId: 1,
      expected: ["goaway 1", "goaway 9", "reset 1", "status 400", "closed"],
    },
  ),
  {
    id: "D9",
    name: "ten thousand short sessions",
    attacker: "makes connections that end by GOAWAY, by garbage, by FIN and in the middle",
    expected: ["served"],
    attack: async (world, scale) => {
      const endings: ((client: RawClient) => void)[] = [
        (client) => client.send(frame(TYPE.goaway, 0, 0, Buffer.alloc(8))),
        (client) => client.send(Buffer.alloc(64, 0xff)),
        (client) => client.socket.end(),
        (client) => client.end(),
      ];
      for (let index = 0; index < 2_000 * scale; index++) {
        await onTunnel(world, async (client) => {
          client.send(connectFrame(1, world.app));
          endings[index % endings.length]?.(client);
          return client.closed ? "closed" : client.outcome(0, 20);
        });
      }
      return works(world);
    },
    twin: works,
  },
  {
    id: "D10s",
    name: "a protocol nobody offers",
    attacker: "offers ALPN foo",
    expected: ["tls refused", "closed"],
    attack: (world) =>
      onTunnel(
        world,
        (client) => {
          client.send(HELLO, frame(TYPE.data, END_STREAM, 1));
          return client.outcome(0);
        },
        { alpn: "foo", hello: false },
      ),
    twin: works,
  },
];
