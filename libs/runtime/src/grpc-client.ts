import { readFileSync } from "node:fs";
import { Client, credentials, Metadata, type ChannelCredentials } from "@grpc/grpc-js";
import { AmbitError } from "@ambit/base/errors.ts";

export interface GrpcTarget {
  /** `https://host:port`. */
  readonly address: string;
  /** Path of the trust bundle; read again for every new channel. */
  readonly rootCaPath: string;
  /** A further accepted server name, used instead of the host. */
  readonly serverName?: string;
  /** PEM texts of a client certificate, when one is presented. */
  readonly clientCertificate?: { readonly chain: string; readonly key: string };
}

/**
 * How a client uses several replicas behind one name. `each`: short calls, in turn, at those that can be reached. `one`: a
 * long stream at one of them, by chance, and at another when that one cannot be reached.
 */
export type ReplicaUse = "each" | "one";

const SERVICE_CONFIG: Readonly<Record<ReplicaUse, unknown>> = {
  each: { loadBalancingConfig: [{ round_robin: {} }] },
  one: { loadBalancingConfig: [{ pick_first: { shuffleAddressList: true } }] },
};

/** A name is asked for again at the earliest after this, when a connection is lost: a replaced replica has a new address. */
const RESOLVE_AGAIN_MS = 5_000;

/** Largest message a client takes, as the field's proxies do. */
const MAX_RECEIVE_BYTES = 200 * 1024 * 1024;

/** A channel with TLS 1.3, HTTP/2 ping every 30 s (timeout 10 s). Throws an AmbitError when address or root are unusable. */
export function createGrpcClient(target: GrpcTarget, use: ReplicaUse): Client {
  const url = parseAddress(target.address);
  let roots: Buffer;
  try {
    roots = readFileSync(target.rootCaPath);
  } catch (cause) {
    throw new AmbitError("no-root-ca", `Cannot read the trust bundle ${target.rootCaPath}`, {
      cause,
      hint: "the ca writes it when it starts",
    });
  }
  return new Client(url, channelCredentials(roots, target.clientCertificate), {
    "grpc.keepalive_time_ms": 30_000,
    "grpc.keepalive_timeout_ms": 10_000,
    "grpc.keepalive_permit_without_calls": 1,
    "grpc.max_receive_message_length": MAX_RECEIVE_BYTES,
    "grpc.max_send_message_length": MAX_RECEIVE_BYTES,
    "grpc.initial_reconnect_backoff_ms": 100,
    "grpc.max_reconnect_backoff_ms": 5_000,
    "grpc.enable_http_proxy": 0,
    "grpc.service_config": JSON.stringify(SERVICE_CONFIG[use]),
    // Whoever answers for names must not say how calls are made.
    "grpc.service_config_disable_resolution": 1,
    "grpc.dns_min_time_between_resolutions_ms": RESOLVE_AGAIN_MS,
    ...(target.serverName === undefined
      ? {}
      : { "grpc.ssl_target_name_override": target.serverName, "grpc.default_authority": target.serverName }),
  });
}

function channelCredentials(roots: Buffer, client: GrpcTarget["clientCertificate"]): ChannelCredentials {
  return client === undefined
    ? credentials.createSsl(roots)
    : credentials.createSsl(roots, Buffer.from(client.key), Buffer.from(client.chain));
}

function parseAddress(address: string): string {
  let url: URL;
  try {
    url = new URL(address);
  } catch (cause) {
    throw new AmbitError("bad-address", `"${address}" is no address of the form https://host:port`, {
      cause,
    });
  }
  if (url.protocol !== "https:") {
    throw new AmbitError("bad-address", `"${address}": only https is spoken between the mesh's parts`);
  }
  return `${url.hostname}:${url.port === "" ? "443" : url.port}`;
}

/** Call metadata with a bearer token read from `tokenPath` now, and the cluster id. */
export function callMetadata(options: {
  readonly tokenPath?: string;
  readonly clusterId?: string;
  readonly headers?: ReadonlyMap<string, string>;
}): Metadata {
  const metadata = new Metadata();
  if (options.tokenPath !== undefined) {
    metadata.set("authorization", `Bearer ${readFileSync(options.tokenPath, "utf8").trim()}`);
  }
  if (options.clusterId !== undefined) metadata.set("clusterid", options.clusterId);
  for (const [name, value] of options.headers ?? []) metadata.set(name.toLowerCase(), value);
  return metadata;
}
