import { createCsr } from "@ambit/identity/csr.ts";
import { uriSans } from "@ambit/identity/alternative-names.ts";
import { readCertificate } from "@ambit/identity/x509.ts";
import { TYPE_URLS } from "@ambit/contract/type-urls.ts";
import type { DeltaRequest } from "@ambit/contract/grpc-services.ts";
import { callRaw, openDelta, requestCertificate, type Caller, type CsrRequest } from "../grpc-call.ts";
import { SERVED, type Row } from "../row.ts";
import { tokenOf, type World } from "../world.ts";

const CLIENT = "spiffe://cluster.local/ns/default/sa/client";
const SERVER = "spiffe://cluster.local/ns/default/sa/myapp";
const TEN_YEARS_SECONDS = 315_360_000;

async function ownToken(world: World): Promise<string> {
  return world.issuer.mint(tokenOf(world.client));
}

function proxyToken(world: World, change: Partial<ReturnType<typeof tokenOf>> = {}): Promise<string> {
  return world.issuer.mint(tokenOf(world.proxy, { namespace: "ambit-system", ...change }));
}

/** The twin of every row about certificates: a pod's own one. */
async function ownCertificate(world: World): Promise<string> {
  const { csr } = await createCsr(CLIENT);
  const answer = await requestCertificate(world, { token: await ownToken(world) }, { csr });
  return typeof answer === "string" ? answer : SERVED;
}

/** The twin of the rows about a node's proxy: a workload of its own node. */
async function workloadOfNode(world: World): Promise<string> {
  const { csr } = await createCsr(SERVER);
  const answer = await requestCertificate(
    world,
    { token: await proxyToken(world) },
    { csr, identity: SERVER },
  );
  return typeof answer === "string" ? answer : SERVED;
}

/** A call to the ca that must not give a certificate. */
function certificate(
  id: string,
  name: string,
  expected: readonly string[],
  prepare: (world: World) => Promise<{ readonly caller: Caller; readonly request?: Partial<CsrRequest> }>,
  twin: Row["twin"] = ownCertificate,
): Row {
  return {
    id,
    name,
    attacker: "asks the ca for a certificate it may not have",
    expected,
    attack: async (world) => {
      const { caller, request } = await prepare(world);
      const { csr } = await createCsr(request?.identity ?? CLIENT).catch(() => createCsr(CLIENT));
      const answer = await requestCertificate(world, caller, { csr, ...request });
      return typeof answer === "string"
        ? answer
        : `issued ${uriSans(readCertificate(answer[0] ?? "")).join()}`;
    },
    twin,
  };
}

const NOBODY = ["UNAUTHENTICATED"];

function unsigned(token: string): string {
  const [, body = ""] = token.split(".");
  const head = Buffer.from(JSON.stringify({ alg: "none" })).toString("base64url");
  return `${head}.${body}.`;
}

/** Who gets which certificate (port 15013). */
const CERTIFICATES: readonly Row[] = [
  certificate("H4", "no token, from the ca's own network", NOBODY, async () => ({ caller: {} })),
  certificate("H5a", "a token that is none", NOBODY, async () => ({ caller: { token: "x.y.z" } })),
  certificate("I5", "an unsigned token", NOBODY, async (world) => ({
    caller: { token: unsigned(await ownToken(world)) },
  })),
  certificate("H5b", "a token of another issuer", NOBODY, async (world) => ({
    caller: { token: await world.rogueIssuer.mint(tokenOf(world.client)) },
  })),
  certificate("H5c", "an expired token", NOBODY, async (world) => ({
    caller: { token: await world.issuer.mint(tokenOf(world.client, { lifetimeSeconds: -600 })) },
  })),
  certificate("H5d", "a token for another audience", NOBODY, async (world) => ({
    caller: { token: await world.issuer.mint(tokenOf(world.client, { audience: "api" })) },
  })),
  certificate("H5e", "a forged client certificate", [...NOBODY, "UNAVAILABLE"], async (world) => ({
    caller: { certificate: world.forged },
  })),
  certificate("H6a", "a workload that names another", NOBODY, async (world) => ({
    caller: { token: await ownToken(world) },
    request: { identity: SERVER },
  })),
  certificate(
    "H6b",
    "a node's proxy that names a workload of no node",
    NOBODY,
    async (world) => ({
      caller: { token: await proxyToken(world) },
      request: { identity: "spiffe://cluster.local/ns/default/sa/nobody" },
    }),
    workloadOfNode,
  ),
  certificate(
    "H6c",
    "a node's proxy that names the ca",
    NOBODY,
    async (world) => ({
      caller: { token: await proxyToken(world) },
      request: { identity: "spiffe://cluster.local/ns/ambit-system/sa/ca" },
    }),
    workloadOfNode,
  ),
  certificate(
    "H6d",
    "a proxy's token whose pod has another uid",
    NOBODY,
    async (world) => ({
      caller: { token: await proxyToken(world, { podUid: "stale" }) },
      request: { identity: SERVER },
    }),
    workloadOfNode,
  ),
  certificate(
    "H6e",
    "a proxy's token with another node",
    NOBODY,
    async (world) => ({
      caller: { token: await proxyToken(world, { node: "node-z" }) },
      request: { identity: SERVER },
    }),
    workloadOfNode,
  ),
  certificate(
    "H6f",
    "an identity that is no SPIFFE id of the mesh",
    NOBODY,
    async (world) => ({
      caller: { token: await proxyToken(world) },
      request: { identity: "spiffe://cluster.local/ns/default/sa/../sa/myapp" },
    }),
    workloadOfNode,
  ),
  certificate(
    "H6g",
    "another trust domain",
    NOBODY,
    async (world) => ({
      caller: { token: await proxyToken(world) },
      request: { identity: "spiffe://evil.example/ns/default/sa/myapp" },
    }),
    workloadOfNode,
  ),
  {
    ...certificate(
      "H6h",
      "a request that names somebody else inside",
      [`issued ${CLIENT}`],
      async (world) => {
        const { csr } = await createCsr("spiffe://cluster.local/ns/ambit-system/sa/ca");
        return { caller: { token: await ownToken(world) }, request: { csr } };
      },
    ),
    attacker: "hides another name in the request; only the caller's own name is given",
  },
  certificate("H6i", "a lifetime of ten years", ["INVALID_ARGUMENT"], async (world) => ({
    caller: { token: await ownToken(world) },
    request: { ttlSeconds: TEN_YEARS_SECONDS },
  })),
  certificate("H1a", "a request of 3 MiB", ["INVALID_ARGUMENT", "RESOURCE_EXHAUSTED"], async (world) => ({
    caller: { token: await ownToken(world) },
    request: { csr: "A".repeat(3 * 1024 * 1024) },
  })),
  certificate("H1b", "a request that is no request", ["INVALID_ARGUMENT"], async (world) => ({
    caller: { token: await ownToken(world) },
    request: {
      csr: `-----BEGIN CERTIFICATE REQUEST-----\n${"MIIB".repeat(500)}\n-----END CERTIFICATE REQUEST-----\n`,
    },
  })),
  certificate("H1c", "a message above the limit", ["RESOURCE_EXHAUSTED"], async (world) => ({
    caller: { token: await ownToken(world) },
    request: { csr: "A".repeat(6 * 1024 * 1024) },
  })),
];

function nodeOf(name: string, namespace = "ambit-system"): DeltaRequest["node"] {
  return { id: `sidecar~10.0.0.9~${name}.${namespace}~cluster.local` } as DeltaRequest["node"];
}

/** A node proxy of another name than the real one, so that nobody is pushed off. */
function askFor(typeUrl: string, node = nodeOf("ztunnel-attack")): Partial<DeltaRequest> {
  return { node, typeUrl, resourceNamesSubscribe: ["*"] } as Partial<DeltaRequest>;
}

async function ownWorkloads(world: World): Promise<string> {
  const answer = await openDelta(world, { token: await proxyToken(world) }, [askFor(TYPE_URLS.address)]);
  return answer === "answered" ? SERVED : answer;
}

function stream(
  id: string,
  name: string,
  expected: readonly string[],
  prepare: (
    world: World,
  ) => Promise<{ readonly caller: Caller; readonly requests: readonly Partial<DeltaRequest>[] }>,
): Row {
  return {
    id,
    name,
    attacker: "asks discovery for what it may not read",
    expected,
    attack: async (world) => {
      const { caller, requests } = await prepare(world);
      return openDelta(world, caller, requests);
    },
    twin: ownWorkloads,
  };
}

const FORBIDDEN = ["PERMISSION_DENIED"];
const ADDRESSES = [askFor(TYPE_URLS.address)];
const SECRET = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret";

/** Who reads what (port 15012). */
const STREAMS: readonly Row[] = [
  stream("H5f", "no token", NOBODY, async () => ({ caller: {}, requests: ADDRESSES })),
  stream("H5g", "a token of another issuer", NOBODY, async (world) => ({
    caller: { token: await world.rogueIssuer.mint(tokenOf(world.proxy, { namespace: "ambit-system" })) },
    requests: ADDRESSES,
  })),
  stream("H8", "a workload's certificate", FORBIDDEN, async (world) => ({
    caller: { certificate: world.member },
    requests: [askFor(TYPE_URLS.address, nodeOf("client", "default"))],
  })),
  stream("H8b", "a workload's token", FORBIDDEN, async (world) => ({
    caller: { token: await ownToken(world) },
    requests: [askFor(TYPE_URLS.address, nodeOf("client", "default"))],
  })),
  stream("H8c", "a workload that says it is a node's proxy", FORBIDDEN, async (world) => ({
    caller: { token: await ownToken(world) },
    requests: ADDRESSES,
  })),
  stream("H3", "another's TLS keys", FORBIDDEN, async (world) => ({
    caller: { token: await proxyToken(world) },
    requests: [askFor(SECRET)],
  })),
  stream("H12", "a type nobody serves", FORBIDDEN, async (world) => ({
    caller: { token: await proxyToken(world) },
    requests: [askFor("__proto__")],
  })),
  stream("H1d", "no node in the first request", ["INVALID_ARGUMENT"], async (world) => ({
    caller: { token: await proxyToken(world) },
    requests: [{ typeUrl: TYPE_URLS.address } as Partial<DeltaRequest>],
  })),
  stream("M1b", "a node named __proto__", ["INVALID_ARGUMENT", ...FORBIDDEN], async (world) => ({
    caller: { token: await proxyToken(world) },
    requests: [
      askFor(TYPE_URLS.address, { id: "__proto__~10.0.0.9~__proto__.constructor~x" } as DeltaRequest["node"]),
    ],
  })),
];

const OTHER_METHODS = [
  "/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources",
  "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
  "/grpc.health.v1.Health/Check",
  "/envoy.service.status.v3.ClientStatusDiscoveryService/FetchClientStatus",
  "/istio.v1.auth.IstioCertificateService/constructor",
];

/** Methods that are not there, at both ports. */
const METHODS: readonly Row[] = OTHER_METHODS.flatMap((path, index) =>
  (["xds", "ca"] as const).map((port) => ({
    id: `H5-${port}-${index}`,
    name: `${path.slice(path.lastIndexOf("/") + 1)} at the ${port} port`,
    attacker: "calls a method that others serve, without credentials",
    expected: ["UNIMPLEMENTED", "UNAUTHENTICATED"],
    attack: (world: World) => callRaw(world, world[port], path, Buffer.alloc(0), {}),
    twin: port === "xds" ? ownWorkloads : ownCertificate,
  })),
);

export const CONTROL_ROWS: readonly Row[] = [...CERTIFICATES, ...STREAMS, ...METHODS];

/** The twin at each port of the control plane. */
export const CONTROL_TWINS = { xds: ownWorkloads, ca: ownCertificate } as const;
