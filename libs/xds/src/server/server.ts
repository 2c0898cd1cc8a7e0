import { status, type Metadata, type Server, type ServerDuplexStream } from "@grpc/grpc-js";
import type { Clock } from "@ambit/base/clock.ts";
import { describeError } from "@ambit/base/errors.ts";
import type { Logger } from "@ambit/base/logger.ts";
import type { Random } from "@ambit/base/random.ts";
import { aggregatedDiscoveryService, type DeltaRequest } from "@ambit/contract/grpc-services.ts";
import type { Snapshot, SnapshotResource } from "./snapshot.ts";
import { DeltaStream, type StreamReport } from "./stream.ts";
import { Turns } from "./turns.ts";

/** Who is connected, as its credentials prove. */
export interface XdsIdentity {
  readonly namespace: string;
  readonly serviceAccount: string;
  /** Node the credentials are bound to; empty when they are bound to none. */
  readonly node: string;
}

export interface XdsServerOptions {
  /** In the order in which changes are sent: policies before the workloads that name them. */
  readonly snapshots: readonly Snapshot[];
  /** Streams at once, all clients together. @default 10000 */
  readonly maxStreams?: number;
}

export interface XdsServerDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: Random;
  /** Proves who calls; throws when nobody can be proven. */
  readonly authenticate: (metadata: Metadata, certificate: Uint8Array | undefined) => Promise<XdsIdentity>;
  /** What a client of this identity may read of a type; undefined when nothing of it. */
  readonly visibility: (
    identity: XdsIdentity,
    snapshot: Snapshot,
  ) => ((resource: SnapshotResource) => boolean) | undefined;
  /** Called when a response was pushed. */
  readonly onPush?: (typeUrl: string, resources: number, bytes: number) => void;
  readonly onNack?: (typeUrl: string) => void;
}

/** Clients that are given a large first state at a time; more of them would only share the same core, and hold memory. */
const FIRST_STATES = 8;
/** How long the others wait for one of them. */
const FIRST_STATE_MS = 2_000;

/** The delta discovery service: one stream per proxy, the newest wins. */
export class XdsServer {
  readonly #options: XdsServerOptions;
  readonly #deps: XdsServerDeps;
  /** Every open stream, also those that have not said who they are. */
  readonly #open = new Set<DeltaStream>();
  readonly #byKey = new Map<string, DeltaStream>();
  readonly #turns: Turns;
  #accepting = 0;

  constructor(options: XdsServerOptions, deps: XdsServerDeps) {
    this.#turns = new Turns({ atOnce: FIRST_STATES, patienceMs: FIRST_STATE_MS }, deps.clock);
    this.#options = options;
    this.#deps = deps;
  }

  /** Adds the service to a gRPC server. */
  addTo(server: Server): void {
    const method = aggregatedDiscoveryService.deltaAggregatedResources;
    server.addService(
      {
        deltaAggregatedResources: {
          path: method.path,
          requestStream: true,
          responseStream: true,
          requestSerialize: method.requestSerialize as (value: unknown) => Buffer,
          requestDeserialize: method.requestDeserialize,
          // Responses are encoded around shared bytes before they get here.
          responseSerialize: (bytes: Buffer) => bytes,
          responseDeserialize: (bytes: Buffer) => bytes,
        },
      },
      {
        deltaAggregatedResources: (call: ServerDuplexStream<DeltaRequest, Buffer>) => void this.#serve(call),
      },
    );
  }

  /** Every connected proxy and how far it is. */
  connections(): readonly StreamReport[] {
    return [...this.#byKey.values()].map((stream) => stream.report());
  }

  /** Re-reads what every client may see. */
  visibilityChanged(): void {
    for (const stream of this.#open) stream.visibilityChanged();
  }

  async #serve(call: ServerDuplexStream<DeltaRequest, Buffer>): Promise<void> {
    // Requests that arrive while the caller is being authenticated must not be lost.
    call.pause();
    call.on("error", () => undefined);
    if (this.#open.size + this.#accepting >= (this.#options.maxStreams ?? 10_000)) {
      refuse(call, status.RESOURCE_EXHAUSTED, "too many streams");
      return;
    }
    const identity = await this.#identify(call);
    // Who has left meanwhile will not say so again.
    if (identity === undefined || call.cancelled) return;
    const stream = new DeltaStream(call, identity, this.#options.snapshots, {
      ...this.#deps,
      turns: this.#turns,
      onNamed: (named) => this.#take(named),
      onEnd: (ended) => {
        this.#open.delete(ended);
        if (this.#byKey.get(ended.key) === ended) this.#byKey.delete(ended.key);
      },
    });
    this.#open.add(stream);
    stream.begin();
  }

  async #identify(call: ServerDuplexStream<DeltaRequest, Buffer>): Promise<XdsIdentity | undefined> {
    this.#accepting++;
    try {
      return await this.#deps.authenticate(call.metadata, peerCertificate(call));
    } catch (thrown) {
      this.#deps.logger.warn("stream refused", { peer: call.getPeer(), error: describeError(thrown) });
      refuse(call, status.UNAUTHENTICATED, "request authenticate failure");
      return undefined;
    } finally {
      this.#accepting--;
    }
  }

  #take(stream: DeltaStream): void {
    const older = this.#byKey.get(stream.key);
    this.#byKey.set(stream.key, stream);
    // Not a status that clients take for a passing fault: two proxies of one name must not drive each other round.
    older?.end(status.ABORTED, "a newer stream of this proxy took over");
  }
}

function refuse(call: ServerDuplexStream<DeltaRequest, Buffer>, code: status, details: string): void {
  call.emit("error", { code, details });
}

/** DER of the client's certificate, when the TLS session has a verified one. */
function peerCertificate(call: ServerDuplexStream<DeltaRequest, Buffer>): Uint8Array | undefined {
  const context = call.getAuthContext();
  return context.sslPeerCertificate?.raw;
}
