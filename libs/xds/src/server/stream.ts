import { status, type ServerDuplexStream } from "@grpc/grpc-js";
import type { Clock } from "@ambit/base/clock.ts";
import type { Logger } from "@ambit/base/logger.ts";
import type { Random } from "@ambit/base/random.ts";
import type { DeltaRequest } from "@ambit/contract/grpc-services.ts";
import { parseNodeId, stringMetadata } from "../node-id.ts";
import { encodeResponse } from "./response-bytes.ts";
import type { XdsIdentity } from "./server.ts";
import { DeltaSession, type SessionState } from "./session.ts";
import type { Snapshot, SnapshotResource } from "./snapshot.ts";

/** One connected proxy, for status pages. */
export interface StreamReport {
  readonly id: string;
  readonly identity: XdsIdentity;
  readonly cluster: string;
  /** Milliseconds since the epoch. */
  readonly connectedAt: number;
  readonly types: ReadonlyArray<SessionState & { readonly typeUrl: string }>;
}

interface StreamDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: Random;
  readonly visibility: (
    identity: XdsIdentity,
    snapshot: Snapshot,
  ) => ((resource: SnapshotResource) => boolean) | undefined;
  readonly onPush?: (typeUrl: string, resources: number, bytes: number) => void;
  readonly onNack?: (typeUrl: string) => void;
  /** The first request named the proxy. */
  readonly onNamed: (stream: DeltaStream) => void;
  readonly onEnd: (stream: DeltaStream) => void;
}

/** One proxy's stream: several types, one writer, back-pressure from the transport. */
export class DeltaStream {
  readonly #call: ServerDuplexStream<DeltaRequest, Buffer>;
  readonly #identity: XdsIdentity;
  readonly #snapshots: readonly Snapshot[];
  readonly #deps: StreamDeps;
  readonly #sessions = new Map<string, DeltaSession>();
  readonly #unsubscribe: (() => void)[] = [];
  readonly #connectedAt: number;
  #id = "";
  #cluster = "";
  #writable = true;
  #scheduled = false;
  #ended = false;

  constructor(
    call: ServerDuplexStream<DeltaRequest, Buffer>,
    identity: XdsIdentity,
    snapshots: readonly Snapshot[],
    deps: StreamDeps,
  ) {
    this.#call = call;
    this.#identity = identity;
    this.#snapshots = snapshots;
    this.#deps = deps;
    this.#connectedAt = deps.clock.now();
  }

  /** The proxy's own name for itself; empty before its first request. */
  get id(): string {
    return this.#id;
  }

  begin(): void {
    this.#call.on("data", (request: DeltaRequest) => this.#onRequest(request));
    this.#call.on("drain", () => {
      this.#writable = true;
      this.#push();
    });
    for (const event of ["end", "cancelled", "error", "close"] as const)
      this.#call.on(event, () => this.#finish());
    this.#call.resume();
  }

  report(): StreamReport {
    return {
      id: this.#id,
      identity: this.#identity,
      cluster: this.#cluster,
      connectedAt: this.#connectedAt,
      types: [...this.#sessions].map(([typeUrl, session]) => ({ typeUrl, ...session.state })),
    };
  }

  visibilityChanged(): void {
    for (const session of this.#sessions.values()) session.onVisibilityChange();
    this.#schedule();
  }

  /** Ends the stream with a status. */
  end(code: status, details: string): void {
    if (this.#ended) return;
    this.#finish();
    this.#call.emit("error", { code, details });
  }

  #onRequest(request: DeltaRequest): void {
    if (this.#ended) return;
    if (this.#id === "" && !this.#introduce(request)) return;
    let session = this.#sessions.get(request.typeUrl);
    if (session === undefined) {
      session = this.#open(request.typeUrl);
      if (session === undefined) {
        this.end(
          status.PERMISSION_DENIED,
          `type ${request.typeUrl.slice(0, 200)} is not served to this client`,
        );
        return;
      }
    }
    const nacks = session.state.nacks;
    session.onRequest(request);
    if (session.state.nacks > nacks) {
      this.#deps.logger.warn("response rejected", {
        proxy: this.#id,
        type: request.typeUrl,
        reason: session.state.lastNack,
      });
      this.#deps.onNack?.(request.typeUrl);
    }
    // Requests are answered at once, changes at the end of the turn.
    this.#push();
  }

  // The node must be who the credentials say: namespace and account are compared where the proxy states them.
  #introduce(request: DeltaRequest): boolean {
    const { node } = request;
    if (node === null || node === undefined) {
      this.end(status.INVALID_ARGUMENT, "the first request must carry the node");
      return false;
    }
    const parsed = parseNodeId(node.id ?? "");
    if (parsed === undefined) {
      this.end(status.INVALID_ARGUMENT, "the node id is not of the form type~ip~name.namespace~domain");
      return false;
    }
    const metadata = stringMetadata(node);
    const namespace = metadata.get("NAMESPACE") ?? parsed.namespace;
    const account = metadata.get("SERVICE_ACCOUNT") ?? this.#identity.serviceAccount;
    if (namespace !== this.#identity.namespace || account !== this.#identity.serviceAccount) {
      this.end(status.PERMISSION_DENIED, "the node is not who the credentials prove");
      return false;
    }
    this.#id = `${parsed.name}.${parsed.namespace}`;
    this.#cluster = metadata.get("CLUSTER_ID") ?? "";
    this.#deps.onNamed(this);
    return true;
  }

  #open(typeUrl: string): DeltaSession | undefined {
    const snapshot = this.#snapshots.find((candidate) => candidate.typeUrl === typeUrl);
    if (snapshot === undefined) return undefined;
    const mayRead = this.#deps.visibility(this.#identity, snapshot);
    if (mayRead === undefined) return undefined;
    const session = new DeltaSession(snapshot, {
      mayRead,
      newNonce: () => `${snapshot.revision}-${this.#deps.random.uuid()}`,
    });
    this.#sessions.set(typeUrl, session);
    this.#unsubscribe.push(
      snapshot.subscribe((names) => {
        session.onChange(names);
        this.#schedule();
      }),
    );
    return session;
  }

  // Changes of one turn, of all types, leave together.
  #schedule(): void {
    if (this.#scheduled || this.#ended) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#push();
    });
  }

  #push(): void {
    for (const snapshot of this.#snapshots) {
      const session = this.#sessions.get(snapshot.typeUrl);
      if (session === undefined || this.#ended || !this.#writable) continue;
      const response = session.next();
      if (response === undefined) continue;
      const bytes = encodeResponse(response, snapshot.typeUrl, String(snapshot.revision));
      this.#deps.onPush?.(snapshot.typeUrl, response.resources.length, bytes.length);
      this.#writable = this.#call.write(bytes);
    }
  }

  #finish(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#call.end();
    this.#deps.onEnd(this);
  }
}
