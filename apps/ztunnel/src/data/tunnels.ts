import type {
  AcceptedSocket,
  ByteSocket,
  ConnectOptions,
  SocketAddress,
  TlsContext,
} from "@ambit/io/driver.ts";
import type { Relay, RelayEvents, TunnelPeer } from "@ambit/transport/relay.ts";

export type Headers = ReadonlyArray<readonly [name: string, value: string]>;

/** A tunnel request that has passed TLS and waits for our answer. */
export interface InboundTunnel {
  readonly peer: TunnelPeer;
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  readonly head: { readonly method: string; readonly authority: string; readonly headers: Headers };
  /** True when the peer has given up: `accept` closes the upstream then, `refuse` does nothing. */
  readonly gone: boolean;
  accept(upstream: ByteSocket, responseHeaders: Headers, events: RelayEvents): Relay;
  refuse(status: number, headers?: Headers): void;
}

/** Serves tunnels on accepted connections. */
export interface TunnelServer {
  /** Peers of another trust domain are turned away before anything is asked. */
  serve(socket: AcceptedSocket, context: TlsContext, trustDomain: string): void;
  /** True when there is no session, handshakes included. */
  readonly idle: boolean;
  /** GOAWAY on every session; no new streams. */
  drain(): void;
  /** Ends every session at once. */
  close(): void;
}

export interface TunnelDestination {
  /** Sessions are shared by equal keys only. */
  readonly key: string;
  readonly expectedIdentities: readonly string[];
  readonly context: TlsContext;
  readonly connect: ConnectOptions;
}

/** Opens tunnels over shared sessions. */
export interface TunnelPool {
  open(
    destination: TunnelDestination,
    request: { readonly authority: string; readonly headers: Headers },
    downstream: ByteSocket,
    events: RelayEvents,
  ): Relay;
  /** Lets the sessions there are finish; new tunnels get new sessions. */
  retire(): void;
  /** No new tunnels; sessions end when their tunnels have. */
  drain(): void;
  /** Ends every session at once. */
  close(): void;
}

/** Carries a socket's bytes over plain TCP. */
export type TcpRelay = (downstream: ByteSocket, connect: ConnectOptions, events: RelayEvents) => Relay;
