import type { Diagnostic, Origin, ResourceName } from "./diagnostics.ts";
import type { Kind, KindMap } from "./resources/registry.ts";

interface EventBase {
  readonly namespace: string;
  readonly name: string;
  readonly origin: Origin;
}

/** A resource appeared, or changed; `object` is immutable. */
export type PutEvent = {
  readonly [K in Kind]: EventBase & { readonly type: "put"; readonly kind: K; readonly object: KindMap[K] };
}[Kind];

/** A resource is gone; `origin` is where it last was. */
export interface DeleteEvent extends EventBase {
  readonly type: "delete";
  readonly kind: Kind;
}

/** One step from the state before to the state after. */
export type SourceEvent = PutEvent | DeleteEvent;

/**
 * Where resources come from. Everything behind this interface can be exchanged: what reads it sees one stream of
 * events, never files or watches.
 */
export interface Source {
  /** Begins to read; resolves once the complete first state was handed to the subscribers. */
  start(): Promise<void>;
  stop(): void;
  /** True from the complete first state on. */
  readonly synced: boolean;
  /** Calls `listener` with the present state as puts, then with every later batch, in order. Returns how to stop. */
  subscribe(listener: (events: readonly SourceEvent[]) => void): () => void;
  /** What is wrong at present, in the order of files and lines. */
  diagnostics(): readonly Diagnostic[];
  /** Where a field of a resource is written; undefined when the source cannot tell. */
  locate(resource: ResourceName, field: string): Origin | undefined;
  /** Calls `listener` after the diagnostics changed. Returns how to stop. */
  onDiagnostics(listener: () => void): () => void;
}
