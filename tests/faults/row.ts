import type { FaultWorld, WorldKind } from "./world.ts";

/** One fault with what must hold while it happens. */
export interface FaultRow {
  /** Rows of the bar's goal table and chapters that it answers. */
  readonly id: string;
  readonly name: string;
  /** What is done to the mesh, in a few words. */
  readonly fault: string;
  /** How often; `short` in the everyday run (0: left out), `long` when a whole run names no number. */
  readonly rounds: { readonly short: number; readonly long: number };
  /** The world it is done to. @default "plain" */
  readonly world?: WorldKind;
  /** The pods from which the load comes do not live through it, so there is none. */
  readonly isWithoutLoad?: true;
  /**
   * Whether requests of the permitted client may fail meanwhile: only where its own node proxy is the victim. Those of
   * the forbidden client are refused in every row, without exception.
   */
  readonly mayFail: boolean;
  /** Whether held connections may be cut; a drain closes them at its deadline and checks that itself. */
  readonly mayCut: boolean;
  /** Does one round and resolves once the mesh is whole again. The figures are reported; a text is a broken promise. */
  act(world: FaultWorld, scale: FaultScale): Promise<RoundFigures | string>;
}

export interface FaultScale {
  readonly isShort: boolean;
}

/** Milliseconds and counts of one round, by name. */
export type RoundFigures = Readonly<Record<string, number>>;

/** What a row came to; one line of JSON each. */
export interface RowResult {
  readonly id: string;
  readonly name: string;
  readonly rounds: number;
  /** Requests of the permitted client, each on a connection of its own. */
  readonly served: number;
  readonly failed: number;
  readonly lastError: string;
  /** Connections that were held open, and how many of them ended. */
  readonly held: number;
  readonly heldEnded: number;
  /** Requests of the forbidden client that got through. */
  readonly wronglyAllowed: number;
  readonly refused: number;
  /** Least, middle and greatest of each figure over the rounds. */
  readonly figures: Readonly<Record<string, readonly [number, number, number]>>;
  readonly broken: readonly string[];
  readonly ok: boolean;
}
