import type { Outcome } from "./raw-client.ts";
import type { World } from "./world.ts";

/** One case of the security bar: an attack with the verdict it must get, and the same shape done rightly. */
export interface Row {
  /** Row of the bar, with a letter where it has several probes. */
  readonly id: string;
  readonly name: string;
  /** What the attacker does, in a few words. */
  readonly attacker: string;
  /** Verdicts that are right; the connection may also end before the frame that says why has come. */
  readonly expected: readonly Outcome[];
  attack(world: World, scale: Scale): Promise<Outcome>;
  /** The benign twin; `served` is the only right answer. */
  twin(world: World): Promise<Outcome>;
  /** Takes long: only in a whole run. @default false */
  readonly slow?: boolean;
  /** No attack but a measure: only when it is asked for by its id. @default false */
  readonly onRequest?: boolean;
  /** Mostly waits for the other side's patience to end: a short run makes all of these at the same time. @default false */
  readonly waits?: boolean;
  /** Ends or stops a part of the mesh: comes last, after memory was measured. @default false */
  readonly disrupts?: boolean;
}

/** How much of an attack is made: 1 in a whole run, less in a short one. */
export type Scale = number;

export const SERVED = "served";
