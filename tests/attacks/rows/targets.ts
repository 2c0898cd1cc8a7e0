import { block, connectFrame, END_HEADERS, frame, TYPE } from "../frames.ts";
import type { Row } from "../row.ts";
import { ask, onTunnel, works } from "../tunnel.ts";
import type { World } from "../world.ts";

/** A row that asks for a tunnel to somewhere. */
function to(
  id: string,
  name: string,
  authority: (world: World) => string,
  expected: readonly string[] = ["status 400"],
): Row {
  return {
    id,
    name,
    attacker: "asks the target's proxy for a tunnel to somewhere else",
    expected,
    attack: (world) =>
      onTunnel(world, (client) => {
        client.send(connectFrame(1, authority(world)));
        return client.outcome(1, 12_000);
      }),
    twin: works,
  };
}

/** A row about the head of the request. */
function head(
  id: string,
  name: string,
  fields: (world: World) => readonly (readonly [string, string])[],
  expected: readonly string[],
): Row {
  return {
    id,
    name,
    attacker: "asks for a tunnel with a head that is not right",
    expected,
    attack: (world) =>
      onTunnel(world, (client) => {
        client.send(frame(TYPE.headers, END_HEADERS, 1, block(...fields(world))));
        return client.outcome(1);
      }),
    twin: works,
  };
}

const OWN_PORTS = [15001, 15006, 15008, 15053, 15000, 15020, 15021];
const REFUSED = ["status 400", "status 503", "status 401"];
const NO_NAME = ["status 503", "status 400"];
const MALFORMED = ["status 400", "reset 1", "goaway 1", "goaway 9", "closed"];
const PROTOTYPE = ["__proto__", "constructor", "tostring", "hasownproperty", "valueof"];

/** Where a tunnel may lead: to the pod that was dialled, never to the proxy itself. */
export const TARGETS: readonly Row[] = [
  to("I8a", "another pod", (world) => `${world.other.ip}:8080`),
  to("I8b", "the client's own pod", (world) => `${world.client.ip}:8080`),
  to("I8c", "loopback", () => "127.0.0.1:8080"),
  to("I8d", "loopback of IPv6", () => "[::1]:8080"),
  to("I8e", "any address", () => "0.0.0.0:8080"),
  to("I8f", "the cloud's metadata", () => "169.254.169.254:80"),
  to("I8g", "the control plane", () => "172.30.0.1:15012"),
  to("I8h", "loopback in IPv6 clothes", () => "[::ffff:127.0.0.1]:8080"),
  to("I8i", "a name that leads elsewhere", () => "kubernetes.default.svc.cluster.local:443", REFUSED),
  to("I8j", "an octal address", () => "0177.0.0.1:8080", REFUSED),
  to(
    "I8k",
    "another pod with a user's name before it",
    (world) => `${world.app}@${world.other.ip}:8080`,
    REFUSED,
  ),
  ...OWN_PORTS.map((port) => ({
    ...to(`I7-${port}`, `the proxy's own port ${port}`, (world) => `${world.target.ip}:${port}`, [
      "status 503",
    ]),
    // Where nobody listens for TCP, the proxy tries for ten seconds.
    waits: true,
  })),
  to("I7-lo", "the proxy's own port at loopback", () => "127.0.0.1:15008"),
  to("M5a", "a host that is no name", () => "xn--\xff\xfe\x80:80", NO_NAME),
  to("M5b", "a host of 60,000 letters", () => `${"a".repeat(60_000)}:80`, [
    ...MALFORMED,
    "status 503",
    "goaway 11",
  ]),
  to("M5c", "port 0", (world) => `${world.target.ip}:0`, REFUSED),
  to("M5d", "port 65536", (world) => `${world.target.ip}:65536`),
  to("M5e", "no port", (world) => world.target.ip),
  to("M5f", "a zero byte in the host", () => "10.244.2.2\0:8080", MALFORMED),
  head(
    "D10t",
    "a method that is not CONNECT",
    (world) => [
      [":method", "GET"],
      [":scheme", "https"],
      [":path", "/"],
      [":authority", world.app],
    ],
    MALFORMED,
  ),
  head("D10u", "no authority", () => [[":method", "CONNECT"]], MALFORMED),
  head("D10v", "no method", (world) => [[":authority", world.app]], MALFORMED),
  head(
    "D10w",
    "two authorities",
    (world) => [
      [":method", "CONNECT"],
      [":authority", `${world.other.ip}:8080`],
      [":authority", world.app],
    ],
    MALFORMED,
  ),
  head(
    "D10x",
    "a pseudo field after a field",
    (world) => [
      [":method", "CONNECT"],
      ["baggage", "a=b"],
      [":authority", world.app],
    ],
    MALFORMED,
  ),
  head(
    "D10y",
    "a connection header",
    (world) => [
      [":method", "CONNECT"],
      [":authority", world.app],
      ["connection", "close"],
    ],
    MALFORMED,
  ),
  head(
    "D10z",
    "a pseudo field nobody knows",
    (world) => [
      [":method", "CONNECT"],
      [":authority", world.app],
      [":evil", "1"],
    ],
    MALFORMED,
  ),
  {
    id: "M1",
    name: "names of Object.prototype as fields",
    attacker: "sends fields and baggage named __proto__, constructor, ...; they are names like any other",
    expected: ["served"],
    attack: (world) =>
      onTunnel(world, (client) => {
        const fields = PROTOTYPE.map((name) => [name, "polluted"] as const);
        const baggage = PROTOTYPE.map((name) => `${name}=polluted`).join(",");
        return ask(
          client,
          world,
          1,
          connectFrame(
            1,
            world.app,
            ...fields,
            ["baggage", baggage],
            ["forwarded", `host=__proto__;by=constructor`],
          ),
        );
      }),
    twin: works,
  },
  {
    id: "M3",
    name: "integer-like names",
    attacker: "sends 200 fields whose names are numbers",
    expected: ["served"],
    attack: (world) =>
      onTunnel(world, (client) => {
        const fields = Array.from({ length: 200 }, (_, index) => [String(index * 65_536), "x"] as const);
        return ask(client, world, 1, connectFrame(1, world.app, ...fields));
      }),
    twin: works,
  },
];
