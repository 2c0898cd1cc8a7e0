import type { SocketAddress } from "@ambit/io/driver.ts";
import type { Service } from "@ambit/model/service.ts";
import type { Workload } from "@ambit/model/workload.ts";

export type Direction = "inbound" | "outbound";

/** Why a connection did not end well, as metrics show it (ambient.md 9.1). */
export type ResponseFlag =
  | "-"
  | "DENY"
  | "CONNECT"
  | "TLS_FAILURE"
  | "H2_HANDSHAKE_FAILURE"
  | "NETWORK_POLICY"
  | "IDENTITY_ERROR"
  | "CERT_REVOKED";

/** A source that no workload describes, told by its baggage or its certificate; empty text where nothing is known. */
export interface DerivedSource {
  readonly workloadName: string;
  readonly namespace: string;
  readonly canonicalName: string;
  readonly canonicalRevision: string;
  readonly clusterId: string;
  readonly region: string;
  readonly zone: string;
}

/** Everything metrics and the access log say about one connection; fixed once its decision is made. */
export interface ConnectionFacts {
  readonly direction: Direction;
  readonly source: Workload | undefined;
  /** Used where `source` is undefined. */
  readonly derivedSource: DerivedSource | undefined;
  /** SPIFFE URI; only from real mutual TLS. */
  readonly sourceIdentity: string | undefined;
  readonly destination: Workload | undefined;
  /** SPIFFE URI; only from real mutual TLS. */
  readonly destinationIdentity: string | undefined;
  readonly service: Service | undefined;
  readonly sourceAddress: SocketAddress;
  /** What is dialled (outbound) or was reached (inbound). */
  readonly destinationAddress: SocketAddress;
  /** The address behind the tunnel; undefined for plain TCP. */
  readonly tunnelTarget: string | undefined;
  /** Where the client wanted to go, before any decision. */
  readonly originalAddress: SocketAddress;
}
