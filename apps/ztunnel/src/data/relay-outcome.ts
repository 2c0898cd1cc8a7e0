import type { RelayEnd } from "@ambit/transport/relay.ts";
import type { ResponseFlag } from "./connection-facts.ts";

/** How a relay's end is counted and logged. A peer that resets is no failure of ours (ambient.md 4.9). */
export function relayOutcome(end: RelayEnd): {
  readonly flag: ResponseFlag;
  readonly error: string | undefined;
} {
  if (end.kind === "complete") return { flag: "-", error: undefined };
  const { code, detail } = end;
  switch (code) {
    case "connect-failed":
      return { flag: "CONNECT", error: `connection failed: ${detail}` };
    case "tls-failed":
      return { flag: "TLS_FAILURE", error: `TLS handshake failed: ${detail}` };
    case "identity-mismatch":
      return { flag: "TLS_FAILURE", error: `the peer is not who was expected: ${detail}` };
    case "h2-failed":
      return { flag: "H2_HANDSHAKE_FAILURE", error: `HTTP/2 failed: ${detail}` };
    case "refused-by-peer":
      return { flag: "-", error: `the peer refused: ${detail}` };
    case "reset":
      return { flag: "-", error: undefined };
    case "cut":
      return { flag: "-", error: detail };
    case "overload":
      return { flag: "-", error: `too much at once: ${detail}` };
    case "deadline":
      return { flag: "CONNECT", error: `timed out: ${detail}` };
  }
}
