import type { DeltaRequest } from "@ambit/contract/grpc-services.ts";
import type { Snapshot, SnapshotResource } from "./snapshot.ts";

/** One response, before it is encoded. */
export interface SessionResponse {
  readonly nonce: string;
  readonly resources: readonly SnapshotResource[];
  /** Keys (by resource name) that make the resource's aliases worth sending. */
  readonly withAliases: boolean;
  readonly removed: readonly string[];
}

export interface SessionState {
  readonly wildcard: boolean;
  readonly subscribed: number;
  readonly known: number;
  readonly pending: number;
  readonly sentNonce: string;
  readonly ackedNonce: string;
  readonly nacks: number;
  readonly lastNack: string;
}

/** Largest sum of resource bytes in one response; further ones follow after its ACK. */
const RESPONSE_BYTES = 3_500_000;

/**
 * The delta protocol of one type on one stream, without the stream. While a response waits for its ACK, further
 * changes merge into one set of names, so that a slow client costs memory in proportion to the names, not the changes.
 */
export class DeltaSession {
  readonly #snapshot: Snapshot;
  readonly #mayRead: (resource: SnapshotResource) => boolean;
  readonly #newNonce: () => string;
  readonly #known = new Map<string, string>();
  readonly #subscribed = new Set<string>();
  #pending = new Set<string>();
  /** Keys that must be answered even when there is nothing to say about them. */
  #owed = new Set<string>();
  #mustAnswer = false;
  #started = false;
  #wildcard = false;
  #inFlight = "";
  #acked = "";
  #nacks = 0;
  #lastNack = "";

  constructor(
    snapshot: Snapshot,
    deps: { mayRead: (resource: SnapshotResource) => boolean; newNonce: () => string },
  ) {
    this.#snapshot = snapshot;
    this.#mayRead = deps.mayRead;
    this.#newNonce = deps.newNonce;
  }

  get state(): SessionState {
    return {
      wildcard: this.#wildcard,
      subscribed: this.#subscribed.size,
      known: this.#known.size,
      pending: this.#pending.size,
      sentNonce: this.#inFlight === "" ? this.#acked : this.#inFlight,
      ackedNonce: this.#acked,
      nacks: this.#nacks,
      lastNack: this.#lastNack,
    };
  }

  /** Takes one request. Ask `next` afterwards. */
  onRequest(request: DeltaRequest): void {
    const nonce = request.responseNonce;
    if (nonce !== "") {
      if (nonce !== this.#inFlight) return;
      this.#inFlight = "";
      const error = request.errorDetail;
      if (error !== null && error !== undefined) {
        this.#nacks++;
        this.#lastNack = (error.message ?? "").slice(0, 4096);
      } else this.#acked = nonce;
    }
    if (this.#started) this.#subscribe(request);
    else this.#start(request);
  }

  /** Marks names as changed; cheap, no matter how often. */
  onChange(names: readonly string[]): void {
    if (!this.#started) return;
    for (const name of names) if (this.#wildcard || this.#watches(name)) this.#pending.add(name);
  }

  /** Marks everything as possibly changed, for example when what the client may read has changed. */
  onVisibilityChange(): void {
    if (!this.#started) return;
    if (this.#wildcard) for (const name of this.#snapshot.names()) this.#pending.add(name);
    else
      for (const key of this.#subscribed)
        for (const name of this.#snapshot.resolve(key)) this.#pending.add(name);
    for (const name of this.#known.keys()) this.#pending.add(name);
  }

  /** True when `next` would give a response. */
  get due(): boolean {
    return this.#inFlight === "" && (this.#mustAnswer || this.#pending.size > 0 || this.#owed.size > 0);
  }

  /** The next response to send, or undefined while one is unacknowledged or nothing has changed. */
  next(): SessionResponse | undefined {
    if (!this.due) return undefined;
    const resources: SnapshotResource[] = [];
    const removed = this.#settleOwed();
    let bytes = 0;
    const later = new Set<string>();
    for (const name of this.#pending) {
      if (bytes > RESPONSE_BYTES) {
        later.add(name);
        continue;
      }
      const resource = this.#snapshot.get(name);
      if (resource === undefined || !this.#mayRead(resource) || !(this.#wildcard || this.#watches(name))) {
        if (this.#known.delete(name)) removed.push(name);
        continue;
      }
      if (this.#known.get(name) === resource.version) continue;
      this.#known.set(name, resource.version);
      resources.push(resource);
      bytes += resource.encoded.length;
    }
    this.#pending = later;
    if (resources.length === 0 && removed.length === 0 && !this.#mustAnswer) return undefined;
    this.#mustAnswer = false;
    this.#inFlight = this.#newNonce();
    return { nonce: this.#inFlight, resources, withAliases: !this.#wildcard, removed };
  }

  #start(request: DeltaRequest): void {
    this.#started = true;
    const names = request.resourceNamesSubscribe;
    const optsOut = request.resourceNamesUnsubscribe.includes("*");
    this.#wildcard = (names.length === 0 || names.includes("*")) && !optsOut;
    for (const [name, version] of Object.entries(request.initialResourceVersions))
      this.#known.set(name, version);
    if (this.#wildcard) {
      this.#mustAnswer = true;
      this.onVisibilityChange();
      return;
    }
    // What the client holds stays subscribed: its names tell which keys those were.
    for (const name of this.#known.keys()) this.#subscribed.add(name);
    for (const name of this.#known.keys()) this.#pending.add(name);
    this.#subscribe(request);
  }

  #subscribe(request: DeltaRequest): void {
    for (const key of request.resourceNamesUnsubscribe) {
      if (key === "*") this.#wildcard = false;
      this.#subscribed.delete(key);
    }
    for (const key of request.resourceNamesSubscribe) {
      if (key === "*") continue;
      this.#subscribed.add(key);
      this.#owed.add(key);
      for (const name of this.#snapshot.resolve(key)) {
        // A client that asks again for what it holds gets it again.
        this.#known.delete(name);
        this.#pending.add(name);
      }
    }
  }

  // A key that is not itself the name of a visible resource is listed as removed: a waiting client looks for exactly
  // its key among names and removals, and applies the resources first.
  #settleOwed(): string[] {
    const removed: string[] = [];
    for (const key of this.#owed) {
      const resource = this.#snapshot.get(key);
      if (resource === undefined || !this.#mayRead(resource)) removed.push(key);
    }
    this.#owed = new Set();
    return removed;
  }

  #watches(name: string): boolean {
    if (this.#subscribed.has(name)) return true;
    const resource = this.#snapshot.get(name);
    // Gone resources matter to those who hold them.
    if (resource === undefined) return this.#known.has(name);
    return [...resource.aliases, ...resource.keys].some((key) => this.#subscribed.has(key));
  }
}
