import { readFileSync } from "node:fs";
import { join } from "node:path";
import { connectFrame } from "../frames.ts";
import { inPod } from "../in-pod.ts";
import { openFiles, part, SCRIPTS } from "../processes.ts";
import { SERVED, type Row } from "../row.ts";
import { onTunnel, works } from "../tunnel.ts";
import { wait } from "../wait.ts";
import type { PodFacts, World } from "../world.ts";

/** Asks an HTTP server; prints `served`, `refused`, `closed`, `silent` or what came. */
const GET = `
const [host, port] = process.argv.slice(1);
const socket = require("node:net").connect({ host, port: Number(port) });
let text = "", connected = false;
const end = (outcome) => { console.log(text.startsWith("HTTP/1.1 200") ? "served" : text === "" ? outcome : text.slice(0, 40)); process.exit(0); };
socket.setTimeout(4000, () => end("silent"));
socket.on("connect", () => { connected = true; socket.write("GET /healthz HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n"); });
socket.on("data", (chunk) => { text += chunk; });
socket.on("error", () => end(connected ? "closed" : "refused"));
socket.on("end", () => end("closed"));
`;

/** Greets whoever connects, then waits; ends itself. */
const GREETER = `
const server = require("node:net").createServer((socket) => { socket.on("error", () => {}); socket.write("220 welcome\\r\\n"); });
server.listen(9025, "0.0.0.0", () => console.log("listening"));
setTimeout(() => process.exit(0), Number(process.argv[1]));
`;

/** Queries that are none, by UDP and TCP, then one that is right; prints what the right one got. */
const DNS = `
const [server, name, noise] = process.argv.slice(1);
const dgram = require("node:dgram"), net = require("node:net"), crypto = require("node:crypto");
const socket = dgram.createSocket("udp4");
const head = (id, flags, counts) => { const b = Buffer.alloc(12); b.writeUInt16BE(id, 0); b.writeUInt16BE(flags, 2); counts.forEach((c, i) => b.writeUInt16BE(c, 4 + 2 * i)); return b; };
const question = (n, type) => Buffer.concat([...n.split(".").map((l) => Buffer.concat([Buffer.of(l.length), Buffer.from(l)])), Buffer.of(0, 0, type, 0, 1)]);
const odd = [
  Buffer.alloc(0), Buffer.alloc(1), head(1, 0x100, [0xffff, 0xffff, 0xffff, 0xffff]),
  Buffer.concat([head(2, 0x100, [1, 0, 0, 0]), Buffer.of(0xc0, 12, 0, 1, 0, 1)]),
  Buffer.concat([head(3, 0x100, [1, 0, 0, 0]), Buffer.alloc(200, 63)]),
  Buffer.concat([head(4, 0x8180, [1, 0, 0, 0]), question("x.example", 1)]),
  Buffer.concat([head(5, 0x2800, [1, 0, 0, 0]), question("x.example", 252)]),
  Buffer.concat([head(6, 0x100, [1, 0, 0, 1]), question("__proto__.constructor", 255), Buffer.alloc(60000, 1)].map((b) => b.subarray(0, 60000))),
];
const send = (bytes) => new Promise((done) => socket.send(bytes, 53, server, done));
(async () => {
  for (let i = 0; i < Number(noise); i++) {
    await send(odd[i % odd.length]).catch?.(() => {});
    await send(crypto.randomBytes(i % 400));
    await send(Buffer.concat([head(i & 0xffff, 0x100, [1, 0, 0, 0]), question("no-" + i + ".nowhere.svc.cluster.local", 1)]));
    if (i % 50 === 0) {
      const tcp = net.connect(53, server, () => tcp.end(Buffer.concat([Buffer.of(0xff, 0xff), crypto.randomBytes(300)])));
      tcp.on("error", () => {});
    }
  }
  let tries = 0;
  const ask = () => {
    if (tries++ === 20) { console.log("no answer"); process.exit(0); }
    socket.send(Buffer.concat([head(4711, 0x100, [1, 0, 0, 0]), question(name, 1)]), 53, server);
    setTimeout(ask, 300);
  };
  socket.on("message", (m) => {
    if (m.readUInt16BE(0) !== 4711) return;
    console.log((m.readUInt16BE(2) & 15) === 0 && m.readUInt16BE(6) > 0 ? "served" : "rcode " + (m.readUInt16BE(2) & 15));
    process.exit(0);
  });
  ask();
})();
`;

const CLUSTER_DNS = "10.96.0.10";
const OWN_PORTS = [15001, 15006, 15008];

const SERVICE = "myapp.default.svc.cluster.local";

/** The plain twin: a pod asks the target. */
function asks(world: World, pod: PodFacts = world.client): Promise<string> {
  return inPod(pod, GET, [world.target.ip, "8080"]);
}

/** Access log lines of the target's proxy for this source address. */
function identitiesOf(world: World, since: number): string[] {
  const text = readFileSync(join(world.state, "logs", `ztunnel-${world.target.node}.log`), "latin1").slice(
    since,
  );
  return [...text.matchAll(/src\.identity="?([^" ]+)"?.*direction="?inbound"?/g)].map(([, id = ""]) => id);
}

function logLength(world: World): number {
  return readFileSync(join(world.state, "logs", `ztunnel-${world.target.node}.log`), "latin1").length;
}

/** What a captured pod may try from inside. */
export const FROM_POD: readonly Row[] = [
  {
    id: "I7-in",
    name: "the proxy's own ports from inside a pod",
    attacker: "dials 15001, 15006 and 15008 at its own address, at another pod's and at loopback",
    expected: ["closed"],
    attack: async (world) => {
      const proxies = [...new Set([world.client.node, world.target.node])].map(
        (node) => part(SCRIPTS.ztunnel, node) ?? 0,
      );
      const before = proxies.map(openFiles);
      const targets = [world.client.ip, world.target.ip, "127.0.0.1"].flatMap((ip) =>
        OWN_PORTS.map((port) => [ip, port] as const),
      );
      const outcomes = await Promise.all(
        targets.map(async ([ip, port]) => {
          const outcome = await inPod(world.client, GET, [ip, String(port)]);
          return outcome === "closed" || outcome === "refused" ? "" : `${outcome} at ${ip}:${port}`;
        }),
      );
      const wrong = outcomes.find((outcome) => outcome !== "");
      if (wrong !== undefined) return wrong;
      // A loop would open connections to itself until nothing is left.
      const looped = proxies.some((pid, index) => openFiles(pid) > (before[index] ?? 0) + 50);
      return looped ? "a loop" : "closed";
    },
    twin: asks,
  },
  {
    id: "F5",
    name: "two workloads, one destination",
    attacker:
      "shares a node, and a destination, with another workload: each has a tunnel and a name of its own",
    expected: ["two names"],
    attack: async (world) => {
      const neighbour = world.pods.find(
        (pod) =>
          pod.node === world.client.node && pod.serviceAccount === "myapp" && pod.name !== world.target.name,
      );
      if (neighbour === undefined) return "no neighbour";
      const since = logLength(world);
      const pods = [world.client, neighbour, world.client, neighbour, world.client, neighbour];
      const answers = await Promise.all(pods.map((pod) => asks(world, pod)));
      if (answers.some((answer) => answer !== SERVED)) return answers.join();
      const mine = (name: string): string => `spiffe://cluster.local/ns/default/sa/${name}`;
      const deadline = performance.now() + 5_000;
      let found: string[] = [];
      const count = (name: string): number => found.filter((id) => id === mine(name)).length;
      while (performance.now() < deadline && (count("client") < 3 || count("myapp") < 3)) {
        await wait(100);
        found = identitiesOf(world, since);
      }
      return count("client") >= 3 && count("myapp") === 3
        ? "two names"
        : `client ${count("client")}, myapp ${count("myapp")}`;
    },
    twin: asks,
  },
  {
    id: "E12",
    name: "queries that are none",
    attacker: "sends garbage, loops of pointers and names that are not there to the mesh's DNS",
    expected: [SERVED],
    attack: async (world, scale) => {
      const pid = part(SCRIPTS.ztunnel, world.client.node);
      const noise = String(Math.max(100, Math.round(3_000 * scale)));
      const outcome = await inPod(world.client, DNS, [CLUSTER_DNS, SERVICE, noise], 40_000);
      return part(SCRIPTS.ztunnel, world.client.node) === pid ? outcome : "the proxy ended";
    },
    twin: (world) => inPod(world.client, DNS, [CLUSTER_DNS, SERVICE, "0"]),
  },
  {
    id: "E15",
    name: "a tunnel in which nobody begins",
    attacker: "opens a tunnel to a server that speaks first, and says nothing: it hears the greeting",
    expected: ["greeted"],
    attack: async (world) => {
      const greeter = inPod(world.target, GREETER, ["4000"], 10_000);
      await wait(700);
      const outcome = await onTunnel(world, async (client) => {
        client.send(connectFrame(1, `${world.target.ip}:9025`));
        const heard = await client.has(() => client.data(1).toString("latin1").startsWith("220"), 3_000);
        return heard ? "greeted" : client.outcome(1, 0);
      });
      await greeter;
      return outcome;
    },
    twin: works,
  },
];
