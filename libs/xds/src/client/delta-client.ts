import {
  connectivityState,
  status,
  type Client,
  type ClientDuplexStream,
  type ServiceError,
} from "@grpc/grpc-js";
import { Backoff } from "@ambit/base/backoff.ts";
import type { Clock, Timer } from "@ambit/base/clock.ts";
import { describeError } from "@ambit/base/errors.ts";
import type { Logger } from "@ambit/base/logger.ts";
import type { Random } from "@ambit/base/random.ts";
import type { envoy } from "@ambit/contract/gen/ambit.js";
import {
  aggregatedDiscoveryService,
  type DeltaRequestProperties,
  type DeltaResponse,
} from "@ambit/contract/grpc-services.ts";
import { callMetadata, createGrpcClient, type GrpcTarget } from "@ambit/runtime/grpc-client.ts";
import { ClientSession, type ClientType, type ReceivedResource, type RejectedResource } from "./protocol.ts";

export interface DeltaClientOptions {
  readonly target: GrpcTarget;
  /** File of the bearer token, read again for every stream. */
  readonly tokenPath?: string;
  readonly clusterId: string;
  readonly headers?: ReadonlyMap<string, string>;
  readonly node: envoy.service.discovery.v3.Node.$Properties;
  readonly types: readonly ClientType[];
}

/** One response, whole: applied in one go. */
export interface DeltaBatch {
  readonly typeUrl: string;
  readonly resources: readonly ReceivedResource[];
  readonly removed: readonly string[];
}

export type StreamEnd = "ConnectionError" | "Error" | "Reconnect" | "Complete";

export interface DeltaClientDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Applies a batch; what it returns is rejected towards the server. */
  readonly apply: (batch: DeltaBatch) => readonly RejectedResource[];
  /** Called once, when each type not on demand has had one accepted response. */
  readonly onSynced: () => void;
  readonly onMessage?: (typeUrl: string, bytes: number) => void;
  readonly onTermination?: (reason: StreamEnd) => void;
}

/** How long a connection may take to come up. */
const CONNECT_MS = 5_000;
/** A stream that lived this long was a good one: the next failure starts from a short delay again. */
const STABLE_MS = 5_000;
/** Least delay after a good stream that was lost in passing (ambient.md 2.2). */
const BENIGN_RETRY_MS = 10;
/** Added to it by chance, so that the proxies of a server that goes do not reach the next one in the same moment. */
const BENIGN_SPREAD_MS = 250;

type Stream = ClientDuplexStream<DeltaRequestProperties, DeltaResponse>;

/** A delta stream that is opened again whenever it ends, keeping what it holds. */
export class DeltaClient {
  readonly #options: DeltaClientOptions;
  readonly #deps: DeltaClientDeps;
  readonly #sessions: ReadonlyMap<string, ClientSession>;
  readonly #backoff: Backoff;
  #client: Client | undefined;
  #stream: Stream | undefined;
  #timer: Timer | undefined;
  #openedAt = 0;
  #synced = false;
  #stopped = false;
  #heard = false;

  constructor(options: DeltaClientOptions, deps: DeltaClientDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#sessions = new Map(options.types.map((type) => [type.typeUrl, new ClientSession(type)]));
    this.#backoff = new Backoff({ initialMs: 10, maxMs: 15_000, jitter: 0.2 }, deps.random);
  }

  get connected(): boolean {
    return this.#heard && this.#stream !== undefined;
  }

  start(): void {
    this.#connect();
  }

  /** Opens the stream at once when it is waiting for its next try; harmless otherwise. */
  hurry(): void {
    if (this.#stream !== undefined || this.#timer === undefined) return;
    this.#timer.cancel();
    this.#connect();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#stream?.cancel();
    this.#stream = undefined;
    this.#client?.close();
  }

  /**
   * Asks for one key of an on-demand type; resolves when the answer, whatever it is, has been applied. There is no
   * timeout: while discovery is away the question stays open and is asked again. Of a type that comes in full there is
   * nothing to ask.
   */
  subscribe(typeUrl: string, key: string): Promise<void> {
    const session = this.#sessions.get(typeUrl);
    if (session?.type.onDemand !== true) return Promise.resolve();
    const { request, answered } = session.subscribe(key);
    this.#stream?.write(request);
    return answered;
  }

  #connect(): void {
    if (this.#stopped) return;
    this.#heard = false;
    this.#openedAt = this.#deps.clock.monotonic();
    try {
      this.#client?.close();
      // A new channel each time: the trust bundle is read again, and so is the token.
      this.#client = createGrpcClient(this.#options.target, "one");
      this.#open(this.#client);
    } catch (thrown) {
      this.#retry(describeError(thrown), "ConnectionError", this.#backoff.next());
    }
  }

  #open(client: Client): void {
    const { path, requestSerialize, responseDeserialize } =
      aggregatedDiscoveryService.deltaAggregatedResources;
    const decode = (bytes: Buffer): DeltaResponse => {
      const response = responseDeserialize(bytes);
      this.#deps.onMessage?.(response.typeUrl, bytes.length);
      return response;
    };
    const metadata = callMetadata(this.#options);
    const stream = client.makeBidiStreamRequest(path, requestSerialize, decode, metadata);
    this.#stream = stream;
    stream.on("data", (response: DeltaResponse) => this.#onResponse(stream, response));
    stream.on("error", (error: ServiceError) => this.#onEnd(stream, error));
    stream.on("end", () => this.#onEnd(stream, undefined));
    for (const session of this.#sessions.values()) stream.write(session.initialRequest(this.#options.node));
    this.#timer = this.#deps.clock.after(CONNECT_MS, () => {
      const state = client.getChannel().getConnectivityState(false);
      if (this.#stream === stream && state !== connectivityState.READY) stream.cancel();
    });
  }

  #onResponse(stream: Stream, response: DeltaResponse): void {
    if (stream !== this.#stream) return;
    this.#heard = true;
    const session = this.#sessions.get(response.typeUrl);
    if (session === undefined) {
      this.#deps.logger.warn("response of an unknown type", { type: response.typeUrl });
      stream.write({ typeUrl: response.typeUrl, responseNonce: response.nonce });
      return;
    }
    const answer = session.onResponse(response, (resources, removed) =>
      this.#deps.apply({ typeUrl: response.typeUrl, resources, removed }),
    );
    if (answer.errorDetail !== undefined) {
      this.#deps.logger.warn("resources rejected", {
        type: response.typeUrl,
        reason: answer.errorDetail?.message,
      });
    }
    stream.write(answer);
    if (!this.#synced && [...this.#sessions.values()].every((candidate) => candidate.synced)) {
      this.#synced = true;
      this.#deps.onSynced();
    }
  }

  #onEnd(stream: Stream, error: ServiceError | undefined): void {
    if (stream !== this.#stream || this.#stopped) return;
    this.#stream = undefined;
    this.#timer?.cancel();
    // A server that takes streams and drops them must not be asked at full speed.
    const stable = this.#heard && this.#deps.clock.monotonic() - this.#openedAt >= STABLE_MS;
    if (stable) this.#backoff.reset();
    if (error === undefined) {
      this.#retry("the server ended the stream", "Complete", this.#nextDelay(stable));
      return;
    }
    // A stream that worked and was lost in passing is opened again soon; everything else backs off.
    const benign = this.#heard && isBenign(error);
    const reason = benign ? "Reconnect" : this.#heard ? "Error" : "ConnectionError";
    const delayMs = this.#nextDelay(benign && stable);
    this.#retry(`${status[error.code]}: ${error.details}`, reason, delayMs);
  }

  #nextDelay(good: boolean): number {
    if (!good) return this.#backoff.next();
    return BENIGN_RETRY_MS + this.#deps.random.next() * BENIGN_SPREAD_MS;
  }

  #retry(why: string, reason: StreamEnd, delayMs: number): void {
    this.#deps.onTermination?.(reason);
    this.#deps.logger.info("discovery stream ended", { reason: why, retryMs: Math.round(delayMs) });
    this.#timer = this.#deps.clock.after(delayMs, () => this.#connect());
  }
}

function isBenign(error: ServiceError): boolean {
  if ([status.UNKNOWN, status.CANCELLED, status.DEADLINE_EXCEEDED].includes(error.code)) return true;
  return error.code === status.UNAVAILABLE;
}
