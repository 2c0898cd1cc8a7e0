import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { writeFileAtomic } from "@ambit/base/files.ts";
import { block, END_HEADERS, frame, numberFrame, settings, TYPE } from "../frames.ts";
import { HostileUpstream, POLITE, type Behaviour } from "../hostile-upstream.ts";
import { inPod } from "../in-pod.ts";
import { oddCredentials } from "../odd-certificates.ts";
import { part, SCRIPTS } from "../processes.ts";
import type { Credentials, Outcome } from "../raw-client.ts";
import { SERVED, type Row } from "../row.ts";
import { wait } from "../wait.ts";
import type { World } from "../world.ts";

const NAME = "hostile-upstream";
const IDENTITY = "spiffe://cluster.local/ns/default/sa/hostile";
const APP_PORT = 9_080;

/** Asks through the client's own proxy, which then meets the hostile server. */
const CLIENT = `
const [host, port] = process.argv.slice(1);
const socket = require("node:net").connect({ host, port: Number(port) });
let text = "";
const end = (outcome) => { console.log(text.startsWith("HTTP/1.1 200") ? "served" : outcome); process.exit(0); };
socket.setTimeout(13000, () => end("silent"));
socket.on("connect", () => socket.write("GET / HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n"));
socket.on("data", (chunk) => { text += chunk; if (text.length > 60) end("answered"); });
socket.on("error", () => end("closed"));
socket.on("end", () => end("closed"));
`;

/** Tells the mesh that a pod with tunnels lives where we listen. */
function enrol(world: World): string {
  const path = join(world.state, "cluster/pods", `default_${NAME}.yaml`);
  const text = `apiVersion: v1
kind: Pod
metadata:
  name: ${NAME}
  namespace: default
  uid: ${NAME}-uid
  annotations: { ambient.istio.io/redirection: enabled }
  labels: { app: ${NAME} }
spec: { nodeName: ${world.ownNode}, serviceAccountName: hostile, containers: [] }
status:
  phase: Running
  podIP: ${world.ownIp}
  podIPs: [{ ip: ${world.ownIp} }]
  conditions: [{ type: Ready, status: "True" }]
`;
  writeFileAtomic(path, text, 0o600);
  return path;
}

/** Gives the node we are on one more address, or takes it away. */
function address(verb: "add" | "del", world: World): void {
  const [name = ""] =
    Object.entries(networkInterfaces()).find(([, addresses = []]) =>
      addresses.some((each) => each.address.startsWith("172.30.")),
    ) ?? [];
  spawnSync("ip", ["address", verb, `${world.ownIp}/24`, "dev", name]);
}

/** The client asks `count` times at once; what became of them, and how often its proxy came to us. */
async function meet(
  world: World,
  behaviour: Behaviour,
  count = 3,
  credentials?: Credentials,
): Promise<{ readonly outcomes: readonly Outcome[]; readonly upstream: HostileUpstream }> {
  const own = credentials ?? (await oddCredentials(world, { names: [{ type: "url", value: IDENTITY }] }));
  const path = enrol(world);
  address("add", world);
  const upstream = await HostileUpstream.listen(world, { ip: world.ownIp, port: 15008 }, own, behaviour);
  try {
    await wait(700);
    const asked = Array.from({ length: count }, () =>
      inPod(world.client, CLIENT, [world.ownIp, String(APP_PORT)], 20_000),
    );
    return { outcomes: await Promise.all(asked), upstream };
  } finally {
    upstream.close();
    rmSync(path, { force: true });
    address("del", world);
    await wait(300);
  }
}

/** Many, because the client's own retries and those of its proxy have an end. */
const MAX_CONNECTIONS = 60;

function hostile(
  id: string,
  name: string,
  attacker: string,
  behaviour: Behaviour,
  expected: readonly Outcome[] = ["ended"],
  credentials?: (world: World) => Promise<Credentials>,
): Row {
  return {
    id,
    name,
    attacker,
    expected,
    attack: async (world) => {
      const pid = part(SCRIPTS.ztunnel, world.client.node);
      const { outcomes, upstream } = await meet(world, behaviour, 3, await credentials?.(world));
      if (part(SCRIPTS.ztunnel, world.client.node) !== pid) return "the proxy ended";
      if (upstream.connections > MAX_CONNECTIONS) return `${upstream.connections} connections`;
      if (outcomes.includes(SERVED)) return SERVED;
      return outcomes.every((outcome) => ["closed", "answered", "silent"].includes(outcome))
        ? "ended"
        : outcomes.join();
    },
    twin: async (world) => {
      const { outcomes } = await meet(world, POLITE);
      return outcomes.find((outcome) => outcome !== SERVED) ?? SERVED;
    },
  };
}

const goaway = (lastStreamId: number, code: number): Buffer => {
  const payload = Buffer.alloc(8);
  payload.writeUInt32BE(lastStreamId);
  payload.writeUInt32BE(code, 4);
  return frame(TYPE.goaway, 0, 0, payload);
};

/** Writes a piece again and again until the proxy has had enough, or a number of times. */
function pour(socket: TLSSocket, piece: Buffer, times: number): void {
  const batch = Buffer.concat(Array.from({ length: 100 }, () => piece));
  let left = times;
  const more = (): void => {
    while (left > 0 && !socket.destroyed) {
      left -= 100;
      if (!socket.write(batch)) {
        socket.once("drain", more);
        return;
      }
    }
  };
  more();
}

const accept = (streamId: number): Buffer =>
  frame(TYPE.headers, END_HEADERS, streamId, block([":status", "200"]));
const hello = (socket: TLSSocket): void => void socket.write(settings([3, 100]));

/** Servers of tunnels that mean harm to the proxy that comes to them (D11). */
export const UPSTREAM: readonly Row[] = [
  hostile("D11a", "a server that goes away at once", "says GOAWAY to every connection", {
    onOpen: (socket) => void socket.write(Buffer.concat([settings(), goaway(0, 0)])),
  }),
  {
    ...hostile("D11b", "a server that offers no streams", "allows 0 streams and says nothing", {
      onOpen: (socket) => void socket.write(settings([3, 0])),
    }),
    slow: true,
  },
  hostile("D11c", "a server with a forbidden frame size", "sets its largest frame to 1", {
    onOpen: (socket) => void socket.write(settings([5, 1])),
  }),
  hostile("D11d", "a flood of frames nobody knows", "sends ORIGIN and other frames without end", {
    onOpen: (socket) => {
      hello(socket);
      pour(socket, frame(0x0c, 0, 0, Buffer.alloc(64)), 50_000);
    },
  }),
  hostile("D11e", "a flood of PING from the server", "pings without end", {
    onOpen: (socket) => {
      hello(socket);
      pour(socket, frame(TYPE.ping, 0, 0, Buffer.alloc(8)), 50_000);
    },
  }),
  hostile("D11f", "a flood of SETTINGS from the server", "changes its settings without end", {
    onOpen: (socket) => pour(socket, settings([4, 65_535]), 50_000),
  }),
  hostile("D11g", "a server that promises streams", "sends PUSH_PROMISE", {
    onOpen: hello,
    onRequest: (socket, id) =>
      void socket.write(
        frame(
          TYPE.pushPromise,
          END_HEADERS,
          id,
          Buffer.concat([Buffer.of(0, 0, 0, 2), block([":status", "200"])]),
        ),
      ),
  }),
  hostile("D11h", "answers that never come to their end", "sends a header block without an end", {
    onOpen: hello,
    onRequest: (socket, id) => {
      socket.write(frame(TYPE.headers, 0, id, block([":status", "200"])));
      pour(socket, frame(TYPE.continuation, 0, id, block(["x-filler", "y".repeat(1_000)])), 20_000);
    },
  }),
  hostile("D11i", "a header bomb in an answer", "answers with 10,000 fields", {
    onOpen: hello,
    onRequest: (socket, id) =>
      void socket.write(
        frame(
          TYPE.headers,
          END_HEADERS,
          id,
          Buffer.concat([
            block([":status", "200"]),
            ...Array.from({ length: 3_000 }, () => block(["a", "b"])),
          ]),
        ),
      ),
  }),
  hostile("D11j", "resets for every stream", "refuses each stream as if it were not looked at", {
    onOpen: hello,
    onRequest: (socket, id) => void socket.write(numberFrame(TYPE.rstStream, id, 7)),
  }),
  {
    ...hostile("D11k", "a window that stays shut", "accepts and never opens the window", {
      onOpen: (socket) => void socket.write(settings([3, 100], [4, 0])),
      onRequest: (socket, id) => void socket.write(accept(id)),
    }),
    slow: true,
  },
  hostile(
    "D11l",
    "more data than the window allows",
    "answers with more than it may",
    {
      onOpen: hello,
      onRequest: (socket, id) => {
        socket.write(accept(id));
        pour(socket, frame(TYPE.data, 0, id, Buffer.alloc(16_000)), 3_000);
      },
    },
    ["ended", "answered"],
  ),
  hostile("D11m", "silence after TLS", "accepts TLS and says nothing", {}),
  hostile("D11n", "garbage after TLS", "answers with what is no HTTP/2", {
    onOpen: (socket) => void socket.write(Buffer.alloc(4_096, 0x41)),
  }),
  hostile("D11o", "an answer that is no answer", "answers with a status of letters", {
    onOpen: hello,
    onRequest: (socket, id) =>
      void socket.write(frame(TYPE.headers, END_HEADERS, id, block([":status", "abc"]))),
  }),
  hostile(
    "F9-server",
    "a server with another's name",
    "shows a certificate of the mesh that is not of the pod that was dialled",
    POLITE,
    ["ended"],
    (world) =>
      oddCredentials(world, {
        names: [{ type: "url", value: "spiffe://cluster.local/ns/default/sa/myapp" }],
      }),
  ),
  hostile(
    "F2-server",
    "a server under a root of its own",
    "shows the right name under a foreign root",
    POLITE,
    ["ended"],
    (world) => Promise.resolve(world.forged),
  ),
];
