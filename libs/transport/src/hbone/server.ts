import type { ByteSocket, Driver, SocketAddress, TlsContext } from "@ambit/io/driver.ts";
import { parseSpiffeId } from "@ambit/model/spiffe-id.ts";
import { encodeHeaders } from "../h2/hpack-encoder.ts";
import type { HeaderField } from "../h2/hpack-decoder.ts";
import { H2_CODE } from "../h2/h2-code.ts";
import type { Relay, RelayEnd, RelayEvents, TunnelPeer } from "../relay.ts";
import { TunnelConnection, type ConnectionEvents } from "./connection.ts";
import { peerOf } from "./peer.ts";
import type { TunnelStream } from "./stream.ts";
import { tunnelRoom, type TunnelRoom } from "./tunnel-room.ts";

const OVERLOADED = encodeHeaders([[":status", "503"]]);

export interface HboneServerOptions {
  /** Connections at once; further ones are closed. @default 10000 */
  readonly maxConnections?: number;
  /** Connections at once from one address; further ones are closed. @default 1000 */
  readonly maxConnectionsPerAddress?: number;
}

/** A request for a tunnel. Exactly one of `accept` and `refuse` is called, at once or later. */
export interface InboundConnect {
  readonly peer: TunnelPeer;
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  readonly head: {
    /** Empty when the request has none. */
    readonly method: string;
    /** Empty when the request has none. */
    readonly authority: string;
    readonly headers: readonly HeaderField[];
  };
  /** True when the peer has given up meanwhile: `accept` closes the upstream then, `refuse` does nothing. */
  readonly gone: boolean;
  /** Answers 200 and carries bytes to and from a connected socket. */
  accept(upstream: ByteSocket, responseHeaders: readonly HeaderField[], events: RelayEvents): Relay;
  /** Answers with this status and ends the stream. */
  refuse(status: number, headers?: readonly HeaderField[]): void;
}

/** What a server tells its owner beside the requests. */
export interface HboneServerEvents {
  onConnect(request: InboundConnect): void;
  /** A connection ended before or because of an error; for logs. */
  onFailed?(remote: SocketAddress, reason: RelayEnd): void;
}

/** The receiving end of HBONE: mutual TLS, HTTP/2, CONNECT. */
export class HboneServer {
  readonly #room: TunnelRoom;
  readonly #options: Required<HboneServerOptions>;
  readonly #events: HboneServerEvents;
  readonly #connections = new Set<TunnelConnection>();
  readonly #byAddress = new Map<string, number>();
  readonly #trustDomains = new WeakMap<TunnelConnection, string>();
  #draining = false;

  constructor(driver: Driver, events: HboneServerEvents, options: HboneServerOptions = {}) {
    this.#room = tunnelRoom(driver);
    this.#events = events;
    this.#options = { maxConnections: 10_000, maxConnectionsPerAddress: 1_000, ...options };
  }

  /** Connections that are open, handshakes included. */
  get sessions(): ReadonlySet<TunnelConnection> {
    return this.#connections;
  }

  /** Serves an accepted connection with this identity; its peers are of `trustDomain` or are turned away. */
  serve(socket: ByteSocket, context: TlsContext, trustDomain: string): void {
    const { ip } = socket.remote;
    const ofAddress = this.#byAddress.get(ip) ?? 0;
    const { maxConnections, maxConnectionsPerAddress } = this.#options;
    const isFull = this.#connections.size >= maxConnections || ofAddress >= maxConnectionsPerAddress;
    if (isFull || this.#room.overload.refusesConnections) {
      socket.close();
      return;
    }
    const connection = new TunnelConnection("server", this.#room, this.#connectionEvents);
    this.#connections.add(connection);
    this.#trustDomains.set(connection, trustDomain);
    this.#byAddress.set(ip, ofAddress + 1);
    connection.begin(this.#room.driver.tlsAccept(socket, context, connection));
    // Accepted before the drain, or nobody would have: it is told to go in order.
    if (this.#draining) connection.drain();
  }

  /** GOAWAY on every session, also on those whose handshake ends later; streams may finish. */
  drain(): void {
    this.#draining = true;
    for (const connection of [...this.#connections]) connection.drain();
  }

  readonly #connectionEvents: ConnectionEvents = {
    onSecured: (connection) => this.#objection(connection),
    onRequest: (connection, stream, fields) => this.#onRequest(connection, stream, fields),
    onResponse: () => undefined,
    onChange: () => undefined,
    onClosed: (connection, reason) => {
      this.#connections.delete(connection);
      this.#forgetAddress(connection.socket.remote.ip);
      if (reason.kind === "error") this.#events.onFailed?.(connection.socket.remote, reason);
    },
  };

  /** What speaks against the peer whose chain was verified. No HTTP has been spoken yet (ambient.md 4.2). */
  #objection(connection: TunnelConnection): string | undefined {
    const id = parseSpiffeId(peerOf(connection.socket)?.identity ?? "");
    if (id === undefined) return "the peer has no identity of a mesh";
    if (id.trustDomain === this.#trustDomains.get(connection)) return undefined;
    return `the peer is of trust domain ${id.trustDomain}`;
  }

  #forgetAddress(ip: string): void {
    const left = (this.#byAddress.get(ip) ?? 0) - 1;
    if (left > 0) this.#byAddress.set(ip, left);
    else this.#byAddress.delete(ip);
  }

  #onRequest(connection: TunnelConnection, stream: TunnelStream, fields: readonly HeaderField[]): void {
    const peer = peerOf(connection.socket);
    if (peer === undefined) {
      connection.session.reset(stream, H2_CODE.refusedStream);
      return;
    }
    if (this.#room.overload.refusesStreams(connection)) {
      connection.session.respond(stream, OVERLOADED, true);
      if (!stream.remoteEnded) connection.session.reset(stream, H2_CODE.noError);
      connection.dirty();
      return;
    }
    this.#events.onConnect(new Request(connection, stream, peer, headOf(fields)));
  }
}

// A class for the reason that `PooledRelay` is one.
class Request implements InboundConnect {
  readonly peer: TunnelPeer;
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  readonly head: InboundConnect["head"];
  readonly #connection: TunnelConnection;
  readonly #stream: TunnelStream;

  constructor(
    connection: TunnelConnection,
    stream: TunnelStream,
    peer: TunnelPeer,
    head: InboundConnect["head"],
  ) {
    this.#connection = connection;
    this.#stream = stream;
    this.peer = peer;
    this.local = connection.socket.local;
    this.remote = connection.socket.remote;
    this.head = head;
  }

  get gone(): boolean {
    const { closed, session } = this.#connection;
    return closed || session.streams.get(this.#stream.id) !== this.#stream;
  }

  accept(upstream: ByteSocket, responseHeaders: readonly HeaderField[], events: RelayEvents): Relay {
    const stream = this.#stream;
    if (this.gone) {
      // The stream has ended before it had a socket: nobody else would close this one.
      upstream.reset();
      events.onEnd({ kind: "error", code: "reset", detail: "the peer gave up" });
      return stream;
    }
    stream.listen(events);
    const block = encodeHeaders([[":status", "200"], ...responseHeaders]);
    this.#connection.session.respond(stream, block, false);
    // The application's first bytes take the answer along when nobody waits for it.
    if (stream.isPatient) this.#connection.rest();
    else this.#connection.dirty();
    stream.attach(upstream);
    stream.established([]);
    return stream;
  }

  refuse(status: number, headers: readonly HeaderField[] = []): void {
    if (this.gone) return;
    const { session } = this.#connection;
    this.#stream.discard();
    session.respond(this.#stream, encodeHeaders([[":status", String(status)], ...headers]), true);
    // The peer need not send what nobody reads.
    if (!this.#stream.remoteEnded) session.reset(this.#stream, H2_CODE.noError);
    this.#connection.dirty();
    if (status === 400) this.#connection.countRefused();
  }
}

function headOf(fields: readonly HeaderField[]): InboundConnect["head"] {
  const pseudo = (name: string): string => fields.find(([key]) => key === name)?.[1] ?? "";
  return {
    method: pseudo(":method"),
    authority: pseudo(":authority"),
    headers: fields.filter(([name]) => !name.startsWith(":")),
  };
}
