import {
  ACK,
  block,
  connectBlock,
  connectFrame,
  END_HEADERS,
  frame,
  numberFrame,
  settings,
  TYPE,
} from "../frames.ts";
import { SERVED, type Row } from "../row.ts";
import { ask, onTunnel, openTunnel, request, works } from "../tunnel.ts";
import { CALM, flood, openMany, times } from "./flooding.ts";

const CANCEL = 8;

/** HTTP/2 floods and bombs at the HBONE port. */
export const FLOODS: readonly Row[] = [
  {
    id: "D1",
    name: "rapid reset",
    attacker: "opens streams and resets each before it is answered",
    expected: CALM,
    attack: (world, scale) =>
      onTunnel(world, (client) =>
        flood(
          client,
          times(100_000 * scale, (index) =>
            Buffer.concat([
              connectFrame(1 + index * 2, world.app),
              numberFrame(TYPE.rstStream, 1 + index * 2, CANCEL),
            ]),
          ),
        ),
      ),
    twin: (world) =>
      onTunnel(world, async (client) => {
        for (let index = 0; index < 50; index++) {
          client.send(connectFrame(1 + index * 2, world.app));
          await client.outcome(1 + index * 2);
          client.send(numberFrame(TYPE.rstStream, 1 + index * 2, CANCEL));
        }
        return ask(client, world, 201);
      }),
  },
  {
    id: "D2a",
    name: "resets provoked by windows of nothing",
    attacker: "opens streams and sends WINDOW_UPDATE 0 on each, so that the server resets them",
    expected: CALM,
    attack: (world, scale) =>
      onTunnel(world, (client) =>
        flood(
          client,
          times(50_000 * scale, (index) =>
            Buffer.concat([
              connectFrame(1 + index * 2, world.app),
              numberFrame(TYPE.windowUpdate, 1 + index * 2, 0),
            ]),
          ),
        ),
      ),
    twin: (world) =>
      onTunnel(world, (client) => {
        const opening = [connectFrame(1, world.app), numberFrame(TYPE.windowUpdate, 1, 100_000)];
        return ask(client, world, 1, Buffer.concat(opening));
      }),
  },
  {
    id: "D2b",
    name: "more streams than are offered",
    attacker: "opens thousands of streams at once and keeps them",
    expected: CALM,
    attack: (world, scale) =>
      onTunnel(world, (client) =>
        flood(
          client,
          times(100_000 * scale, (index) => connectFrame(1 + index * 2, world.app)),
        ),
      ),
    twin: (world) =>
      onTunnel(world, async (client) => {
        const last = await openMany(client, world, 150);
        return last === "status 200" ? request(client, 299) : last;
      }),
  },
  {
    id: "D2c",
    name: "resets provoked by broken requests",
    attacker: "sends requests that are answered 400, as fast as it can, and never takes a breath",
    expected: CALM,
    attack: (world, scale) =>
      onTunnel(world, (client) =>
        flood(
          client,
          times(50_000 * scale, (index) => connectFrame(1 + index * 2, "10.0.0.1:80")),
        ),
      ),
    twin: (world) =>
      onTunnel(world, async (client) => {
        client.send(connectFrame(1, "10.0.0.1:80"));
        const refused = await client.outcome(1);
        return refused === "status 400" ? ask(client, world, 3) : refused;
      }),
  },
  {
    id: "D3a",
    name: "endless CONTINUATION",
    attacker: "begins a header block and never ends it",
    expected: CALM,
    attack: (world, scale) =>
      onTunnel(world, (client) => {
        const piece = frame(TYPE.continuation, 0, 1, block(["x-filler", "y".repeat(1_000)]));
        client.send(frame(TYPE.headers, 0, 1, connectBlock(world.app)));
        return flood(
          client,
          times(20_000 * scale, () => piece),
        );
      }),
    twin: (world) =>
      onTunnel(world, (client) => {
        const bytes = connectBlock(world.app);
        const opening = [
          frame(TYPE.headers, 0, 1, bytes.subarray(0, 5)),
          frame(TYPE.continuation, 0, 1, bytes.subarray(5, 9)),
          frame(TYPE.continuation, END_HEADERS, 1, bytes.subarray(9)),
        ];
        return ask(client, world, 1, Buffer.concat(opening));
      }),
  },
  {
    id: "D3b",
    name: "empty CONTINUATION",
    attacker: "sends CONTINUATION frames without a byte in them",
    expected: CALM,
    attack: (world, scale) =>
      onTunnel(world, (client) => {
        client.send(frame(TYPE.headers, 0, 1, connectBlock(world.app)));
        return flood(
          client,
          times(100_000 * scale, () => frame(TYPE.continuation, 0, 1)),
        );
      }),
    twin: works,
  },
  {
    id: "D3c",
    name: "abrupt end within a header block",
    attacker: "begins a header block and cuts the connection, many times over",
    expected: [SERVED],
    attack: async (world, scale) => {
      for (let index = 0; index < 500 * scale; index++) {
        const client = await openTunnel(world);
        client.send(frame(TYPE.headers, 0, 1, connectBlock(world.app)));
        client.end();
      }
      return works(world);
    },
    twin: works,
  },
  {
    id: "D4a",
    name: "SETTINGS with 20,000 entries",
    attacker: "sends one frame of settings nobody knows",
    expected: CALM,
    attack: (world) =>
      onTunnel(world, (client) => {
        client.send(settings(...Array.from({ length: 20_000 }, (_, index) => [0xf000, index] as const)));
        return client.outcome(0);
      }),
    twin: (world) =>
      onTunnel(world, (client) => {
        client.send(settings([3, 100], [4, 1_000_000], [5, 65_536], [0xf001, 7]));
        return ask(client, world);
      }),
  },
  {
    id: "D4b",
    name: "SETTINGS flood, acknowledgements unread",
    attacker: "changes its settings without end and reads nothing",
    expected: CALM,
    attack: (world, scale) =>
      onTunnel(world, async (client) => {
        client.socket.pause();
        await client.flood(times(100_000 * scale, (index) => settings([4, 65_535 + (index % 2)])));
        client.socket.resume();
        return client.outcome(0);
      }),
    twin: (world) =>
      onTunnel(world, async (client) => {
        for (let index = 0; index < 10; index++) client.send(settings([4, 70_000 + index]));
        await client.has((each) => each.type === TYPE.settings && (each.flags & ACK) !== 0);
        return ask(client, world);
      }),
  },
  {
    id: "D5a",
    name: "PING flood, answers unread",
    attacker: "pings without end and reads nothing",
    expected: CALM,
    attack: (world, scale) =>
      onTunnel(world, async (client) => {
        client.socket.pause();
        await client.flood(times(200_000 * scale, () => frame(TYPE.ping, 0, 0, Buffer.alloc(8))));
        client.socket.resume();
        return client.outcome(0);
      }),
    twin: (world) =>
      onTunnel(world, async (client) => {
        client.send(frame(TYPE.ping, 0, 0, Buffer.from("benign!!")));
        const answered = await client.has((each) => each.type === TYPE.ping && (each.flags & ACK) !== 0);
        return answered ? ask(client, world) : "no answer to a PING";
      }),
  },
  {
    id: "D5b",
    name: "PRIORITY flood",
    attacker: "sends priorities of streams that never come",
    expected: CALM,
    attack: (world, scale) =>
      onTunnel(world, (client) =>
        flood(
          client,
          times(100_000 * scale, (index) => frame(TYPE.priority, 0, 1 + (index % 1000) * 2, Buffer.alloc(5))),
        ),
      ),
    twin: (world) =>
      onTunnel(world, (client) => {
        client.send(frame(TYPE.priority, 0, 3, Buffer.of(0, 0, 0, 0, 15)));
        return ask(client, world);
      }),
  },
  {
    id: "D5c",
    name: "empty DATA flood",
    attacker: "sends DATA without a byte on an open stream",
    expected: CALM,
    attack: (world, scale) =>
      onTunnel(world, async (client) => {
        client.send(connectFrame(1, world.app));
        await client.outcome(1);
        return flood(
          client,
          times(200_000 * scale, () => frame(TYPE.data, 0, 1)),
        );
      }),
    twin: (world) =>
      onTunnel(world, async (client) => {
        client.send(connectFrame(1, world.app), frame(TYPE.data, 0, 1));
        return (await client.outcome(1)) === "status 200" ? request(client, 1) : "refused";
      }),
  },
  {
    id: "D5d",
    name: "flood of frames nobody knows",
    attacker: "sends frames of an unknown type",
    expected: CALM,
    attack: (world, scale) =>
      onTunnel(world, (client) =>
        flood(
          client,
          times(100_000 * scale, () => frame(0xbe, 0, 0, Buffer.alloc(16))),
        ),
      ),
    twin: (world) =>
      onTunnel(world, (client) => {
        client.send(frame(0xbe, 0, 0, Buffer.alloc(16)));
        return ask(client, world);
      }),
  },
];
