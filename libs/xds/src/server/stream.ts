import { status, type ServerDuplexStream } from "@grpc/grpc-js";
import type { Clock, Timer } from "@ambit/base/clock.ts";
import type { Logger } from "@ambit/base/logger.ts";
import type { Random } from "@ambit/base/random.ts";
import type { DeltaRequest } from "@ambit/contract/grpc-services.ts";
import { parseNodeId, stringMetadata } from "../node-id.ts";
import { PushOrder } from "./push-order.ts";
import { encodeResponse } from "./response-bytes.ts";
import type { XdsIdentity } from "./server.ts";
import type { DeltaSession, SessionState } from "./session.ts";
import { nodeKey, type Snapshot, type SnapshotResource } from "./snapshot.ts";
import type { Turns } from "./turns.ts";

/** One connected proxy, for status pages. */
export interface StreamReport {
  readonly id: string;
  readonly identity: XdsIdentity;
  readonly cluster: string;
  /** Milliseconds since the epoch. */
  readonly connectedAt: number;
  readonly types: ReadonlyArray<SessionState & { readonly typeUrl: string }>;
}

export interface StreamDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: Random;
  readonly visibility: (
    identity: XdsIdentity,
    snapshot: Snapshot,
  ) => ((resource: SnapshotResource) => boolean) | undefined;
  /** Large first states are given to a few clients at a time. */
  readonly turns: Turns;
  readonly onPush?: (typeUrl: string, resources: number, bytes: number) => void;
  readonly onNack?: (typeUrl: string) => void;
  /** The first request named the proxy. */
  readonly onNamed: (stream: DeltaStream) => void;
  readonly onEnd: (stream: DeltaStream) => void;
}

/** How long a stream may stay without its first request. */
const FIRST_REQUEST_MS = 10_000;
/** How long a node proxy that has asked for one type may take to ask for the other before it is answered anyway. */
const ALL_TYPES_MS = 1_000;

/** One proxy's stream: several types, one writer, back-pressure from the transport. */
export class DeltaStream {
  readonly #call: ServerDuplexStream<DeltaRequest, Buffer>;
  readonly #identity: XdsIdentity;
  readonly #snapshots: readonly Snapshot[];
  readonly #deps: StreamDeps;
  readonly #unsubscribe: (() => void)[] = [];
  readonly #connectedAt: number;
  #order: PushOrder | undefined;
  #firstRequest: Timer | undefined;
  #patience: Timer | undefined;
  #id = "";
  #cluster = "";
  #writable = true;
  #scheduled = false;
  #ended = false;
  #turn: "none" | "waiting" | "held" | "over" = "none";

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

  /**
   * Key among streams: the name the proxy gives itself, within the node its credentials prove, so that no credential can
   * push the proxy of another node off. Empty before the first request.
   */
  get key(): string {
    const { namespace, serviceAccount, node } = this.#identity;
    return this.#id === "" ? "" : `${namespace}/${serviceAccount}/${node}/${this.#id}`;
  }

  begin(): void {
    this.#firstRequest = this.#deps.clock.after(
      FIRST_REQUEST_MS,
      () => this.end(status.DEADLINE_EXCEEDED, "no request came"),
      true,
    );
    this.#call.on("data", (request: DeltaRequest) => this.#onRequest(request));
    this.#call.on("drain", () => {
      this.#writable = true;
      this.#push();
    });
    this.#call.on("end", () => {
      if (this.#finish()) this.#call.end();
    });
    for (const event of ["cancelled", "error", "close"] as const) this.#call.on(event, () => this.#finish());
    this.#call.resume();
  }

  report(): StreamReport {
    const types = [...(this.#order?.entries() ?? [])];
    return {
      id: this.#id,
      identity: this.#identity,
      cluster: this.#cluster,
      connectedAt: this.#connectedAt,
      types: types.map(([{ typeUrl }, session]) => ({ typeUrl, ...session.state })),
    };
  }

  visibilityChanged(): void {
    for (const [, session] of this.#order?.entries() ?? []) session.onVisibilityChange();
    this.#schedule();
  }

  /** Ends the stream with a status. */
  end(code: status, details: string): void {
    if (this.#finish()) this.#call.emit("error", { code, details });
  }

  #onRequest(request: DeltaRequest): void {
    if (this.#ended) return;
    const order = this.#order ?? this.#introduce(request);
    if (order === undefined) return;
    const session = order.session(request.typeUrl) ?? this.#open(order, request.typeUrl);
    if (session === undefined) {
      const type = request.typeUrl.slice(0, 200);
      this.end(status.PERMISSION_DENIED, `type ${type} is not served to this client`);
      return;
    }
    const { nacks } = session.state;
    const refusal = session.onRequest(request);
    if (refusal !== undefined) {
      this.end(status.RESOURCE_EXHAUSTED, refusal);
      return;
    }
    if (session.state.nacks > nacks) this.#noteNack(request.typeUrl, session.state.lastNack);
    // Requests are answered at once, changes at the end of the turn.
    this.#push();
  }

  #noteNack(typeUrl: string, reason: string): void {
    this.#deps.logger.warn("response rejected", { proxy: this.#id, type: typeUrl, reason });
    this.#deps.onNack?.(typeUrl);
  }

  // The node must be who the credentials say: namespace and account are compared where the proxy states them.
  #introduce(request: DeltaRequest): PushOrder | undefined {
    const { node } = request;
    if (node === null || node === undefined) {
      this.end(status.INVALID_ARGUMENT, "the first request must carry the node");
      return undefined;
    }
    const parsed = parseNodeId(node.id ?? "");
    if (parsed === undefined) {
      this.end(status.INVALID_ARGUMENT, "the node id is not of the form type~ip~name.namespace~domain");
      return undefined;
    }
    const metadata = stringMetadata(node);
    const namespace = metadata.get("NAMESPACE") ?? parsed.namespace;
    const account = metadata.get("SERVICE_ACCOUNT") ?? this.#identity.serviceAccount;
    if (namespace !== this.#identity.namespace || account !== this.#identity.serviceAccount) {
      this.end(status.PERMISSION_DENIED, "the node is not who the credentials prove");
      return undefined;
    }
    this.#firstRequest?.cancel();
    this.#id = `${parsed.name}.${parsed.namespace}`;
    this.#cluster = metadata.get("CLUSTER_ID") ?? "";
    // Node proxies ask for every type, waypoints do not.
    this.#order = new PushOrder(this.#snapshots, { expectAll: parsed.type === "ztunnel" });
    this.#deps.onNamed(this);
    return this.#order;
  }

  #open(order: PushOrder, typeUrl: string): DeltaSession | undefined {
    const snapshot = this.#snapshots.find((candidate) => candidate.typeUrl === typeUrl);
    if (snapshot === undefined) return undefined;
    const mayRead = this.#deps.visibility(this.#identity, snapshot);
    if (mayRead === undefined) return undefined;
    const { node } = this.#identity;
    const session = order.open(snapshot, {
      mayRead,
      newNonce: () => `${snapshot.revision}-${this.#deps.random.uuid()}`,
      implied: node === "" ? [] : [nodeKey(node)],
    });
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
    if (!this.#mayFill()) return;
    while (!this.#ended && this.#writable) {
      const next = this.#order?.next();
      if (next === undefined) break;
      const { typeUrl, revision } = next.snapshot;
      const bytes = encodeResponse(next.response, typeUrl, String(revision));
      this.#deps.onPush?.(typeUrl, next.response.resources.length, bytes.length);
      this.#writable = this.#call.write(bytes);
    }
    this.#stopExpectingLater();
  }

  // A client that waits its turn has nothing yet, so that nothing it holds can be out of date.
  #mayFill(): boolean {
    if (this.#turn === "over" || this.#ended || this.#order === undefined) return true;
    if (!this.#order.filling) {
      // Complete, or small: from here on its changes concern nobody else.
      if (this.#turn !== "none") this.#endTurn();
      return true;
    }
    if (this.#turn === "none") {
      this.#turn = "waiting";
      const mine = this.#deps.turns.take(this, () => {
        this.#turn = "held";
        this.#push();
      });
      if (mine) this.#turn = "held";
    }
    return this.#turn === "held";
  }

  #endTurn(): void {
    this.#turn = "over";
    this.#deps.turns.release(this);
  }

  #stopExpectingLater(): void {
    if (this.#ended || this.#patience !== undefined || this.#order?.expecting !== true) return;
    this.#patience = this.#deps.clock.after(
      ALL_TYPES_MS,
      () => {
        this.#order?.stopExpecting();
        this.#push();
      },
      true,
    );
  }

  // False when it had ended before.
  #finish(): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    this.#firstRequest?.cancel();
    this.#patience?.cancel();
    this.#endTurn();
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    for (const [, session] of this.#order?.entries() ?? []) session.close();
    this.#deps.onEnd(this);
    return true;
  }
}
