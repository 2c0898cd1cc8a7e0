import { connect } from "node:tls";
import { createServer, type TLSSocket } from "node:tls";
import type { AddressInfo } from "node:net";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type * as x509 from "@peculiar/x509";
import { CaClient } from "@ambit/identity/ca-client.ts";
import { TYPE_URLS } from "@ambit/contract/type-urls.ts";
import type { DeltaRequest } from "@ambit/contract/grpc-services.ts";
import { describeError } from "@ambit/base/errors.ts";
import { openDelta } from "../grpc-call.ts";
import { oddCredentials, PURPOSE, serverCredentials, signerOf, type OddLeaf } from "../odd-certificates.ts";
import type { Credentials, Outcome, Place } from "../raw-client.ts";
import { SERVED, type Row } from "../row.ts";
import { openShaped, type HelloShape } from "../tls-records.ts";
import { ask, on, works } from "../tunnel.ts";
import type { World } from "../world.ts";
import { CONTROL_TWINS } from "./control.ts";

const CLIENT = "spiffe://cluster.local/ns/default/sa/client";
const PROXY = "spiffe://cluster.local/ns/ambit-system/sa/ztunnel";

const uri = (value: string): x509.JsonGeneralName => ({ type: "url", value });

/** `served` when a tunnel comes about with these, else how it was refused. */
function tunnelWith(world: World, credentials: Credentials): Promise<Outcome> {
  return on(world.hbone, { credentials }, (client) => ask(client, world));
}

/** What discovery says to a caller who has nothing but this certificate. */
function discoveryWith(world: World, certificate: Credentials): Promise<Outcome> {
  const node = { id: "sidecar~10.0.0.9~ztunnel-attack.ambit-system~cluster.local" } as DeltaRequest["node"];
  const request = { node, typeUrl: TYPE_URLS.address, resourceNamesSubscribe: ["*"] };
  return openDelta(world, { certificate }, [request as Partial<DeltaRequest>]);
}

/** The same tool makes a certificate that is right: it is the shape that was refused, not the tool. */
async function rightShape(world: World): Promise<Outcome> {
  return tunnelWith(world, await oddCredentials(world, { names: [uri(CLIENT)] }));
}

/** A certificate under the right root whose name is not right, shown to the tunnel port and to discovery. */
function odd(id: string, name: string, leaf: OddLeaf): Row {
  return {
    id,
    name,
    attacker: "shows a certificate under the mesh's root whose names are not what names are",
    expected: ["refused"],
    attack: async (world) => {
      const credentials = await oddCredentials(world, leaf);
      const tunnel = await tunnelWith(world, credentials);
      if (tunnel !== "tls refused" && tunnel !== "closed") return `tunnel ${tunnel}`;
      const stream = await discoveryWith(world, credentials);
      return ["UNAUTHENTICATED", "UNAVAILABLE"].includes(stream) ? "refused" : `discovery ${stream}`;
    },
    twin: rightShape,
  };
}

/** Everything that is nearly a name of the mesh. */
const SHAPES = [
  "spiffe://other.example/ns/default/sa/client",
  "spiffe://cluster.local.evil/ns/default/sa/client",
  "spiffe://evil.cluster.local/ns/default/sa/client",
  "spiffe://Cluster.local/ns/default/sa/client",
  "SPIFFE://cluster.local/ns/default/sa/client",
  "spiffe:/cluster.local/ns/default/sa/client",
  "spiffe:cluster.local/ns/default/sa/client",
  "https://cluster.local/ns/default/sa/client",
  "spiffe://cluster.local/ns/default/sa/client/",
  "spiffe://cluster.local/ns/default/sa/client/x",
  "spiffe://cluster.local//ns/default/sa/client",
  "spiffe://cluster.local/ns//default/sa/client",
  "spiffe://cluster.local/ns/default/sa/",
  "spiffe://cluster.local/ns//sa/client",
  "spiffe://cluster.local/ns/default/sa",
  "spiffe://cluster.local/sa/client/ns/default",
  "spiffe://cluster.local/NS/default/SA/client",
  "spiffe://cluster.local/ns/default/sa/client?x=1",
  "spiffe://cluster.local/ns/default/sa/client#x",
  "spiffe://cluster.local/ns/default/sa/client%00",
  "spiffe://cluster.local/ns/default/sa/cl%69ent",
  "spiffe://cluster.local/ns/default/sa/../sa/client",
  "spiffe://cluster.local/ns/default/sa/..",
  "spiffe://cluster.local/ns/./sa/client",
  "spiffe://user@cluster.local/ns/default/sa/client",
  "spiffe://user:word@cluster.local/ns/default/sa/client",
  "spiffe://cluster.local:443/ns/default/sa/client",
  "spiffe://cluster.local/ns/default/sa/client ",
  " spiffe://cluster.local/ns/default/sa/client",
  "spiffe://cluster.local/ns/default/sa/client\n",
  "spiffe://cluster.local/ns/def\u0000ault/sa/client",
  "spiffe:///ns/default/sa/client",
  `spiffe://cluster.local/ns/default/sa/${"a".repeat(2_100)}`,
];

const HELLOS: readonly (readonly [string, HelloShape])[] = [
  ["no server name", {}],
  ["a server name in capitals", { serverName: "MYAPP.DEFAULT.SVC" }],
  ["a server name with a star", { serverName: "*.default.svc" }],
  ["a hello byte by byte", { serverName: "myapp.default.svc", pieceBytes: 1 }],
];

/** A server of our own where the ca is expected; says what it heard before it was believed. */
async function impostor(
  world: World,
  credentials: Credentials,
  serverName: string,
  rootCaPath = join(world.state, "trust/root-cert.pem"),
): Promise<Outcome> {
  let heard = 0;
  const server = createServer(
    { cert: credentials.chain, key: credentials.key, ALPNProtocols: ["h2"] },
    (socket: TLSSocket) => {
      socket.on("error", () => undefined);
      socket.on("data", (chunk: Buffer) => {
        heard += chunk.length;
      });
    },
  );
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const tokenPath = join(world.scratch, "impostor.jwt");
  writeFileSync(tokenPath, "a.token.of-ours");
  const { port } = server.address() as AddressInfo;
  const ca = new CaClient({
    target: { address: `https://127.0.0.1:${port}`, rootCaPath, serverName },
    tokenPath,
    clusterId: "Kubernetes",
    impersonate: false,
  });
  try {
    await ca.fetch(CLIENT);
    return "believed";
  } catch (thrown) {
    return heard > 0 ? `told ${heard} bytes: ${describeError(thrown)}` : "refused";
  } finally {
    ca.close();
    server.close();
  }
}

function ticket(place: Place, credentials: Credentials | undefined): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({
      host: place.ip,
      port: place.port,
      ALPNProtocols: ["h2"],
      rejectUnauthorized: false,
      ...(credentials === undefined ? {} : { cert: credentials.chain, key: credentials.key }),
    });
    const end = (outcome: string): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(outcome);
    };
    const timer = setTimeout(() => end("no ticket"), 1_000);
    socket.on("session", () => end("a ticket"));
    socket.on("error", (error) => end(`failed ${error.message}`));
    socket.resume();
  });
}

/** Names, roots and purposes of certificates; who believes whom. */
export const IDENTITY: readonly Row[] = [
  odd("F2a", "a server's certificate as a client's", { names: [uri(CLIENT)], purposes: [PURPOSE.server] }),
  odd("F3a", "the name as common name only", { names: [], subject: `CN=${PROXY}` }),
  odd("F3b", "the name as a DNS name", { names: [{ type: "dns", value: CLIENT }] }),
  odd("F3c", "the name as a mail address", { names: [{ type: "email", value: CLIENT }] }),
  odd("F3d", "the name as another name", { names: [{ type: "upn", value: CLIENT }] }),
  odd("F3e", "two names", { names: [uri(CLIENT), uri("spiffe://cluster.local/ns/default/sa/myapp")] }),
  odd("F3f", "a name and one of another kind", { names: [uri("https://x.example/"), uri(CLIENT)] }),
  odd("F3g", "a name hidden in another", {
    names: [uri(`https://x.example/, URI:${CLIENT}`), { type: "dns", value: `x, URI:${CLIENT}` }],
  }),
  odd("F15", "a subject full of names", {
    names: [],
    subject: `CN=client+OU=${PROXY}, O=ambit-system, CN=ztunnel`,
  }),
  {
    id: "F2b",
    name: "an authority's certificate",
    attacker: "shows the certificate of the mesh's own authority as a client's",
    expected: ["tls refused", "closed"],
    attack: async (world) => {
      const { certificate, privateKey } = signerOf(world);
      return tunnelWith(world, { chain: certificate, key: privateKey });
    },
    twin: rightShape,
  },
  {
    id: "F9",
    name: `${SHAPES.length} names that are nearly right`,
    attacker: "shows certificates under the mesh's root whose names are nearly names of the mesh",
    expected: ["refused"],
    attack: async (world) => {
      for (const shape of SHAPES) {
        const credentials = await oddCredentials(world, { names: [uri(shape)] });
        const tunnel = await tunnelWith(world, credentials);
        if (tunnel !== "tls refused" && tunnel !== "closed") return `tunnel ${tunnel} for ${shape}`;
        const stream = await discoveryWith(world, await oddCredentials(world, { names: [uri(shape)] }));
        if (stream === "answered") return `discovery answered ${shape}`;
      }
      return "refused";
    },
    twin: rightShape,
  },
  {
    id: "F4",
    name: "sessions to be resumed",
    attacker: "asks for a ticket that would skip the check of its certificate later",
    expected: ["no ticket"],
    attack: async (world) => {
      const found = await Promise.all([
        ticket(world.hbone, world.member),
        ticket(world.xds, world.member),
        ticket(world.ca, undefined),
      ]);
      return found.find((each) => each !== "no ticket") ?? "no ticket";
    },
    twin: works,
  },
  {
    id: "F1",
    name: "a certificate for many names",
    attacker: "stands where the ca is expected, with names under the right root that are nearly the ca's",
    expected: ["refused"],
    attack: async (world) => {
      const names = [
        "*.svc",
        "*",
        "ca.ambit-system\u3002svc",
        "xca.ambit-system.svc",
        "ca.ambit-system.svc.evil",
      ];
      for (const name of names) {
        const credentials = await serverCredentials(world, [name]);
        const outcome = await impostor(world, credentials, "ca.ambit-system.svc");
        if (outcome !== "refused") return `${outcome} with ${name}`;
      }
      return "refused";
    },
    twin: CONTROL_TWINS.ca,
  },
  {
    id: "F7",
    name: "no trust bundle, and another's",
    attacker: "stands where the ca is expected while the client has no root, an empty one, or a foreign one",
    expected: ["refused"],
    attack: async (world) => {
      const credentials = await serverCredentials(world, ["ca.ambit-system.svc"]);
      const empty = join(world.scratch, "empty.pem");
      const foreign = join(world.scratch, "foreign.pem");
      writeFileSync(empty, "");
      writeFileSync(foreign, world.forged.chain);
      for (const path of [join(world.scratch, "missing.pem"), empty, foreign]) {
        const outcome = await impostor(world, credentials, "ca.ambit-system.svc", path);
        if (outcome !== "refused") return `${outcome} with ${path} (${readFileSync(path).length} bytes)`;
      }
      return "refused";
    },
    twin: CONTROL_TWINS.ca,
  },
  ...HELLOS.map(([name, shape], index): Row => ({
    id: `F8-${index}`,
    name: `no certificate, ${name}`,
    attacker: "hopes that a hello of another shape is not asked for a certificate",
    expected: ["refused"],
    attack: (world) => shaped(world, shape, undefined),
    twin: (world) => shaped(world, shape, world.member),
  })),
  {
    id: "F8-tls12",
    name: "an old version of TLS",
    attacker: "offers TLS 1.2 and nothing newer, with a certificate",
    expected: ["refused"],
    attack: (world) => shaped(world, { maxVersion: "TLSv1.2" }, world.member),
    twin: (world) => shaped(world, { maxVersion: "TLSv1.3" }, world.member),
  },
];

async function shaped(
  world: World,
  shape: HelloShape,
  credentials: Credentials | undefined,
): Promise<Outcome> {
  try {
    const client = await openShaped(world.hbone, shape, credentials);
    try {
      client.greet();
      const outcome = await ask(client, world);
      return outcome === SERVED ? SERVED : "refused";
    } finally {
      client.end();
    }
  } catch {
    return "refused";
  }
}
