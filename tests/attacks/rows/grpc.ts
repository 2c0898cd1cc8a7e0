import { brotliCompressSync, gzipSync } from "node:zlib";
import { randomBytes } from "node:crypto";
import { certificateService } from "@ambit/contract/grpc-services.ts";
import { createCsr } from "@ambit/identity/csr.ts";
import { callBytes, grpcMessage, openHttp2, type ByteCall } from "../http2-call.ts";
import { part, SCRIPTS } from "../processes.ts";
import { dialTcp, type Outcome } from "../raw-client.ts";
import { SERVED, type Row } from "../row.ts";
import { wait } from "../wait.ts";
import { tokenOf, type World } from "../world.ts";
import { CONTROL_TWINS } from "./control.ts";

type Port = "xds" | "ca";

const PATHS: Readonly<Record<Port, string>> = {
  xds: "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources",
  ca: "/istio.v1.auth.IstioCertificateService/CreateCertificate",
};

/** What is right to say to a message that cannot be read. */
const REFUSED = [
  "RESOURCE_EXHAUSTED",
  "INTERNAL",
  "UNIMPLEMENTED",
  "INVALID_ARGUMENT",
  "UNAUTHENTICATED",
  "DEADLINE_EXCEEDED",
];

const MIB = 1024 * 1024;

/** 64 MiB of nothing, in a few kilobytes. */
const BOMB = gzipSync(Buffer.alloc(64 * MIB));

type Shape = Pick<ByteCall, "headers" | "body" | "open">;

const SHAPES: readonly (readonly [string, () => Shape])[] = [
  ["a length of 1 GiB", () => ({ body: [grpcMessage(Buffer.alloc(64), 0, 1024 * MIB)], open: true })],
  ["a length of 4 GiB", () => ({ body: [grpcMessage(Buffer.alloc(64), 0, 0xffff_ffff)], open: true })],
  ["a gzip bomb", () => ({ headers: { "grpc-encoding": "gzip" }, body: [grpcMessage(BOMB, 1)] })],
  [
    "a deflate bomb of another format",
    () => ({ headers: { "grpc-encoding": "deflate" }, body: [grpcMessage(BOMB, 1)] }),
  ],
  ["compression that was not announced", () => ({ body: [grpcMessage(BOMB.subarray(0, 1_000), 1)] })],
  ["a flag nobody knows", () => ({ body: [grpcMessage(Buffer.alloc(8), 0x7f)] })],
  [
    "an encoding nobody knows",
    () => ({ headers: { "grpc-encoding": "__proto__" }, body: [grpcMessage(Buffer.alloc(8), 1)] }),
  ],
  [
    "brotli",
    () => ({
      headers: { "grpc-encoding": "br" },
      body: [grpcMessage(brotliCompressSync(Buffer.alloc(MIB)), 1)],
    }),
  ],
  [
    "gzip that is none",
    () => ({ headers: { "grpc-encoding": "gzip" }, body: [grpcMessage(randomBytes(500), 1)] }),
  ],
  [
    "gzip cut short",
    () => ({ headers: { "grpc-encoding": "gzip" }, body: [grpcMessage(BOMB.subarray(0, 200), 1)] }),
  ],
  ["a message cut short", () => ({ body: [grpcMessage(Buffer.alloc(10), 0, 1_000)] })],
  ["random bytes as protobuf", () => ({ body: [grpcMessage(randomBytes(2_000))] })],
  [
    "thousands of empty messages",
    () => ({ body: Array.from({ length: 2_000 }, () => grpcMessage(Buffer.alloc(0))) }),
  ],
  ["ten thousand levels of a group", () => ({ body: [grpcMessage(Buffer.alloc(10_000, 0x0b))] })],
];

function credentialsFor(world: World, port: Port): Promise<string> {
  return world.issuer.mint(
    port === "ca" ? tokenOf(world.client) : tokenOf(world.proxy, { namespace: "ambit-system" }),
  );
}

function processOf(port: Port): number | undefined {
  return part(port === "xds" ? SCRIPTS.discovery : SCRIPTS.ca);
}

/** Every shape of message that is none, on one connection, with right credentials and without. */
function malformed(port: Port): Row[] {
  return SHAPES.map(([name, shape], index) => ({
    id: `E8-${port}-${index}`,
    name: `${name} at the ${port} port`,
    attacker: "calls with a message that is not one, with a right token and without",
    expected: ["refused"],
    attack: async (world): Promise<Outcome> => {
      const before = processOf(port);
      const session = await openHttp2(world[port]);
      try {
        for (const token of [await credentialsFor(world, port), undefined]) {
          const call = { path: PATHS[port], ...shape(), ...(token === undefined ? {} : { token }) };
          const { outcome, bytes } = await callBytes(session, call, 15_000);
          const isRefused = REFUSED.includes(outcome) || outcome === "closed" || outcome.startsWith("reset");
          if (!isRefused || bytes > 0) return `${outcome}, ${bytes} bytes`;
          if (session.destroyed) break;
        }
      } finally {
        session.destroy();
      }
      return processOf(port) === before ? "refused" : "the process ended";
    },
    twin: CONTROL_TWINS[port],
  }));
}

/** A right request under a time limit of odd size. */
async function certificateIn(world: World, timeout: string): Promise<Outcome> {
  const { csr } = await createCsr("spiffe://cluster.local/ns/default/sa/client");
  const request = certificateService.createCertificate.requestSerialize({ csr, validityDuration: 3_600 });
  const session = await openHttp2(world.ca);
  try {
    const { outcome, bytes } = await callBytes(session, {
      path: PATHS.ca,
      token: await credentialsFor(world, "ca"),
      headers: { "grpc-timeout": timeout },
      body: [grpcMessage(request)],
    });
    return outcome === "OK" && bytes > 0 ? SERVED : outcome;
  } finally {
    session.destroy();
  }
}

function timeoutRow(index: number, timeout: string, expected: readonly Outcome[]): Row {
  return {
    id: `E14-${index}`,
    name: `a time limit of ${timeout.length > 20 ? `${timeout.length} letters` : timeout}`,
    attacker: "asks with a time limit that overflows or is none",
    expected,
    attack: async (world) => {
      const before = processOf("ca");
      const outcome = await certificateIn(world, timeout);
      return processOf("ca") === before ? outcome : "the process ended";
    },
    twin: (world) => certificateIn(world, "20S"),
  };
}

/** Calls that are begun on many streams and never ended. */
function unendedCalls(port: Port): Row {
  return {
    id: `E3-${port}`,
    name: `calls that never come to their message, ${port} port`,
    attacker: "opens calls on every stream of a connection and sends no message, or one byte a second",
    expected: ["closed"],
    waits: true,
    attack: async (world) => {
      const session = await openHttp2(world[port]);
      try {
        const token = await credentialsFor(world, port);
        const calls = Array.from({ length: 90 }, (_, index) => {
          const body = index % 2 === 0 ? [] : [grpcMessage(Buffer.alloc(20)).subarray(0, 7)];
          return callBytes(session, { path: PATHS[port], token, body, open: true }, 30_000);
        });
        const ends = await Promise.all(calls);
        return ends.some(({ outcome }) => outcome === "open") ? "open" : "closed";
      } finally {
        session.destroy();
      }
    },
    twin: CONTROL_TWINS[port],
  };
}

/** More connections than one address may have; who is beyond it is closed, and the rest of the mesh goes on. */
function crowd(port: Port): Row {
  return {
    id: `E2-${port}`,
    name: `more connections than one address may have, ${port} port`,
    attacker: "opens connections from one address without end and keeps them",
    expected: ["limited"],
    attack: async (world) => {
      const dialled = await Promise.all(
        Array.from({ length: 1_200 }, () => dialTcp(world[port]).catch(() => undefined)),
      );
      const sockets = dialled.filter((socket) => socket !== undefined);
      // Closed by the other side: it has been read to its end.
      for (const socket of sockets) socket.resume();
      const count = (): number => sockets.filter((each) => !each.readableEnded && !each.destroyed).length;
      // A busy machine takes its time over a thousand accepts; handshakes have ten seconds, so they are all still there.
      const deadline = performance.now() + 6_000;
      while (count() > 1_000 && performance.now() < deadline) await wait(100);
      const open = count();
      for (const socket of sockets) socket.destroy();
      if (open > 1_000) return `unlimited: ${open}`;
      return open < 900 ? `only ${open}` : "limited";
    },
    twin: CONTROL_TWINS[port],
  };
}

/** gRPC as its clients would never speak it, and more of it than one may have. */
export const GRPC: readonly Row[] = [
  ...malformed("xds"),
  ...malformed("ca"),
  timeoutRow(0, "99999999H", [SERVED, "DEADLINE_EXCEEDED", "CANCELLED"]),
  timeoutRow(1, "-1S", ["INTERNAL", "OUT_OF_RANGE", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED"]),
  timeoutRow(2, "9".repeat(400) + "S", ["INTERNAL", "OUT_OF_RANGE", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED"]),
  timeoutRow(3, "soon", ["INTERNAL", "OUT_OF_RANGE", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED"]),
  crowd("xds"),
  crowd("ca"),
  unendedCalls("xds"),
  unendedCalls("ca"),
];
