import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { connectBlock, connectFrame, frame, HELLO, numberFrame, PREFACE, settings, TYPE } from "../frames.ts";
import { dial, RawClient, type Outcome, type Place } from "../raw-client.ts";
import { SERVED, type Row } from "../row.ts";
import { ask, on, onTunnel, openTunnel, works } from "../tunnel.ts";
import { memberOf } from "../world.ts";
import { wait } from "../wait.ts";

/** TLS and the preface have 10 s each; a frame has 10 s from its first byte to its last. */
const PATIENCE_MS = 25_000;

/** Connections that say what `begin` says and then nothing: `closed` when none is left in time. */
async function stall(place: Place, count: number, begin: (socket: Socket) => void): Promise<Outcome> {
  let open = 0;
  const sockets = Array.from({ length: count }, () => {
    const socket = connect(place.port, place.ip, () => begin(socket));
    open++;
    socket.on("error", () => undefined);
    socket.once("close", () => open--);
    socket.resume();
    return socket;
  });
  const deadline = performance.now() + PATIENCE_MS;
  while (open > 0 && performance.now() < deadline) await wait(200);
  for (const socket of sockets) socket.destroy();
  return open === 0 ? "closed" : `${open > count / 10 ? "open" : "some open"}`;
}

/** Writes one byte a second until somebody closes. */
async function drip(client: RawClient, bytes: Uint8Array): Promise<Outcome> {
  const deadline = performance.now() + PATIENCE_MS;
  for (let index = 0; performance.now() < deadline; index++) {
    client.send(Buffer.of(bytes[index] ?? 0));
    const outcome = await client.outcome(0, 1_000);
    if (outcome !== "open") return outcome;
  }
  return "open";
}

const TLS_HELLO_BEGIN = Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]);
const GONE = ["closed", "goaway 4", "goaway 11"];

/** Who cannot prove a name of the mesh, and who is slow on purpose. */
export const SLOW: readonly Row[] = [
  {
    id: "F1",
    name: "no certificate",
    attacker: "comes without a client certificate",
    expected: ["tls refused", "closed"],
    attack: (world) => on(world.hbone, {}, (client) => client.outcome(0)),
    twin: works,
  },
  {
    id: "F2",
    name: "a forged certificate",
    attacker: "shows the client's name under a root of its own",
    expected: ["tls refused", "closed"],
    attack: (world) => on(world.hbone, { credentials: world.forged }, (client) => client.outcome(0)),
    twin: works,
  },
  {
    id: "R12",
    waits: true,
    name: "an expired certificate",
    attacker: "shows a certificate that ended a second ago",
    expected: ["tls refused", "closed"],
    attack: async (world) => {
      const folder = mkdtempSync(join(tmpdir(), "ambit-expired-"));
      const credentials = await memberOf(world.state, folder, world.issuer, world.client, 2);
      await wait(3_500);
      return on(world.hbone, { credentials }, (client) => client.outcome(0));
    },
    twin: works,
  },
  {
    id: "R14a",
    waits: true,
    name: "connections that say nothing",
    attacker: "opens TCP connections to the tunnel port and is silent",
    expected: GONE,
    attack: (world, scale) => stall(world.hbone, 5_000 * scale, () => undefined),
    twin: works,
  },
  {
    id: "R14b",
    waits: true,
    name: "handshakes that stop",
    attacker: "sends the beginning of a TLS hello and stops",
    expected: GONE,
    attack: (world, scale) => stall(world.hbone, 5_000 * scale, (socket) => socket.write(TLS_HELLO_BEGIN)),
    twin: works,
  },
  {
    id: "R14c",
    waits: true,
    name: "no preface after TLS",
    attacker: "ends the handshake and is silent",
    expected: GONE,
    attack: (world) => onTunnel(world, (client) => client.outcome(0, PATIENCE_MS), { hello: false }),
    twin: works,
  },
  {
    id: "R14d",
    waits: true,
    name: "a preface byte by byte",
    attacker: "sends the preface slower than anybody would",
    expected: GONE,
    attack: (world) =>
      onTunnel(world, (client) => drip(client, Buffer.concat([PREFACE, settings()])), { hello: false }),
    twin: (world) =>
      onTunnel(
        world,
        async (client) => {
          for (const byte of HELLO) client.send(Buffer.of(byte));
          return ask(client, world);
        },
        { hello: false },
      ),
  },
  {
    id: "R14e",
    name: "a header block byte by byte",
    attacker: "announces HEADERS of 60,000 bytes and sends one a second",
    expected: GONE,
    slow: true,
    attack: (world) =>
      onTunnel(world, (client) => drip(client, frame(TYPE.headers, 0, 1, Buffer.alloc(60_000)))),
    twin: works,
  },
  {
    id: "R14f",
    name: "a header block that is never ended",
    attacker: "sends HEADERS without END_HEADERS and then answers nothing but TCP",
    expected: GONE,
    slow: true,
    attack: (world) =>
      onTunnel(world, async (client) => {
        client.send(frame(TYPE.headers, 0, 1, connectBlock(world.app)));
        return client.outcome(0, PATIENCE_MS);
      }),
    twin: works,
  },
  {
    id: "R14g",
    name: "more connections than one address may have",
    attacker: "opens tunnels from one address without end and keeps them; the rest of the mesh is served",
    expected: ["limited"],
    attack: async (world, scale) => {
      const clients: RawClient[] = [];
      const count = Math.max(1_500 * scale, 1_150);
      try {
        for (let index = 0; index < count; index += 25) {
          const batch = Array.from({ length: 25 }, () => openTunnel(world).catch(() => undefined));
          for (const client of await Promise.all(batch)) if (client !== undefined) clients.push(client);
        }
        await wait(500);
        const open = clients.filter((client) => !client.closed).length;
        return open < count ? "limited" : "unlimited";
      } finally {
        for (const client of clients) client.end();
      }
    },
    twin: works,
  },
  {
    id: "D6e",
    name: "windows that stay shut",
    attacker: "asks for answers on 150 streams and takes none; nothing piles up, and it may wait",
    expected: ["open"],
    attack: (world) =>
      onTunnel(world, async (client) => {
        client.send(settings([4, 0]));
        for (let id = 1; id < 300; id += 2) {
          client.send(
            connectFrame(id, world.app),
            frame(TYPE.data, 0, id, Buffer.from("GET / HTTP/1.1\r\n\r\n")),
          );
        }
        return client.outcome(0, 2_000);
      }),
    twin: (world) =>
      onTunnel(world, (client) => {
        client.send(numberFrame(TYPE.windowUpdate, 0, 1_000));
        return ask(client, world);
      }),
  },
  {
    id: "I7-pod",
    name: "the proxy's ports from outside",
    attacker: "dials 15001 and 15006 of the target without having been redirected there",
    expected: ["closed"],
    attack: async (world) => {
      for (const port of [15001, 15006]) {
        const { outcome, text } = await dial(
          { ip: world.target.ip, port },
          "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
          8_000,
        );
        if (text !== "") return `answered ${text.slice(0, 20)}`;
        if (outcome === "open") return "open";
      }
      return "closed";
    },
    twin: works,
  },
  {
    id: "R12b",
    name: "the certificate of one, the name of another",
    attacker: "says in baggage and forwarded that it is somebody else: nobody decides by them",
    expected: [SERVED],
    attack: (world) =>
      onTunnel(world, (client) => {
        const baggage = "k8s.namespace.name=ambit-system,k8s.deployment.name=ca,service.name=ca";
        return ask(client, world, 1, connectFrame(1, world.app, ["baggage", baggage]));
      }),
    twin: works,
  },
];
