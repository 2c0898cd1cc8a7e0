import type { SocketAddress } from "@ambit/io/driver.ts";

/** Why a relay ended. */
export type RelayEnd =
  | { readonly kind: "complete" }
  | { readonly kind: "error"; readonly code: RelayErrorCode; readonly detail: string };

/** Closed set of failures; the proxy maps them to response flags. */
export type RelayErrorCode =
  | "connect-failed"
  | "tls-failed"
  | "identity-mismatch"
  | "h2-failed"
  | "refused-by-peer"
  | "reset"
  | "cut"
  | "overload"
  | "deadline";

/** Two directions of bytes between a downstream socket and something upstream. Counters are live. */
export interface Relay {
  /** Bytes read from the downstream side. */
  readonly bytesFromDownstream: number;
  /** Bytes written to the downstream side. */
  readonly bytesToDownstream: number;
  /** Ends both directions at once; `onEnd` follows with code `cut` and this detail. */
  cut(detail: string): void;
  /** Ends both directions in order, with FIN, as at a drain deadline; `onEnd` follows with code `cut` and this detail. */
  close(detail: string): void;
}

export interface RelayEvents {
  /** The upstream is connected (for a tunnel: answered 200); `headers` are the response's, empty for plain TCP. */
  onEstablished(headers: ReadonlyArray<readonly [string, string]>): void;
  /** Exactly once, always last. */
  onEnd(end: RelayEnd): void;
}

/** Who is at the other end of a tunnel. */
export interface TunnelPeer {
  /** First SPIFFE URI of the verified certificate. */
  readonly identity: string;
  readonly serial: string;
  readonly address: SocketAddress;
  /** DER of the verified leaf. */
  readonly certificate: Uint8Array;
}
