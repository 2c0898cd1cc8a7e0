import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { get, request } from "node:http";
import { join } from "node:path";
import { SUBJECTS } from "@ambit/contract/subjects.ts";
import { admin } from "../admin.ts";
import { connectFrame } from "../frames.ts";
import { inPod } from "../in-pod.ts";
import { environment, part, processes, SCRIPTS } from "../processes.ts";
import { dial, dialTcp, type Outcome } from "../raw-client.ts";
import { SERVED, type Row } from "../row.ts";
import { onTunnel, works } from "../tunnel.ts";
import { wait } from "../wait.ts";
import type { World } from "../world.ts";
import { CONTROL_ROWS, CONTROL_TWINS } from "./control.ts";

function filesUnder(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: "utf8" })
      .map((name) => join(folder, name))
      .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true);
  } catch {
    return [];
  }
}

/** Tokens, passwords and keys of the mesh, and every token that was made for these rows. */
function secretsOf(world: World): string[] {
  const read = (path: string): string => readFileSync(path, "utf8").trim();
  const texts = filesUnder(join(world.state, "auth/tokens")).map(read);
  // A real nats-server's configuration lies beside them.
  const passwords = filesUnder(join(world.state, "run/bus/credentials"))
    .filter((path) => path.endsWith(".json"))
    .map((path) => (JSON.parse(read(path)) as { password: string }).password);
  // The body of a key without its lines, as nobody would write it down.
  const keys = filesUnder(join(world.state, "ca"))
    .filter((path) => path.endsWith(".key"))
    .map((path) => read(path).split("\n")[1] ?? "");
  return [...texts, ...passwords, ...keys, ...world.minted].filter((secret) => secret.length > 8);
}

/** The first of these texts that has a secret in it. */
function leak(world: World, texts: Iterable<readonly [string, string]>): Outcome {
  const secrets = secretsOf(world);
  for (const [place, text] of texts) {
    if (text.includes("PRIVATE KEY")) return `a key in ${place}`;
    if (secrets.some((secret) => text.includes(secret))) return `a secret in ${place}`;
  }
  return "none";
}

/** Parts with an admin socket. */
function parts(world: World): string[] {
  return readdirSync(join(world.state, "run")).filter(
    (name) => statSync(join(world.state, "run", name, "admin.sock"), { throwIfNoEntry: false }) !== undefined,
  );
}

function setLevel(world: World, name: string, level: string): Promise<void> {
  return new Promise((resolve) => {
    const socketPath = join(world.state, "run", name, "admin.sock");
    const call = request({ socketPath, path: `/logging?level=${level}`, method: "POST" }, (response) => {
      response.resume();
      response.on("end", () => resolve());
    });
    call.on("error", () => resolve());
    call.end();
  });
}

/** Says what is wrong and what is right to every port, so that all of it is written down. */
async function chat(world: World): Promise<void> {
  await works(world);
  for (const twin of Object.values(CONTROL_TWINS)) await twin(world);
  for (const row of CONTROL_ROWS) {
    if (["H5c", "H6a", "H8b", "H3"].includes(row.id)) await row.attack(world, 1);
  }
  await onTunnel(world, (client) => {
    client.send(
      connectFrame(1, `${world.other.ip}:8080`, ["authorization", `Bearer ${world.minted[0] ?? ""}`]),
    );
    return client.outcome(1);
  });
}

/** What users of the bus hear in a second in which something happens. */
async function overheard(world: World): Promise<readonly (readonly [string, string])[]> {
  const ears = [
    ["telemetry", [SUBJECTS.anyHeartbeat, SUBJECTS.configVersion]],
    ["discovery", [SUBJECTS.anyCertRotated, SUBJECTS.caBundle]],
    [`ztunnel-${world.target.node}`, [SUBJECTS.anyPolicyInvalidated, SUBJECTS.caBundle]],
  ] as const;
  const heard = ears.map(async ([user, subjects]) => {
    const path = join(world.state, "run/bus/credentials", `${user}.json`);
    const { user: name, password } = JSON.parse(readFileSync(path, "utf8")) as {
      user: string;
      password: string;
    };
    const hello = `CONNECT ${JSON.stringify({ verbose: false, user: name, pass: password })}\r\n`;
    const lines = subjects.map((subject, index) => `SUB ${subject} ${index}\r\n`).join("");
    return [`the bus, as ${user}`, (await dial(world.bus, hello + lines, 4_000)).text] as const;
  });
  const path = join(world.manifests, "talk.yaml");
  writeFileSync(
    path,
    `apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: { name: talk, namespace: default }\nspec: { action: DENY, rules: [{ from: [{ source: { principals: ["nobody"] } }] }] }\n`,
  );
  await wait(1_500);
  rmSync(path, { force: true });
  return Promise.all(heard);
}

/** Series of the target's proxy. */
async function series(world: World): Promise<number> {
  const text = await admin(world, `ztunnel-${world.target.node}`, "/metrics");
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#")).length;
}

/** Longest line of the target's metrics. */
async function longestLine(world: World): Promise<number> {
  const text = await admin(world, `ztunnel-${world.target.node}`, "/metrics");
  return Math.max(...text.split("\n").map((line) => line.length));
}

const LISTENING = /^\s*\d+: ([0-9A-F]+):([0-9A-F]{4}) \S+ 0A /gm;
const LOOPBACKS = ["0100007F", "00000000000000000000000001000000", "0000000000000000FFFF00000100007F"];

/** Ports of a table of TCP sockets that are open to others. */
function openPorts(table: string): number[] {
  const ports = [...table.matchAll(LISTENING)]
    .filter(([, address = ""]) => !LOOPBACKS.includes(address))
    .map(([, , port = "0"]) => Number.parseInt(port, 16));
  return [...new Set(ports)].toSorted((left, right) => left - right);
}

function tableOf(pid: number): string {
  return [4, 6]
    .map((version) => readFileSync(`/proc/${pid}/net/tcp${version === 4 ? "" : "6"}`, "latin1"))
    .join("");
}

/** Everything that may listen: where the control plane is, on a node, in a pod with an application on 8080. */
const MAY_LISTEN = {
  control: [53, 4222, 15012, 15013],
  node: [15020, 15021],
  pod: [8080, 15001, 15006, 15008, 15053],
} as const;

/** What may not be found, nor grow without bounds, whoever looks or asks. */
export const SECRETS: readonly Row[] = [
  {
    id: "N1",
    name: "secrets in logs, status, dumps and metrics",
    attacker: "reads everything that is written down at the debug level, after all the other rows",
    expected: ["none"],
    attack: async (world) => {
      const names = parts(world);
      for (const name of names) await setLevel(world, name, "debug");
      try {
        await chat(world);
        await wait(500);
        const files = ["logs", "cluster"].map((name) => join(world.state, name));
        const texts: (readonly [string, string])[] = [...files, join(world.manifests, ".ambit")]
          .flatMap(filesUnder)
          .map((path) => [path, readFileSync(path, "latin1")]);
        for (const name of names) {
          for (const page of ["/config_dump", "/metrics", "/connections", "/status", "/ca", "/pods"]) {
            texts.push([`${name}${page}`, await admin(world, name, page)]);
          }
        }
        return leak(world, texts);
      } finally {
        for (const name of names) await setLevel(world, name, "info");
      }
    },
    // The same look finds them where they belong.
    twin: async (world) => {
      const path = join(world.state, "auth/tokens/discovery.jwt");
      return leak(world, [[path, readFileSync(path, "utf8")]]) === "none" ? "no secrets known" : SERVED;
    },
  },
  {
    id: "N2",
    name: "secrets in arguments and environments",
    attacker: "reads /proc of every process",
    expected: ["none"],
    attack: async (world) =>
      leak(
        world,
        processes().map(({ pid, command }) => [command, `${command}\n${environment(pid)}`]),
      ),
    twin: async () => (part(SCRIPTS.ca) === undefined ? "nothing to read" : SERVED),
  },
  {
    id: "O8",
    name: "secrets on the bus",
    attacker: "listens with everybody's credentials while something happens",
    expected: ["none"],
    attack: async (world) => leak(world, await overheard(world)),
    twin: async (world) => {
      const heard = await overheard(world);
      return heard.some(([, text]) => text.includes("MSG ")) ? SERVED : "heard nothing";
    },
  },
  {
    id: "N3",
    name: "memory of others in answers",
    attacker: "looks for what does not belong there in padding and error texts",
    expected: ["none"],
    attack: (world) => strangeBytes(world),
    twin: works,
  },
  {
    id: "E9a",
    name: "baggage of ever new names",
    attacker: "says in each request that it is somebody else; metrics stay within their bounds",
    expected: ["bounded"],
    attack: async (world, scale) => {
      const before = await series(world);
      const count = Math.max(3_000, 12_000 * scale);
      await onTunnel(world, async (client) => {
        for (let index = 0; index < count; index++) {
          // Longer than any name may be, and as long as one may be.
          const name = `${index}${"n".repeat(index % 2 === 0 ? 1_500 : 100)}`;
          const baggage = `k8s.deployment.name=${name},service.name=${name},service.version=${name},cloud.region=${name}`;
          const id = 1 + index * 2;
          client.send(connectFrame(id, world.app, ["baggage", baggage]));
          if (index % 20 === 19) await client.outcome(id);
          client.send(cancel(id));
        }
        return client.outcome(0, 200);
      });
      const grown = (await series(world)) - before;
      if (grown > 6 * 1_000 + 100) return `${grown} more series`;
      const longest = await longestLine(world);
      return longest > 4_000 ? `a line of ${longest} letters` : "bounded";
    },
    twin: works,
  },
  {
    id: "E9b",
    name: "ever new authorities",
    attacker: "asks for thousands of hosts that are not there; no series is made for them",
    expected: ["bounded"],
    attack: async (world, scale) => {
      const before = await series(world);
      for (let round = 0; round < Math.max(1, 10 * scale); round++) {
        await onTunnel(world, async (client) => {
          for (let index = 0; index < 1_500; index++) {
            client.send(connectFrame(1 + index * 2, `h${round}-${index}.example:80`));
          }
          return client.outcome(2_999);
        });
      }
      const grown = (await series(world)) - before;
      return grown > 50 ? `${grown} more series` : "bounded";
    },
    twin: works,
  },
  {
    id: "E1",
    name: "requests that are none, answers unread",
    attacker: "sends 100,000 bad lines to the proxy's page of metrics and reads nothing",
    expected: ["closed"],
    attack: async (world) => {
      const { outcome, text } = await dial(metrics(world), "X\r\n\r\n".repeat(100_000), 5_000);
      return outcome === "closed" && text.split("HTTP/1.1").length <= 2
        ? "closed"
        : `${outcome} ${text.length}`;
    },
    twin: metricsAnswer,
  },
  {
    id: "E3-metrics",
    name: "requests byte by byte at the page of metrics",
    attacker: "opens hundreds of connections and finishes no request",
    expected: ["closed"],
    waits: true,
    attack: async (world) => {
      const slow = await Promise.all(
        Array.from({ length: 400 }, () => dialTcp(metrics(world)).catch(() => undefined)),
      );
      const sockets = slow.filter((socket) => socket !== undefined);
      for (const socket of sockets) socket.resume();
      const deadline = performance.now() + 40_000;
      while (sockets.some((socket) => !socket.destroyed) && performance.now() < deadline) {
        for (const socket of sockets) if (!socket.destroyed) socket.write("G");
        await wait(1_000);
      }
      const open = sockets.filter((socket) => !socket.destroyed).length;
      for (const socket of sockets) socket.destroy();
      return open === 0 ? "closed" : `${open} open`;
    },
    twin: metricsAnswer,
  },
  {
    id: "I1c",
    name: "sockets that listen",
    attacker:
      "looks for ports that are open to others, in the network of the control plane, of nodes and of pods",
    expected: ["none"],
    attack: async (world) => {
      const script = `for (const f of ["tcp", "tcp6"]) process.stdout.write(require("node:fs").readFileSync("/proc/self/net/" + f));`;
      const found = {
        control: openPorts(tableOf(part(SCRIPTS.discovery) ?? 0)),
        node: openPorts(tableOf(part(SCRIPTS.ztunnel, world.target.node) ?? 0)),
        pod: openPorts(await inPod(world.target, script)),
      };
      if (found.pod.length < 3) return `the pod's table could not be read: ${found.pod.join()}`;
      for (const place of ["control", "node", "pod"] as const) {
        const more = found[place].filter((port) => !(MAY_LISTEN[place] as readonly number[]).includes(port));
        if (more.length > 0) return `${place}: ${more.join()}`;
      }
      return "none";
    },
    twin: works,
  },
];

function cancel(streamId: number): Buffer {
  const out = Buffer.alloc(13);
  out[2] = 4;
  out[3] = 3;
  out.writeUInt32BE(streamId, 5);
  out[12] = 8;
  return out;
}

function metrics(world: World): { ip: string; port: number } {
  return { ip: world.targetNodeIp, port: 15020 };
}

function metricsAnswer(world: World): Promise<Outcome> {
  const { ip, port } = metrics(world);
  return new Promise((resolve) => {
    const call = get({ host: ip, port, path: "/metrics", timeout: 5_000, agent: false }, (response) => {
      response.resume();
      response.on("end", () =>
        resolve(response.statusCode === 200 ? SERVED : `status ${response.statusCode}`),
      );
    });
    call.on("timeout", () => call.destroy(new Error("timeout")));
    call.on("error", (error) => resolve(error.message));
  });
}

/** Provokes errors and looks at every byte that comes back: short, printable, and nobody's data. */
async function strangeBytes(world: World): Promise<Outcome> {
  const mark = `planted-${world.client.uid}`;
  await onTunnel(world, (client) => {
    client.send(connectFrame(1, world.app, ["baggage", `service.name=${mark}`]));
    return client.outcome(1);
  });
  for (const authority of ["", "x", "10.0.0.1:1", `${"a".repeat(300)}:1`]) {
    let text = "";
    await onTunnel(world, async (client) => {
      client.send(connectFrame(1, authority), Buffer.of(0, 0, 7, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7));
      const outcome = await client.outcome(0, 2_000);
      text = Buffer.concat(client.received.map((each) => each.payload)).toString("latin1");
      return outcome;
    });
    if (text.includes(mark) || text.length > 4_096)
      return `${text.length} bytes with ${authority.slice(0, 20)}`;
  }
  return "none";
}
