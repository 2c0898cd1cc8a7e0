import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  Client,
  credentials,
  Metadata,
  status,
  type ClientDuplexStream,
  type ServiceError,
} from "@grpc/grpc-js";
import { systemClock, type Clock } from "@ambit/base/clock.ts";
import { silentLogger } from "@ambit/base/logger.ts";
import { seededRandom, systemRandom } from "@ambit/base/random.ts";
import {
  aggregatedDiscoveryService,
  type DeltaRequestProperties,
  type DeltaResponse,
} from "@ambit/contract/grpc-services.ts";
import { TYPE_URLS } from "@ambit/contract/type-urls.ts";
import { createLeaf, createRoot, generateKey } from "@ambit/identity/x509.ts";
import { createGrpcServer, listenGrpc } from "@ambit/runtime/grpc-server.ts";
import { ReloadableTls } from "@ambit/runtime/reloadable-tls.ts";
import { DeltaClient, type DeltaClientDeps, type DeltaClientOptions } from "../client/delta-client.ts";
import { Snapshot, type SnapshotResource } from "../server/snapshot.ts";
import { XdsServer, type XdsIdentity } from "../server/server.ts";

const SERVER_NAME = "discovery.ambit-system.svc";

export const NODE = {
  id: "ztunnel~10.0.0.9~ztunnel-x.istio-system~istio-system.svc.cluster.local",
  metadata: {
    fields: { NAMESPACE: { stringValue: "istio-system" }, SERVICE_ACCOUNT: { stringValue: "ztunnel" } },
  },
};

const DAY_MS = 86_400_000;
const VALIDITY = { notBefore: Date.UTC(2020, 0, 1), notAfter: Date.UTC(2020, 0, 1) + 36_500 * DAY_MS };

async function serverTls(): Promise<{ certificateChain: string; privateKey: string; clientRoots: string }> {
  const root = await createRoot("test", "01", VALIDITY);
  const { privateKey, publicKey } = await generateKey();
  const certificateChain = await createLeaf(root, {
    ...VALIDITY,
    publicKey,
    uri: "spiffe://cluster.local/ns/ambit-system/sa/discovery",
    dnsNames: [SERVER_NAME],
    ipAddresses: [],
    serial: "02",
  });
  return { certificateChain, privateKey, clientRoots: root.certificate };
}

export interface RigOptions {
  readonly clock?: Clock;
  readonly mayRead?: (identity: XdsIdentity, resource: SnapshotResource) => boolean;
  readonly maxStreams?: number;
  /** What is served. @default two empty snapshots */
  readonly snapshots?: { readonly addresses: Snapshot; readonly authorizations: Snapshot };
  /** @default 10000 */
  readonly handshakeTimeoutMs?: number;
  /** `host:port`. @default a free port of 127.0.0.1 */
  readonly listen?: string;
}

type Wire = ClientDuplexStream<DeltaRequestProperties, DeltaResponse>;

/** One stream by hand: requests out, responses in the order in which they came, and the status at its end. */
export class RawStream {
  readonly ended: Promise<{ readonly code: status; readonly details: string }>;
  readonly #stream: Wire;
  readonly #arrived: DeltaResponse[] = [];
  readonly #waiting: ((response: DeltaResponse) => void)[] = [];

  constructor(stream: Wire) {
    this.#stream = stream;
    stream.on("data", (response: DeltaResponse) => {
      const waiter = this.#waiting.shift();
      if (waiter === undefined) this.#arrived.push(response);
      else waiter(response);
    });
    this.ended = new Promise((resolve) => {
      stream.on("error", ({ code, details }: ServiceError) => resolve({ code, details }));
      stream.on("end", () => resolve({ code: status.OK, details: "" }));
    });
  }

  send(request: DeltaRequestProperties): void {
    this.#stream.write(request);
  }

  /** The next response; rejects when the stream ends instead. */
  next(): Promise<DeltaResponse> {
    const response = this.#arrived.shift();
    if (response !== undefined) return Promise.resolve(response);
    return new Promise((resolve, reject) => {
      this.#waiting.push(resolve);
      void this.ended.then(({ code, details }) => reject(new Error(`${status[code]}: ${details}`)));
    });
  }

  acknowledge(response: DeltaResponse): void {
    this.send({ typeUrl: response.typeUrl, responseNonce: response.nonce });
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  finish(): void {
    this.#stream.end();
  }

  cancel(): void {
    this.#stream.cancel();
  }
}

/** A discovery server over TLS on loopback, and what clients need to reach it. Tokens are `namespace/account/node`. */
export class XdsRig {
  readonly addresses: Snapshot;
  readonly authorizations: Snapshot;
  readonly folder = mkdtempSync(join(tmpdir(), "ambit-xds-"));
  readonly tokenPath = join(this.folder, "token");
  readonly rootPath = join(this.folder, "root.pem");
  readonly #ends: (() => void)[] = [];
  readonly #options: RigOptions;
  xds!: XdsServer;
  port = 0;
  #stopServer: () => void = () => undefined;

  private constructor(options: RigOptions) {
    this.#options = options;
    this.addresses = options.snapshots?.addresses ?? new Snapshot(TYPE_URLS.address);
    this.authorizations = options.snapshots?.authorizations ?? new Snapshot(TYPE_URLS.authorization);
  }

  static async start(options: RigOptions = {}): Promise<XdsRig> {
    const rig = new XdsRig(options);
    writeFileSync(rig.tokenPath, "istio-system/ztunnel/node-a");
    await rig.serve();
    return rig;
  }

  /** Starts (again, on the port it had) a server with a new root. */
  async serve(): Promise<void> {
    const tls = await serverTls();
    writeFileSync(this.rootPath, tls.clientRoots);
    const server = createGrpcServer();
    this.xds = new XdsServer(
      {
        snapshots: [this.authorizations, this.addresses],
        ...(this.#options.maxStreams === undefined ? {} : { maxStreams: this.#options.maxStreams }),
      },
      {
        clock: this.#options.clock ?? systemClock,
        logger: silentLogger,
        random: systemRandom,
        authenticate: (metadata) => authenticate(metadata),
        visibility: (identity) => {
          const { mayRead } = this.#options;
          if (identity.serviceAccount !== "ztunnel") return undefined;
          return (resource) => mayRead?.(identity, resource) ?? true;
        },
      },
    );
    this.xds.addTo(server);
    const { credentials } = new ReloadableTls(tls, this.#options.handshakeTimeoutMs);
    const { listen = `127.0.0.1:${this.port}` } = this.#options;
    this.port = await listenGrpc(server, listen, credentials);
    this.#stopServer = () => server.forceShutdown();
  }

  stopServer(): void {
    this.#stopServer();
  }

  /** A client as the proxies use it. */
  client(
    options: Pick<DeltaClientOptions, "types"> & Partial<DeltaClientOptions>,
    deps: Partial<DeltaClientDeps> & Pick<DeltaClientDeps, "apply">,
  ): DeltaClient {
    const client = new DeltaClient(
      {
        target: {
          address: `https://127.0.0.1:${this.port}`,
          rootCaPath: this.rootPath,
          serverName: SERVER_NAME,
        },
        tokenPath: this.tokenPath,
        clusterId: "Kubernetes",
        node: NODE,
        ...options,
      },
      {
        clock: systemClock,
        random: seededRandom(1),
        logger: silentLogger,
        onSynced: () => undefined,
        ...deps,
      },
    );
    this.#ends.push(() => client.stop());
    return client;
  }

  /** A bare stream, for requests no client of ours would send. */
  raw(token = "istio-system/ztunnel/node-a"): RawStream {
    const root = credentials.createSsl(readFileSync(this.rootPath));
    const channel = new Client(`127.0.0.1:${this.port}`, root, {
      "grpc.ssl_target_name_override": SERVER_NAME,
      "grpc.default_authority": SERVER_NAME,
      "grpc.use_local_subchannel_pool": 1,
      "grpc.max_receive_message_length": 200 * 1024 * 1024,
    });
    this.#ends.push(() => channel.close());
    const metadata = new Metadata();
    if (token !== "") metadata.set("authorization", `Bearer ${token}`);
    const { path, requestSerialize, responseDeserialize } =
      aggregatedDiscoveryService.deltaAggregatedResources;
    const stream = channel.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadata);
    this.#ends.push(() => stream.cancel());
    return new RawStream(stream);
  }

  stop(): void {
    for (const end of this.#ends.toReversed()) end();
    this.#stopServer();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function authenticate(metadata: Metadata): Promise<XdsIdentity> {
  const [value] = metadata.get("authorization");
  const [namespace, serviceAccount, node] = String(value ?? "")
    .replace("Bearer ", "")
    .split("/");
  if (namespace === undefined || serviceAccount === undefined || node === undefined) {
    return Promise.reject(new Error("no such token"));
  }
  return Promise.resolve({ namespace, serviceAccount, node });
}
