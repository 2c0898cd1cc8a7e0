import type { Service } from "@ambit/model/service.ts";
import type { Workload } from "@ambit/model/workload.ts";

/** An address to dial. */
export interface Target {
  /** Canonical text. */
  readonly ip: string;
  readonly port: number;
}

/** Why a connection cannot be carried. */
export type OutboundFailure =
  /** A waypoint is assigned and cannot be resolved or has no healthy endpoint: there is no way around it. */
  | "waypoint-unavailable"
  /** The service has no eligible endpoint, or not that port. */
  | "no-healthy-upstream"
  /** The endpoint is in another network that cannot be reached: no gateway known, or no service was addressed. */
  | "no-network-gateway"
  /** The endpoint has no address of a family that the service allows, and no hostname. */
  | "no-valid-address";

/** Row of the table in ambient.md 5.1 that decided. */
export type OutboundRow = 1 | 2 | 3 | 4 | 5 | 6 | 8 | 9 | 10 | 11 | 12 | 13;

interface Decided {
  readonly row: OutboundRow;
  /** The service that was addressed, for metrics, logs and the `forwarded` header. */
  readonly service: Service | undefined;
}

/** A tunnel to open. `target` is where to dial, `authority` what to ask for. */
interface Tunnel extends Decided {
  readonly target: Target;
  readonly authority: string;
  /** SPIFFE URIs of which the peer must present one. */
  readonly expectedIdentities: readonly string[];
  /** The workload that is dialled. */
  readonly workload: Workload;
}

/** The proxy called itself. */
export interface RefuseDecision extends Decided {
  readonly kind: "refuse";
  readonly reason: "self-call";
  readonly message: string;
}

export interface FailDecision extends Decided {
  readonly kind: "fail";
  readonly reason: OutboundFailure;
  readonly message: string;
  /** In on-demand mode: ask discovery for this name, then decide again. Undefined when nothing is missing. */
  readonly missingKey: string | undefined;
}

/** Plain TCP to the original destination. */
export interface PassthroughDecision extends Decided {
  readonly kind: "passthrough";
  readonly target: Target;
  /** In on-demand mode: ask discovery for this name, then decide again. Undefined when the service is known. */
  readonly missingKey: string | undefined;
}

/** Plain TCP to an endpoint outside the mesh. */
export interface TcpDecision extends Decided {
  readonly kind: "tcp";
  readonly target: Target;
  readonly workload: Workload;
}

/** HBONE straight to the endpoint. */
export interface HboneDecision extends Tunnel {
  readonly kind: "hbone";
  /** The application's address behind the tunnel. */
  readonly destination: Target;
}

/** HBONE to a waypoint, which decides about the endpoint. */
export interface WaypointDecision extends Tunnel {
  readonly kind: "waypoint";
}

/** HBONE to a network gateway, and a second tunnel inside it with the same authority. */
export interface DoubleHboneDecision extends Tunnel {
  readonly kind: "double-hbone";
  /** SPIFFE URIs of which the peer of the inner tunnel must present one; empty means that nobody can. */
  readonly innerIdentities: readonly string[];
}

/** The chosen endpoint is known by hostname only: resolve it, then ask again with one address. */
export interface ResolveDecision extends Decided {
  readonly kind: "resolve";
  readonly hostname: string;
  readonly workload: Workload;
  /** Prefer an IPv6 address. */
  readonly preferV6: boolean;
  /** The decision for the address (canonical text). */
  complete(ip: string): OutboundDecision;
}

/** What to do with an outbound connection. */
export type OutboundDecision =
  | RefuseDecision
  | FailDecision
  | PassthroughDecision
  | TcpDecision
  | HboneDecision
  | WaypointDecision
  | DoubleHboneDecision
  | ResolveDecision;
