import type { DeltaRequest } from "@ambit/contract/grpc-services.ts";
import { Held } from "./held.ts";
import type { ResourceBlock } from "./resource-blocks.ts";
import { ResponseBatch, type ResponsePart } from "./response-batch.ts";
import type { Snapshot, SnapshotResource } from "./snapshot.ts";

/** One response, before it is encoded. */
export interface SessionResponse {
  readonly nonce: string;
  readonly resources: readonly SnapshotResource[];
  /** The same resources as they are copied, in the same order. */
  readonly parts: readonly ResponsePart[];
  /** Whether the resources' aliases are worth sending: only who asks for keys reads them. */
  readonly withAliases: boolean;
  readonly removed: readonly string[];
}

/** How far one type of one client is, for status pages. */
export interface SessionState {
  readonly wildcard: boolean;
  readonly subscribed: number;
  readonly known: number;
  readonly pending: number;
  /** Responses sent on this stream. */
  readonly sent: number;
  readonly sentNonce: string;
  readonly ackedNonce: string;
  readonly nacks: number;
  readonly lastNack: string;
}

/** How much may go out now. */
export interface SendLimits {
  /** Responses end below this size unless one resource alone is larger. */
  readonly maxBytes: number;
  /** False keeps removals back for a later response. */
  readonly removals: boolean;
}

export interface SessionDeps {
  /** What this client's identity may see; `readsEverything` spares the question. */
  readonly mayRead: (resource: SnapshotResource) => boolean;
  readonly newNonce: () => string;
  /** Keys that an on-demand client watches without asking, such as its own node's workloads. @default none */
  readonly implied?: readonly string[];
  /** Most keys one client may be subscribed to. @default 100000 */
  readonly maxKeys?: number;
}

/** For clients that may see all resources of a type. */
export const readsEverything = (): boolean => true;

/** Longest resource name or key that is taken from a client, in UTF-16 units. */
const MAX_NAME_LENGTH = 2048;
/** Most text of a rejection that is kept. */
const MAX_NACK_LENGTH = 4096;

/**
 * The delta protocol of one type on one stream, without the stream (ambient.md 2.4, 2.5). One response is in flight at a
 * time; while it waits for its answer, further changes merge into one set of names, so that a slow client costs memory
 * in proportion to the names that changed, never to the number of changes. Content is read when it is sent.
 */
export class DeltaSession {
  readonly #snapshot: Snapshot;
  readonly #deps: SessionDeps;
  /** What the client holds; an empty version is sent again whatever it is. */
  readonly #known: Held;
  readonly #subscribed = new Set<string>();
  /** Names to look at before the next response. */
  readonly #pending = new Set<string>();
  /** Names the client holds and must lose. */
  readonly #gone = new Set<string>();
  /** Keys that must be answered even when there is nothing to say about them. */
  readonly #owed = new Set<string>();
  /** The rest of a pass over everything; live, so that it needs no copy of the names. */
  #sweep: Iterator<ResourceBlock> | undefined;
  #started = false;
  #cold = false;
  #complete = false;
  #mustAnswer = false;
  #wildcard = false;
  #inFlight = "";
  #acked = "";
  #sent = 0;
  #nacks = 0;
  #lastNack = "";

  constructor(snapshot: Snapshot, deps: SessionDeps) {
    this.#snapshot = snapshot;
    this.#deps = deps;
    this.#known = new Held(snapshot.slots);
  }

  /** The stream is gone, and with it what its client held. */
  close(): void {
    this.#started = false;
    this.#known.clear();
  }

  get state(): SessionState {
    return {
      wildcard: this.#wildcard,
      subscribed: this.#subscribed.size,
      known: this.#known.size,
      pending: this.#pending.size + this.#gone.size + this.#owed.size,
      sent: this.#sent,
      sentNonce: this.#inFlight === "" ? this.#acked : this.#inFlight,
      ackedNonce: this.#acked,
      nacks: this.#nacks,
      lastNack: this.#lastNack,
    };
  }

  /** True when the client began with nothing in its hands. */
  get cold(): boolean {
    return this.#cold;
  }

  /** True once everything the client was due when it began has been sent. */
  get complete(): boolean {
    return this.#complete;
  }

  /** True while changes wait that may have to be sent. */
  get lagging(): boolean {
    return this.#pending.size > 0 || this.#sweep !== undefined;
  }

  /** Takes one request; ask `next` afterwards. Returns why the client must be refused, when it asks for too much. */
  onRequest(request: DeltaRequest): string | undefined {
    // A nonce on the first request belongs to a former stream and means nothing here.
    if (this.#started) this.#settle(request);
    const names = [...request.resourceNamesSubscribe, ...request.resourceNamesUnsubscribe];
    if (names.some((name) => name.length > MAX_NAME_LENGTH)) return "a resource name is too long";
    if (this.#started) this.#change(request);
    else this.#start(request);
    return this.#subscribed.size > (this.#deps.maxKeys ?? 100_000) ? "too many subscriptions" : undefined;
  }

  /** Marks names as changed; cheap, no matter how often. */
  onChange(names: readonly string[]): void {
    if (!this.#started) return;
    for (const name of names) {
      if (this.#known.has(name)) this.#pending.add(name);
      else {
        const resource = this.#snapshot.get(name);
        if (resource !== undefined && this.#wants(resource)) this.#pending.add(name);
      }
    }
  }

  /** Looks at everything again: what the client may read has changed. */
  onVisibilityChange(): void {
    if (!this.#started) return;
    if (this.#wildcard) this.#sweep = this.#snapshot.blocks();
    for (const key of this.#subscribed) this.#expand(key, (name) => this.#pending.add(name));
    for (const name of this.#known.names()) {
      const resource = this.#snapshot.get(name);
      if (resource === undefined || !this.#wants(resource)) this.#pending.add(name);
    }
  }

  /** The next response to send, or undefined while one is unanswered or there is nothing to say. */
  next({ maxBytes, removals }: SendLimits): SessionResponse | undefined {
    if (!this.#started || this.#inFlight !== "") return undefined;
    const batch = new ResponseBatch(maxBytes, !this.#wildcard);
    this.#collect(batch);
    const rest = this.lagging;
    if (removals) this.#collectRemovals(batch);
    // A waiting client is woken by its key, so whatever the key led to must have been sent by then.
    if (!rest) this.#collectOwed(batch);
    if (batch.empty && !this.#mustAnswer) {
      this.#complete ||= !rest;
      return undefined;
    }
    this.#mustAnswer = false;
    this.#complete ||= !rest;
    this.#sent++;
    this.#inFlight = this.#deps.newNonce();
    const { resources, parts, removed } = batch;
    return { nonce: this.#inFlight, resources, parts, withAliases: !this.#wildcard, removed: [...removed] };
  }

  #collect(batch: ResponseBatch): void {
    for (const name of this.#pending) {
      if (!this.#look(name, this.#snapshot.get(name), batch)) return;
      this.#pending.delete(name);
    }
    while (this.#sweep !== undefined) {
      const step = this.#sweep.next();
      if (step.done === true) this.#sweep = undefined;
      else if (!this.#sweepBlock(step.value, batch)) return;
    }
  }

  // False when the batch is full.
  #sweepBlock(block: ResourceBlock, batch: ResponseBatch): boolean {
    // Who began with nothing needs no look at each: what is sent twice because it changed meanwhile is the same.
    if (this.#cold && this.#wildcard && this.#deps.mayRead === readsEverything && batch.addBlock(block)) {
      for (const { name } of this.#gone.size > 0 ? block.resources : []) this.#gone.delete(name);
      this.#known.addMarks(block.marks);
      return true;
    }
    let full = false;
    for (const resource of block.resources) {
      if (full || !this.#look(resource.name, resource, batch)) {
        full = true;
        this.#pending.add(resource.name);
      }
    }
    return !full;
  }

  // False when the batch has no room; the name must be looked at again.
  #look(name: string, resource: SnapshotResource | undefined, batch: ResponseBatch): boolean {
    if (resource === undefined || !this.#wants(resource)) {
      if (this.#known.has(name)) this.#gone.add(name);
      return true;
    }
    this.#gone.delete(name);
    if (this.#known.hasVersion(resource)) return true;
    if (!batch.add(resource)) return false;
    this.#known.add(name, resource);
    return true;
  }

  #collectRemovals(batch: ResponseBatch): void {
    for (const name of this.#gone) {
      // It may be back; the look that is due decides.
      if (this.#pending.has(name)) continue;
      if (!batch.remove(name)) return;
      this.#known.delete(name);
      this.#gone.delete(name);
    }
  }

  // A key that is not itself the name of a visible resource is listed as removed: a waiting client looks for exactly its
  // key among names and removals, and applies the resources first (ambient.md 2.4.5).
  #collectOwed(batch: ResponseBatch): void {
    for (const key of this.#owed) {
      const resource = this.#snapshot.get(key);
      const hidden = resource === undefined || !this.#deps.mayRead(resource);
      if (hidden && !batch.remove(key)) return;
      this.#owed.delete(key);
    }
  }

  #settle(request: DeltaRequest): void {
    const nonce = request.responseNonce;
    if (nonce === "" || nonce !== this.#inFlight) return;
    this.#inFlight = "";
    const error = request.errorDetail;
    if (error === null || error === undefined) {
      this.#acked = nonce;
      return;
    }
    // What was rejected counts as sent: sending the same bytes again would be rejected again.
    this.#nacks++;
    this.#lastNack = (error.message ?? "").slice(0, MAX_NACK_LENGTH);
  }

  #start(request: DeltaRequest): void {
    this.#started = true;
    const { resourceNamesSubscribe: names, initialResourceVersions } = request;
    const optsOut = request.resourceNamesUnsubscribe.includes("*");
    const wildcard = (names.length === 0 || names.includes("*")) && !optsOut;
    for (const [name, version] of Object.entries(initialResourceVersions)) {
      // A key that was asked for on a former stream and not answered there has no version.
      if (version === "" && !wildcard) this.#ask(name);
      else this.#known.claim(name, version);
    }
    this.#cold = this.#known.size === 0;
    if (wildcard) {
      this.#everything();
      for (const name of this.#known.names()) if (!this.#readable(name)) this.#pending.add(name);
    } else {
      for (const key of this.#deps.implied ?? []) this.#watch(key);
      for (const name of this.#known.names()) {
        this.#watch(name);
        this.#pending.add(name);
      }
    }
    this.#change({
      resourceNamesSubscribe: names.filter((name) => name !== "*"),
      resourceNamesUnsubscribe: [],
    });
  }

  #change(request: Pick<DeltaRequest, "resourceNamesSubscribe" | "resourceNamesUnsubscribe">): void {
    for (const key of request.resourceNamesUnsubscribe) this.#forget(key);
    for (const key of request.resourceNamesSubscribe) {
      if (key !== "*") this.#ask(key);
      else if (!this.#wildcard) this.#everything();
    }
  }

  #everything(): void {
    this.#wildcard = true;
    this.#mustAnswer = true;
    this.#sweep = this.#snapshot.blocks();
  }

  #ask(key: string): void {
    this.#owed.add(key);
    // A client that asks again for what it holds gets it again.
    if (this.#known.has(key)) this.#known.claim(key, "");
    this.#watch(key);
  }

  #watch(key: string): void {
    this.#subscribed.add(key);
    this.#expand(key, (name) => this.#pending.add(name));
  }

  #forget(key: string): void {
    this.#subscribed.delete(key);
    this.#owed.delete(key);
    const drop = (name: string): void => {
      const resource = this.#snapshot.get(name);
      if (this.#wildcard || (resource !== undefined && this.#watches(resource))) return;
      this.#known.delete(name);
      this.#pending.delete(name);
      this.#gone.delete(name);
    };
    if (key === "*") {
      this.#wildcard = false;
      this.#sweep = undefined;
      for (const name of this.#known.names()) drop(name);
    } else {
      drop(key);
      this.#expand(key, drop);
    }
  }

  // A service's key, or an address of it, leads to its workloads too (ambient.md 2.6). They come first: the service's
  // own name is what wakes a waiting client.
  #expand(key: string, visit: (name: string) => void): void {
    for (const name of this.#snapshot.resolve(key)) {
      if (name !== key) for (const member of this.#snapshot.resolve(name)) if (member !== name) visit(member);
    }
    const found = this.#snapshot.resolve(key);
    for (let index = found.length - 1; index >= 0; index--) visit(found[index] ?? key);
  }

  #readable(name: string): boolean {
    const resource = this.#snapshot.get(name);
    return resource !== undefined && this.#deps.mayRead(resource);
  }

  #wants(resource: SnapshotResource): boolean {
    if (!this.#deps.mayRead(resource)) return false;
    // What a client was given is kept up to date until it says otherwise.
    return this.#wildcard || this.#known.has(resource.name) || this.#watches(resource);
  }

  #watches({ name, aliases, keys }: SnapshotResource): boolean {
    const asked = (key: string): boolean => this.#subscribed.has(key);
    if (asked(name) || aliases.some(asked)) return true;
    return keys.some((key) => asked(key) || this.#snapshot.get(key)?.aliases.some(asked) === true);
  }
}
