import { TransportError } from "../transport-error.ts";
import { H2_CODE } from "./h2-code.ts";

/** Things a peer can do for free that cost us work. */
export type FloodKind =
  | "reset"
  | "refused"
  | "ping"
  | "settings"
  | "refused-request"
  | "empty-data"
  | "late-data"
  | "window-update"
  | "priority"
  | "unknown";

/**
 * How many of each are taken per period. Resets count only before a stream was answered: connections that end by reset
 * after they worked are everyday traffic.
 */
const LIMITS: Readonly<Record<FloodKind, number>> = {
  reset: 2_000,
  refused: 2_000,
  ping: 200,
  settings: 50,
  "refused-request": 2_000,
  "empty-data": 1_000,
  // A full window of small frames may be under way to streams that we have just reset.
  "late-data": 50_000,
  "window-update": 200_000,
  priority: 1_000,
  unknown: 1_000,
};

/** Counts cheap hostile frames of one connection; `period` starts the counts anew. */
export class FloodGuard {
  #counts: Partial<Record<FloodKind, number>> = {};

  /** Throws a TransportError ENHANCE_YOUR_CALM beyond the limit. */
  count(kind: FloodKind): void {
    const count = (this.#counts[kind] ?? 0) + 1;
    this.#counts[kind] = count;
    if (count > LIMITS[kind])
      throw new TransportError(H2_CODE.enhanceYourCalm, `Too many frames of the kind "${kind}"`);
  }

  period(): void {
    this.#counts = {};
  }
}
