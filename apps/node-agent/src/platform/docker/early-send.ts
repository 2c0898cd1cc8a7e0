import type { EarlySend } from "@ambit/contract/admin-api.ts";
import type { EarlyTraffic } from "./early-traffic.ts";

/** How a namespace was held when the first rules of ours came: what had passed by then, or why it was not held. */
export type HoldRecord =
  | { readonly state: "held"; readonly traffic: EarlyTraffic | undefined }
  | { readonly state: "late" | "failed" | "unseen" };

/** Why something can have been sent: each is a value of the metric's label. */
export const EARLY_REASONS = [
  "away",
  "unseen",
  "failed",
  "late",
] as const satisfies readonly EarlySend["reason"][];

/**
 * What a container sent past the mesh; undefined when that is nothing, or not known. Only TCP is ever captured, so bytes
 * of a namespace in which no TCP connection was opened are none that the mesh missed. `traffic`: what had passed when the
 * capture's rules were in; `wasAway`: the container ran before this agent did.
 */
export function earlySend(
  hold: HoldRecord,
  traffic: EarlyTraffic | undefined,
  wasAway: boolean,
): EarlySend | undefined {
  const seen = hold.state === "held" ? hold.traffic : traffic;
  if (seen === undefined || seen.connections === 0 || seen.bytes === 0) return undefined;
  const reason = hold.state === "held" ? "late" : wasAway ? "away" : hold.state;
  return { reason, connections: seen.connections, bytes: seen.bytes };
}

/** As the Pod object keeps it for the agent's next run. */
export function formatEarlySend({ reason, connections, bytes }: EarlySend): string {
  return `${reason} ${connections} ${bytes}`;
}

/** Reads what `formatEarlySend` wrote; undefined for anything else. */
export function parseEarlySend(text: unknown): EarlySend | undefined {
  const [, name, connections, bytes] =
    /^([a-z]+) (\d{1,15}) (\d{1,15})$/.exec(typeof text === "string" ? text : "") ?? [];
  const reason = EARLY_REASONS.find((known) => known === name);
  return reason === undefined
    ? undefined
    : { reason, connections: Number(connections), bytes: Number(bytes) };
}
