import { readFileSync } from "node:fs";
import { join } from "node:path";
import { dial } from "../raw-client.ts";
import { SERVED, type Row } from "../row.ts";
import type { World } from "../world.ts";

interface Credentials {
  readonly user: string;
  readonly password: string;
}

function credentialsOf(world: World, user: string): Credentials {
  return JSON.parse(
    readFileSync(join(world.state, "run/bus/credentials", `${user}.json`), "utf8"),
  ) as Credentials;
}

function hello({ user, password }: Credentials, more: object = {}): string {
  return `CONNECT ${JSON.stringify({ verbose: false, headers: true, user, pass: password, ...more })}\r\n`;
}

function proxyHello(world: World, more: object = {}): string {
  return hello(credentialsOf(world, `ztunnel-${world.target.node}`), more);
}

/** What the bus says to these lines: the kind of its complaint, `served` for a PONG, else how it ended. */
async function say(world: World, lines: string): Promise<string> {
  const { outcome, text } = await dial(world.bus, lines, 2_000, /-ERR|PONG/);
  if (/-ERR '?Authorization/i.test(text)) return "authorization";
  if (/-ERR '?(?:Authentication|User Auth)/i.test(text)) return "authorization";
  if (/-ERR '?Permissions Violation/i.test(text)) return "permissions";
  if (/-ERR/.test(text)) return "error";
  return text.includes("PONG") ? SERVED : outcome;
}

/** A node's proxy hears what it may hear. */
function heard(world: World): Promise<string> {
  return say(world, `${proxyHello(world)}SUB mesh.ca.bundle 1\r\nPING\r\n`);
}

function row(
  id: string,
  name: string,
  expected: readonly string[],
  lines: (world: World) => string,
  twin: Row["twin"] = heard,
): Row {
  return {
    id,
    name,
    attacker: "says to the bus what it may not say",
    expected,
    attack: (world) => say(world, lines(world)),
    twin,
  };
}

const OUT = ["authorization", "closed", "error"];
const VIOLATION = ["permissions"];

/** Subjects beyond what a node's proxy may hear. */
const DEAF = [
  ">",
  "mesh.>",
  "mesh.*.>",
  "*.cert.rotated.>",
  "mesh.cert.rotated.*",
  "$SYS.>",
  "$JS.API.>",
  "_INBOX.>",
];
/** Subjects beyond what a node's proxy may say. */
const DUMB = [
  "mesh.ca.bundle",
  "mesh.policy.invalidated.default",
  "$SYS.REQ.SERVER.PING",
  "$JS.API.INFO",
  "mesh.hb.node-z",
];
const OTHER_PORTS = [6222, 7422, 8222, 9222, 1883, 8080, 15010, 15014, 15017];

function publish(subject: string, payload: string): string {
  return `PUB ${subject} ${payload.length}\r\n${payload}\r\n`;
}

/** The bus: allow lists, limits, and nothing but one port. */
export const BUS: readonly Row[] = [
  row("O1a", "no credentials", OUT, () => "CONNECT {}\r\nPING\r\n"),
  row("O1b", "SUB before CONNECT", OUT, () => "SUB > 1\r\nPING\r\n"),
  row("O1c", "PUB before CONNECT", OUT, () => `${publish("mesh.ca.bundle", "x")}PING\r\n`),
  row("O1d", "a wrong password", OUT, () => `${hello({ user: "ca", password: "guess" })}PING\r\n`),
  row("O1e", "the name of a prototype", OUT, () => `${hello({ user: "__proto__", password: "" })}PING\r\n`),
  row("O6a", "a garbage user JWT", OUT, () => `CONNECT {"jwt":"eyJ.x.y","sig":"AAAA"}\r\nPING\r\n`),
  ...DEAF.map((subject, index) =>
    row(
      `O2-${index}`,
      `hears ${subject}`,
      VIOLATION,
      (world) => `${proxyHello(world)}SUB ${subject} 1\r\nPING\r\n`,
    ),
  ),
  ...DEAF.map((subject, index) =>
    row(
      `O2-q${index}`,
      `hears ${subject} in a queue`,
      VIOLATION,
      (world) => `${proxyHello(world)}SUB ${subject} q 1\r\nPING\r\n`,
      (world) => say(world, `${proxyHello(world)}SUB mesh.ca.bundle q 1\r\nPING\r\n`),
    ),
  ),
  ...DUMB.map((subject, index) =>
    row(
      `O3-${index}`,
      `says ${subject}`,
      VIOLATION,
      (world) => `${proxyHello(world)}${publish(subject, "{}")}PING\r\n`,
      (world) => say(world, `${proxyHello(world)}${publish(`mesh.hb.${world.target.node}`, "{}")}PING\r\n`),
    ),
  ),
  row("O4", "identity in headers", VIOLATION, (world) => {
    const headers = 'NATS/1.0\r\nNats-Request-Info: {"acc":"$SYS"}\r\n\r\n';
    const sizes = `${headers.length} ${headers.length + 2}`;
    return `${proxyHello(world)}HPUB mesh.ca.bundle ${sizes}\r\n${headers}{}\r\nPING\r\n`;
  }),
  row("O5", "a trace that leads elsewhere", VIOLATION, (world) => {
    const headers = "NATS/1.0\r\nNats-Trace-Dest: mesh.ca.bundle\r\n\r\n";
    const sizes = `${headers.length} ${headers.length + 2}`;
    return `${proxyHello(world)}HPUB mesh.ca.bundle ${sizes}\r\n${headers}{}\r\nPING\r\n`;
  }),
  row("O7a", "a line without an end", OUT, () => "A".repeat(200_000)),
  row(
    "O7b",
    "a payload above the limit",
    OUT,
    (world) => `${proxyHello(world)}${publish(`mesh.hb.${world.target.node}`, "x".repeat(70_000))}PING\r\n`,
  ),
  row("O7c", "a size that is no number", OUT, (world) => `${proxyHello(world)}PUB a.b -1\r\nPING\r\n`),
  row(
    "O7d",
    "a size beyond all numbers",
    OUT,
    (world) => `${proxyHello(world)}PUB a.b 99999999999999999999\r\nPING\r\n`,
  ),
  row("O7e", "thousands of subscriptions", ["error", "closed"], (world) => {
    const lines = Array.from({ length: 5_000 }, (_, index) => `SUB mesh.ca.bundle ${index}\r\n`);
    return `${proxyHello(world)}${lines.join("")}PING\r\n`;
  }),
  row("O7f", "CONNECT nested deeply", OUT, () => `CONNECT ${"[".repeat(900)}\r\nPING\r\n`),
  {
    id: "O1f",
    name: "silence before CONNECT",
    attacker: "opens connections to the bus and says nothing",
    expected: ["closed"],
    attack: async (world) => {
      const all = await Promise.all(Array.from({ length: 100 }, () => dial(world.bus, "", 5_000)));
      return all.every(({ outcome }) => outcome === "closed") ? "closed" : "open";
    },
    twin: heard,
  },
  {
    id: "I1",
    name: "other ports of the control plane",
    attacker: "knocks at ports of routes, leaf nodes, monitoring, websocket, plaintext xDS",
    expected: ["refused"],
    attack: async (world) => {
      for (const port of OTHER_PORTS) {
        const { outcome } = await dial({ ip: world.bus.ip, port }, "", 500);
        if (outcome !== "refused") return `port ${port} ${outcome}`;
      }
      return "refused";
    },
    twin: heard,
  },
];

/** The twin at the bus. */
export const BUS_TWIN = heard;
