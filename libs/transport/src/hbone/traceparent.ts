import type { Random } from "@ambit/base/random.ts";

const PATTERN = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/;

/** A new `traceparent` (W3C trace context), not sampled. */
export function newTraceparent(random: Random): string {
  const hex = Buffer.from(random.bytes(24)).toString("hex");
  return `00-${hex.slice(0, 32)}-${hex.slice(32)}-00`;
}

/** The trace id of a header value; undefined when it is malformed or all zero. */
export function traceIdOf(traceparent: string): string | undefined {
  const match = PATTERN.exec(traceparent);
  const traceId = match?.[1] ?? "";
  return traceId === "" || /^0+$/.test(traceId) ? undefined : traceId;
}
