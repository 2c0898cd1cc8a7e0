import { connect } from "node:net";
import { RECORD } from "@ambit/io/testing/record-sealer.ts";
import { randomBytes } from "node:crypto";
import { clientHello } from "../client-hello.ts";
import { connectFrame, END_STREAM, frame, HELLO, TYPE } from "../frames.ts";
import { tangledCredentials } from "../odd-certificates.ts";
import { openFiles, part, SCRIPTS } from "../processes.ts";
import { dial, type Outcome, type Place, type RawClient } from "../raw-client.ts";
import { SERVED, type Row, type Scale } from "../row.ts";
import { RecordClient } from "../tls-records.ts";
import { on, onTunnel, openTunnel, REQUEST, works } from "../tunnel.ts";
import type { World } from "../world.ts";
import { CONTROL_TWINS } from "./control.ts";
import { wait } from "../wait.ts";

type Port = "hbone" | "xds" | "ca";

const PORTS: readonly Port[] = ["hbone", "xds", "ca"];
const TWINS: Readonly<Record<Port, Row["twin"]>> = { hbone: works, ...CONTROL_TWINS };

/** TLS has 10 s; a loaded machine a little more. */
const PATIENCE_MS = 20_000;

/** A row that writes TLS records by hand on an established connection. */
function recordRow(
  id: string,
  name: string,
  attacker: string,
  act: (client: RecordClient, scale: Scale) => Promise<Outcome>,
): Row {
  return {
    id,
    name,
    attacker,
    expected: ["closed"],
    attack: async (world, scale) => {
      const client = await RecordClient.open(world.hbone, world.member);
      try {
        client.send(client.seal(RECORD.data, HELLO));
        return await act(client, scale);
      } finally {
        client.end();
      }
    },
    twin: newKeysOnce,
  };
}

/** New keys once, as after a long time, then a tunnel and an answer. */
async function newKeysOnce(world: World): Promise<Outcome> {
  const client = await RecordClient.open(world.hbone, world.member);
  try {
    client.send(client.seal(RECORD.data, HELLO), client.sealKeyUpdate(true));
    client.send(client.seal(RECORD.data, connectFrame(1, world.app)));
    const outcome = await client.reader.outcome(1);
    if (outcome !== "status 200") return outcome;
    client.send(client.seal(RECORD.data, frame(TYPE.data, END_STREAM, 1, REQUEST)));
    const answered = await client.reader.has(() =>
      client.reader.data(1).toString("latin1").startsWith("HTTP/1.1 200"),
    );
    return answered ? SERVED : client.reader.outcome(1, 0);
  } finally {
    client.end();
  }
}

/** First records that are none, or none that may come first. */
const FIRST_RECORDS: readonly (readonly [string, Buffer])[] = [
  ["an alert nobody knows", Buffer.of(21, 3, 3, 0, 2, 2, 255)],
  [
    "a warning, a thousand times",
    Buffer.concat(Array.from({ length: 1_000 }, () => Buffer.of(21, 3, 3, 0, 2, 1, 90))),
  ],
  ["cipher changes", Buffer.concat(Array.from({ length: 1_000 }, () => Buffer.of(20, 3, 3, 0, 1, 1)))],
  ["empty handshake records", Buffer.concat(Array.from({ length: 1_000 }, () => Buffer.of(22, 3, 3, 0, 0)))],
  ["a record beyond the limit", Buffer.concat([Buffer.of(22, 3, 1, 0xff, 0xff), randomBytes(65_535)])],
  ["a hello of SSL 2", Buffer.of(0x80, 0x2e, 1, 0, 2, 0, 0x15, 0, 0, 0, 0x10)],
  ["a handshake message of 16 MiB", Buffer.of(22, 3, 1, 0, 4, 1, 0xff, 0xff, 0xff)],
  ["application data", Buffer.concat([Buffer.of(23, 3, 3, 1, 0), randomBytes(256)])],
];

/** Hellos that are right but for a name or a protocol. */
const HELLOS: readonly (readonly [string, Buffer])[] = [
  ["a name of 255 letters", clientHello({ serverName: Buffer.alloc(255, "a") })],
  ["a name with a zero", clientHello({ serverName: Buffer.from("my\0app.svc") })],
  ["a name that is no UTF-8", clientHello({ serverName: Buffer.from([0xff, 0xfe, 0xc0, 0x80]) })],
  ["an empty name", clientHello({ serverName: Buffer.alloc(0) })],
  ["a name of 60,000 letters", clientHello({ serverName: Buffer.alloc(60_000, "a") })],
  ["many protocols", clientHello({ protocols: Array.from({ length: 200 }, () => randomBytes(250)) })],
  ["an empty protocol", clientHello({ protocols: [Buffer.alloc(0)] })],
  ["no protocol", clientHello({ protocols: [] })],
  [
    "a thousand extensions",
    clientHello({
      extensions: Array.from({ length: 1_000 }, (_, index) => [0x4000 + index, randomBytes(8)] as const),
    }),
  ],
  ["an extension twice", clientHello({ extensions: [[43, Buffer.of(2, 3, 4)]] })],
];

/** Each on a connection of its own; `alive` when the port then does what it is for. */
function probes(id: string, name: string, port: Port, pieces: readonly (readonly [string, Buffer])[]): Row {
  return {
    id: `${id}-${port}`,
    name: `${name} at the ${port} port`,
    attacker: "sends what a TLS library may stumble over",
    expected: ["alive"],
    attack: async (world) => {
      const before = pidOf(world, port);
      await Promise.all(pieces.map(([, bytes]) => dial(world[port], bytes, 1_500)));
      if (pidOf(world, port) !== before) return "the process ended";
      const served = await TWINS[port](world);
      return served === SERVED ? "alive" : served;
    },
    twin: TWINS[port],
  };
}

function pidOf(world: World, port: Port): number | undefined {
  if (port === "hbone") return part(SCRIPTS.ztunnel, world.target.node);
  return part(port === "xds" ? SCRIPTS.discovery : SCRIPTS.ca);
}

/** A hello that stops, at every byte of it: all are let go. */
function stalledHellos(port: Port): Row {
  return {
    id: `E4-${port}`,
    name: `a hello that stops at each byte, ${port} port`,
    attacker: "begins handshakes and leaves each at another byte",
    expected: ["closed"],
    waits: true,
    attack: async (world, scale) => {
      const hello = clientHello({ serverName: Buffer.from("x.svc") });
      const step = Math.max(1, Math.round(0.1 / scale));
      return letGo(
        world[port],
        Array.from({ length: Math.floor((hello.length - 1) / step) }, (_, index) =>
          hello.subarray(0, index * step),
        ),
      );
    },
    twin: TWINS[port],
  };
}

async function letGo(place: Place, beginnings: readonly Buffer[]): Promise<Outcome> {
  let open = beginnings.length;
  const sockets = beginnings.map((bytes) => {
    const socket = connect(place.port, place.ip, () => socket.write(bytes));
    socket.on("error", () => undefined);
    socket.once("close", () => open--);
    return socket.resume();
  });
  const deadline = performance.now() + PATIENCE_MS;
  while (open > 0 && performance.now() < deadline) await wait(100);
  for (const socket of sockets) socket.destroy();
  return open === 0 ? "closed" : `${open} open`;
}

/** What a client does before it leaves, one step further each time. */
const STEPS: readonly ((client: RawClient, world: World) => Promise<unknown> | void)[] = [
  () => undefined,
  (client) => client.send(HELLO.subarray(0, 10)),
  (client) => client.send(HELLO.subarray(10)),
  (client, world) => client.send(connectFrame(1, world.app).subarray(0, 12)),
  (client, world) => client.send(connectFrame(1, world.app).subarray(12)),
  (client) => client.outcome(1, 1_000),
  (client) => client.send(frame(TYPE.data, 0, 1, REQUEST).subarray(0, 20)),
  (client) => client.send(frame(TYPE.data, 0, 1, REQUEST).subarray(20)),
  (client) => client.has(() => client.data(1).length > 0, 1_000),
  (client) => client.send(frame(TYPE.data, END_STREAM, 1)),
];

/** Leaves after so many steps, by FIN or by RST. */
async function leave(world: World, steps: number, isRude: boolean): Promise<void> {
  const client = await openTunnel(world, { hello: false }).catch(() => undefined);
  if (client === undefined) return;
  for (const step of STEPS.slice(0, steps)) await step(client, world);
  if (isRude) client.reset();
  else client.socket.end();
  await client.outcome(0, 500);
  client.end();
}

/** TLS before, during and after its handshake. */
export const HANDSHAKES: readonly Row[] = [
  recordRow("E5a", "new keys without end", "asks for new keys again and again", (client, scale) =>
    client.flood(100_000 * scale, () => client.sealKeyUpdate(false)),
  ),
  recordRow(
    "E5b",
    "new keys, answers demanded and unread",
    "demands new keys of the other side, too",
    (client, scale) => {
      client.reader.socket.pause();
      return client.flood(100_000 * scale, () => client.sealKeyUpdate(true));
    },
  ),
  recordRow("E5c", "empty records", "sends sealed records without a byte in them", (client, scale) =>
    client.flood(100_000 * scale, () => client.seal(RECORD.data, Buffer.alloc(0))),
  ),
  recordRow("E5d", "a hello after the handshake", "begins anew in the middle", async (client) => {
    client.send(client.seal(RECORD.handshake, clientHello().subarray(5)));
    return client.flood(0, () => Buffer.alloc(0));
  }),
  recordRow("E5e", "a record that was tampered with", "flips a bit", async (client) => {
    const record = client.seal(RECORD.data, Buffer.from("x"));
    record[8] = (record[8] ?? 0) ^ 1;
    client.send(record);
    return client.flood(0, () => Buffer.alloc(0));
  }),
  ...PORTS.map((port) => probes("F11", "records that are none", port, FIRST_RECORDS)),
  ...PORTS.map((port) => probes("F12", "names and protocols of odd shape", port, HELLOS)),
  ...PORTS.map(stalledHellos),
  {
    id: "E11",
    name: "a tangle of authorities",
    attacker: "shows a chain of authorities that sign each other in a circle",
    expected: ["tls refused", "closed"],
    attack: async (world) => {
      const credentials = await tangledCredentials("spiffe://cluster.local/ns/default/sa/client", 40);
      return on(world.hbone, { credentials }, (client) => client.outcome(0));
    },
    twin: works,
  },
  {
    id: "E13",
    name: "leaving at every step, by FIN and by RST",
    attacker: "leaves connections at each step of the protocol, politely and rudely; nothing of them stays",
    expected: ["nothing left"],
    attack: async (world, scale) => {
      const pid = part(SCRIPTS.ztunnel, world.target.node) ?? 0;
      const before = openFiles(pid);
      for (let round = 0; round < Math.max(1, 100 * scale); round++) {
        await Promise.all(
          STEPS.flatMap((_, index) => [leave(world, index + 1, false), leave(world, index + 1, true)]),
        );
      }
      const deadline = performance.now() + 10_000;
      // The victims' own connections come and go.
      while (openFiles(pid) > before + 20 && performance.now() < deadline) await wait(200);
      const left = openFiles(pid) - before;
      if (part(SCRIPTS.ztunnel, world.target.node) !== pid) return "the proxy ended";
      return left > 20 ? `${left} descriptors left` : "nothing left";
    },
    twin: works,
  },
  {
    id: "D1b",
    name: "resets just below the limit",
    attacker:
      "resets streams with pauses, so that no counter is ever full; it costs what it costs, others are served",
    expected: ["open", "goaway 11"],
    attack: (world, scale) =>
      onTunnel(world, async (client) => {
        for (let index = 0; index < 2_000 * Math.max(scale, 0.2); index++) {
          client.send(connectFrame(1 + index * 2, world.app), reset(1 + index * 2));
          if (index % 100 === 99) await wait(100);
        }
        return client.outcome(0, 200);
      }),
    twin: works,
  },
];

function reset(streamId: number): Buffer {
  return frame(TYPE.rstStream, 0, streamId, Buffer.of(0, 0, 0, 8));
}
