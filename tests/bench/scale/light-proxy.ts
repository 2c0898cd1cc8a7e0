import type { Client, ClientDuplexStream } from "@grpc/grpc-js";
import { aggregatedDiscoveryService, type DeltaRequestProperties } from "@ambit/contract/grpc-services.ts";
import { TYPE_URLS } from "@ambit/contract/type-urls.ts";
import { callMetadata, createGrpcClient } from "@ambit/runtime/grpc-client.ts";
import { formatNodeId } from "@ambit/xds/node-id.ts";
import type { ToProxies } from "./messages.ts";

/** What a proxy says about itself. */
export interface LightProxyEvents {
  readonly onSynced: () => void;
  readonly onMessage: (bytes: number) => void;
  readonly onTermination: () => void;
  /** Names that arrived; called only while `noting()`. */
  readonly onNames: (names: readonly string[]) => void;
  readonly noting: () => boolean;
}

/** Longest wait before a lost stream is opened again. */
const RETRY_MS = 1_000;
const TYPES = [TYPE_URLS.address, TYPE_URLS.authorization];

/**
 * A delta client that acknowledges everything and keeps nothing: it reads type, nonce and, while asked to, the names. Node
 * proxies have machines of their own; here one machine carries all of them and discovery, so that what they would do
 * with the content must not be paid for.
 */
export class LightProxy {
  readonly #order: Extract<ToProxies, { kind: "start" }>;
  readonly #events: LightProxyEvents;
  readonly #missing = new Set<string>(TYPES);
  #client: Client | undefined;
  #stopped = false;

  constructor(order: Extract<ToProxies, { kind: "start" }>, events: LightProxyEvents) {
    this.#order = order;
    this.#events = events;
  }

  start(): void {
    const { xdsAddress, trustPath, tokenPath, index } = this.#order;
    const { path, requestSerialize } = aggregatedDiscoveryService.deltaAggregatedResources;
    const target = { address: xdsAddress, rootCaPath: trustPath, serverName: "discovery.ambit-system.svc" };
    const client = createGrpcClient(target, "one");
    this.#client = client;
    const metadata = callMetadata({ tokenPath, clusterId: "Kubernetes" });
    const stream = client.makeBidiStreamRequest(path, requestSerialize, (bytes: Buffer) => bytes, metadata);
    stream.on("data", (bytes: Buffer) => this.#onResponse(stream, bytes));
    stream.on("error", () => this.#onEnd(client));
    for (const typeUrl of TYPES) stream.write({ typeUrl, node: nodeOf(index) });
  }

  stop(): void {
    this.#stopped = true;
    this.#client?.close();
  }

  #onResponse(stream: ClientDuplexStream<DeltaRequestProperties, Buffer>, bytes: Buffer): void {
    const { typeUrl, nonce, names } = scanResponse(bytes, this.#events.noting());
    this.#events.onMessage(bytes.length);
    if (names.length > 0) this.#events.onNames(names);
    stream.write({ typeUrl, responseNonce: nonce });
    if (this.#missing.delete(typeUrl) && this.#missing.size === 0) this.#events.onSynced();
  }

  #onEnd(client: Client): void {
    if (this.#stopped || client !== this.#client) return;
    this.#events.onTermination();
    client.close();
    setTimeout(() => this.start(), Math.random() * RETRY_MS);
  }
}

function nodeOf(index: number): NonNullable<DeltaRequestProperties["node"]> {
  return {
    id: formatNodeId({
      type: "ztunnel",
      ip: "127.0.0.1",
      name: `ztunnel-${index}`,
      namespace: "ambit-system",
      domain: "ambit-system.svc.cluster.local",
    }),
    metadata: {
      fields: { NAMESPACE: { stringValue: "ambit-system" }, SERVICE_ACCOUNT: { stringValue: "ztunnel" } },
    },
  };
}

/** The parts of an encoded DeltaDiscoveryResponse a light proxy needs; names only when asked for. */
export function scanResponse(
  bytes: Buffer,
  withNames: boolean,
): { readonly typeUrl: string; readonly nonce: string; readonly names: readonly string[] } {
  let typeUrl = "";
  let nonce = "";
  const names: string[] = [];
  for (const [field, start, end] of fields(bytes, 0, bytes.length)) {
    if (field === 4) typeUrl = bytes.toString("latin1", start, end);
    else if (field === 5) nonce = bytes.toString("latin1", start, end);
    else if (field === 2 && withNames) {
      for (const [inner, from, to] of fields(bytes, start, end))
        if (inner === 3) names.push(bytes.toString("latin1", from, to));
    }
  }
  return { typeUrl, nonce, names };
}

/** Number, start and end of each length-delimited field; this protocol has no others. */
function* fields(bytes: Buffer, from: number, to: number): Generator<readonly [number, number, number]> {
  for (let at = from; at < to;) {
    const field = (bytes[at++] ?? 0) >> 3;
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] ?? 0;
      length |= (byte & 127) << shift;
      if (byte < 128) break;
    }
    yield [field, at, at + length];
    at += length;
  }
}
