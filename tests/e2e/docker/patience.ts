import { until as untilWithin } from "../support/mesh.ts";

/** A container's start takes seconds, on a machine that does much else a multiple of them. */
const PATIENCE_MS = 60_000;

/** Resolves once `condition` holds; rejects naming `what` when it does not for a minute. */
export function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  return untilWithin(what, condition, PATIENCE_MS);
}
