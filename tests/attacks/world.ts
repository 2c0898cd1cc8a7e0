import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { systemClock } from "@ambit/base/clock.ts";
import { PORTS } from "@ambit/contract/ports.ts";
import { CaClient } from "@ambit/identity/ca-client.ts";
import { TokenIssuer, type TokenRequest } from "@ambit/identity/token-issuer.ts";
import { createLeaf, createRoot, generateKey } from "@ambit/identity/x509.ts";
import { writeFileAtomic } from "@ambit/base/files.ts";
import type { Credentials, Place } from "./raw-client.ts";

/** The control plane's address inside the sandbox. */
export const CONTROL = "172.30.0.1";

const DAY_MS = 86_400_000;

export interface PodFacts {
  readonly name: string;
  readonly uid: string;
  readonly node: string;
  readonly ip: string;
  readonly serviceAccount: string;
}

export type Minter = Pick<TokenIssuer, "mint">;

/** The running mesh as an attacker inside it finds it, and what it was given. */
export interface World {
  readonly state: string;
  readonly manifests: string;
  /** A server on another node than the one we attack from. */
  readonly target: PodFacts;
  /** Another pod than the target. */
  readonly other: PodFacts;
  readonly client: PodFacts;
  /** The proxy of the target's node. */
  readonly proxy: PodFacts;
  /** Where this row may put files. */
  readonly scratch: string;
  /** HBONE at the target. */
  readonly hbone: Place;
  /** The target's application. */
  readonly app: string;
  readonly xds: Place;
  readonly ca: Place;
  readonly bus: Place;
  /** Certificate of the client's account, from the mesh's own ca. */
  readonly member: Credentials;
  /** A certificate with the client's name from a root of our own. */
  readonly forged: Credentials;
  readonly issuer: Minter;
  /** Another issuer, with a key of its own. */
  readonly rogueIssuer: Minter;
  /** Every token that was made for these rows. */
  readonly minted: readonly string[];
  readonly pods: readonly PodFacts[];
  /** The node we are on, and a free address of its network. */
  readonly ownNode: string;
  readonly ownIp: string;
  /** Address of the target's node. */
  readonly targetNodeIp: string;
}

interface PodObject {
  readonly metadata: { readonly name: string; readonly uid: string; readonly labels?: { app?: string } };
  readonly spec: { readonly nodeName: string; readonly serviceAccountName: string };
  readonly status?: { readonly podIP?: string };
}

/** Looks the mesh of this state directory over and gets what a member of it has. */
export async function openWorld(state: string, manifests: string, scratch: string): Promise<World> {
  const pods = readPods(state);
  const client = pods.find((pod) => pod.serviceAccount === "client");
  const servers = pods.filter((pod) => pod.serviceAccount === "myapp");
  const target = servers.find((pod) => pod.node === "node-b");
  const other = servers.find((pod) => pod !== target);
  const proxy = pods.find((pod) => pod.serviceAccount === "ztunnel" && pod.node === target?.node);
  if (client === undefined || target === undefined || other === undefined || proxy === undefined) {
    throw new Error(`The mesh lacks a pod: ${JSON.stringify(pods)}`);
  }
  const minted: string[] = [];
  const issuer = await openIssuer(join(state, "auth"), minted);
  const rogueIssuer = await openIssuer(join(scratch, "rogue"), minted);
  return {
    state,
    manifests,
    target,
    other,
    client,
    proxy,
    scratch,
    hbone: { ip: target.ip, port: PORTS.hbone },
    app: `${target.ip}:8080`,
    xds: { ip: CONTROL, port: PORTS.xds },
    ca: { ip: CONTROL, port: PORTS.ca },
    bus: { ip: CONTROL, port: PORTS.nats },
    member: await memberOf(state, scratch, issuer, client),
    forged: await forge(`spiffe://cluster.local/ns/default/sa/${client.serviceAccount}`),
    issuer,
    rogueIssuer,
    minted,
    pods,
    ownNode: "node-a",
    ownIp: "172.30.0.77",
    targetNodeIp: "172.30.0.12",
  };
}

/** An issuer that remembers what it has made. */
async function openIssuer(folder: string, minted: string[]): Promise<Minter> {
  const issuer = await TokenIssuer.open(folder, { clock: systemClock });
  return {
    mint: async (request) => {
      const token = await issuer.mint(request);
      minted.push(token);
      return token;
    },
  };
}

/** What a token of this pod says; change what the row is about. */
export function tokenOf(pod: PodFacts, change: Partial<TokenRequest> = {}): TokenRequest {
  return {
    namespace: "default",
    serviceAccount: pod.serviceAccount,
    podName: pod.name,
    podUid: pod.uid,
    node: pod.node,
    audience: "istio-ca",
    lifetimeSeconds: 3_600,
    ...change,
  };
}

/** A certificate for a pod's account with a lifetime of choice, got as the pod would. */
export async function memberOf(
  state: string,
  scratch: string,
  issuer: Minter,
  pod: PodFacts,
  ttlSeconds = 3_600,
): Promise<Credentials> {
  const tokenPath = join(scratch, `${pod.name}.jwt`);
  writeFileAtomic(tokenPath, await issuer.mint(tokenOf(pod)), 0o600);
  const ca = new CaClient({
    target: {
      address: `https://${CONTROL}:${PORTS.ca}`,
      rootCaPath: join(state, "trust/root-cert.pem"),
      serverName: "ca.ambit-system.svc",
    },
    tokenPath,
    clusterId: "Kubernetes",
    ttlSeconds,
    impersonate: false,
  });
  try {
    const identity = `spiffe://cluster.local/ns/default/sa/${pod.serviceAccount}`;
    const { chain, privateKey } = await ca.fetch(identity);
    return { chain, key: privateKey };
  } finally {
    ca.close();
  }
}

/** A certificate with this name that no mesh has given. */
async function forge(uri: string): Promise<Credentials> {
  const now = Date.now();
  const validity = { notBefore: now - DAY_MS, notAfter: now + DAY_MS };
  const root = await createRoot("attacker", "0a", validity);
  const { privateKey, publicKey } = await generateKey();
  const chain = await createLeaf(root, {
    uri,
    publicKey,
    serial: "0b",
    dnsNames: [],
    ipAddresses: [],
    ...validity,
  });
  return { chain: `${chain}${root.certificate}`, key: privateKey };
}

function readPods(state: string): PodFacts[] {
  const folder = join(state, "cluster/pods");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => parse(readFileSync(join(folder, name), "utf8")) as PodObject)
    .map(({ metadata, spec, status }) => ({
      name: metadata.name,
      uid: metadata.uid,
      node: spec.nodeName,
      ip: status?.podIP ?? "",
      serviceAccount: spec.serviceAccountName,
    }));
}
