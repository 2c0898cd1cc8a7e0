import type { IpBytes } from "@ambit/base/ip.ts";
import { formatPrincipal } from "@ambit/model/spiffe-id.ts";
import type { SpiffeId } from "@ambit/model/spiffe-id.ts";

/**
 * What a policy may look at. Addresses are bytes as `parseIp` gives them (IPv4-mapped IPv6 already turned into IPv4).
 * `destinationPort` is the port of the application, after the tunnel and application-tunnel ports are translated.
 */
export interface Connection {
  /** The TCP peer: the waypoint's own address when it forwarded. */
  readonly sourceIp: IpBytes;
  readonly destinationIp: IpBytes;
  readonly destinationPort: number;
  /** From the verified certificate; undefined for plaintext. */
  readonly identity: SpiffeId | undefined;
}

/** A connection with everything derived from it computed once, as the compiled tests read it. */
export interface Subject extends Connection {
  /** The identity without `spiffe://`; undefined without an identity. */
  readonly principal: string | undefined;
  /** The identity's namespace; empty without an identity. */
  readonly namespace: string;
  /** `namespace/serviceAccount` of the identity; undefined without an identity. */
  readonly account: string | undefined;
}

/** Derives the comparable texts of a connection (ambient.md 6.3). */
export function subjectOf(connection: Connection): Subject {
  const { sourceIp, destinationIp, destinationPort, identity } = connection;
  return {
    sourceIp,
    destinationIp,
    destinationPort,
    identity,
    principal: identity === undefined ? undefined : formatPrincipal(identity),
    namespace: identity === undefined ? "" : identity.namespace,
    account: identity === undefined ? undefined : `${identity.namespace}/${identity.serviceAccount}`,
  };
}
