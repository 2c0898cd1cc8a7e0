import { randomBytes } from "node:crypto";
import { block, END_HEADERS, frame, numberFrame, settings, TYPE } from "../frames.ts";
import { dial, dialTcp, type Place, type RawClient } from "../raw-client.ts";
import type { Row, Scale } from "../row.ts";
import { on } from "../tunnel.ts";
import { wait } from "../wait.ts";
import type { World } from "../world.ts";
import { CONTROL_TWINS } from "./control.ts";

const CALL = block(
  [":method", "POST"],
  [":scheme", "https"],
  [":path", "/istio.v1.auth.IstioCertificateService/CreateCertificate"],
  [":authority", "x"],
  ["content-type", "application/grpc"],
  ["te", "trailers"],
);

/** TLS has 10 s; a busy machine accepts two thousand connections in a few more. */
const SILENCE_MS = 16_000;

type Port = "xds" | "ca";

const STOPPED = ["closed", "goaway 1", "goaway 2", "goaway 6", "goaway 7", "goaway 9", "goaway 11"];

function* repeat(count: number, make: (index: number) => Uint8Array): Generator<Buffer> {
  for (let index = 0; index < count; index += 200) {
    yield Buffer.concat(Array.from({ length: 200 }, (_, offset) => make(index + offset)));
  }
}

/** Floods of the common oracle at a port that speaks gRPC; no credentials are needed to get this far. */
function floodRow(
  port: Port,
  id: string,
  name: string,
  expected: readonly string[],
  act: (client: RawClient, scale: Scale) => Promise<void>,
): Row {
  return {
    id: `${id}-${port}`,
    name: `${name} at the ${port} port`,
    attacker: "floods, without credentials",
    expected,
    attack: (world, scale) =>
      on(world[port], {}, async (client) => {
        await act(client, scale);
        return client.outcome(0, 3_000);
      }),
    twin: CONTROL_TWINS[port],
  };
}

function rowsOf(port: Port): Row[] {
  const requests = (from: number): Buffer => frame(TYPE.headers, END_HEADERS, from, CALL);
  return [
    floodRow(port, "D1", "rapid reset", STOPPED, (client, scale) =>
      client.flood(
        repeat(100_000 * scale, (index) =>
          Buffer.concat([requests(1 + index * 2), numberFrame(TYPE.rstStream, 1 + index * 2, 8)]),
        ),
      ),
    ),
    floodRow(port, "D3", "endless CONTINUATION", STOPPED, (client, scale) => {
      client.send(frame(TYPE.headers, 0, 1, CALL));
      const piece = frame(TYPE.continuation, 0, 1, block(["x-filler", "y".repeat(1_000)]));
      return client.flood(repeat(20_000 * scale, () => piece));
    }),
    floodRow(port, "D4", "SETTINGS flood", [...STOPPED, "open"], async (client, scale) => {
      client.socket.pause();
      await client.flood(repeat(50_000 * scale, (index) => settings([4, 65_535 + (index % 2)])));
      client.socket.resume();
    }),
    floodRow(port, "D5", "PING flood", [...STOPPED, "open"], async (client, scale) => {
      client.socket.pause();
      await client.flood(repeat(50_000 * scale, () => frame(TYPE.ping, 0, 0, Buffer.alloc(8))));
      client.socket.resume();
    }),
    floodRow(port, "D7", "HPACK of nothing but crumbs", [...STOPPED, "open"], async (client) => {
      const crumb = Buffer.of(0x0f, 0x11, 1, 0x61);
      const crumbs = Buffer.concat([CALL, ...Array.from({ length: 3_500 }, () => crumb)]);
      client.send(frame(TYPE.headers, END_HEADERS, 1, crumbs));
    }),
    floodRow(port, "D10", "garbage after TLS", STOPPED, async (client) => {
      client.send(randomBytes(4_096));
    }),
    {
      id: `H1-${port}`,
      name: `noise at the ${port} port`,
      attacker: "sends random bytes instead of TLS and behind it, from many connections",
      expected: ["closed"],
      attack: async (world: World, scale: Scale) => {
        for (let index = 0; index < 400 * scale; index++) {
          await dial(world[port], randomBytes(200), 200);
          await on(world[port], { hello: index % 2 === 0 }, async (client) => {
            client.send(randomBytes(300));
            return client.outcome(0, 200);
          });
        }
        return (await dial(world[port], randomBytes(300), 5_000)).outcome;
      },
      twin: CONTROL_TWINS[port],
    },
    {
      id: `R14-${port}`,
      waits: true,
      name: `handshakes that stop at the ${port} port`,
      attacker: "opens connections and never says hello",
      expected: ["closed"],
      attack: async (world: World, scale: Scale) => {
        const count = Math.max(2_000 * scale, 100);
        const all = await Promise.all(Array.from({ length: count }, () => silence(world[port])));
        return all.every((outcome) => outcome !== "open") ? "closed" : "open";
      },
      twin: CONTROL_TWINS[port],
    },
    {
      id: `R14b-${port}`,
      name: `TLS and then silence at the ${port} port`,
      attacker: "ends the handshake and is silent, or says hello and asks nothing",
      expected: ["closed"],
      attack: async (world: World) => {
        const quiet = (hello: boolean): Promise<string> =>
          on(world[port], { hello }, async (client) => {
            const outcome = await client.outcome(0, 50_000);
            return outcome.startsWith("goaway") ? "closed" : outcome;
          });
        const outcomes = await Promise.all([quiet(false), quiet(true)]);
        return outcomes.find((outcome) => outcome !== "closed") ?? "closed";
      },
      twin: CONTROL_TWINS[port],
      slow: true,
    },
  ];
}

/** A connection that says nothing: how it ended. It has its time from when the other side has it, not from our call. */
async function silence(place: Place): Promise<string> {
  const socket = await dialTcp(place).catch(() => undefined);
  if (socket === undefined) return "refused";
  socket.resume();
  const deadline = performance.now() + SILENCE_MS;
  while (!socket.destroyed && performance.now() < deadline) await wait(100);
  const outcome = socket.destroyed ? "closed" : "open";
  socket.destroy();
  return outcome;
}

/** HTTP/2 floods, noise and patience at the ports of discovery and the ca. */
export const CONTROL_FLOODS: readonly Row[] = [...rowsOf("xds"), ...rowsOf("ca")];
