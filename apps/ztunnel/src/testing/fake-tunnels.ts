import type { ByteSocket, ConnectOptions, SocketAddress } from "@ambit/io/driver.ts";
import type { Relay, RelayEvents } from "@ambit/transport/relay.ts";
import type { Headers, InboundTunnel, TunnelDestination, TunnelPool, TunnelServer } from "../data/tunnels.ts";

/** A relay whose course the test decides. */
export class FakeRelay implements Relay {
  bytesFromDownstream = 0;
  bytesToDownstream = 0;
  readonly events: RelayEvents;
  ended = false;
  /** Whether it was ended in order. */
  closed = false;

  constructor(events: RelayEvents) {
    this.events = events;
  }

  cut(detail: string): void {
    if (this.ended) return;
    this.ended = true;
    this.events.onEnd({ kind: "error", code: "cut", detail });
  }

  close(detail: string): void {
    this.closed = !this.ended;
    this.cut(detail);
  }

  complete(fromDownstream: number, toDownstream: number): void {
    this.bytesFromDownstream = fromDownstream;
    this.bytesToDownstream = toDownstream;
    this.ended = true;
    this.events.onEnd({ kind: "complete" });
  }
}

/** One tunnel that was asked of the pool. */
export interface OpenedTunnel {
  readonly destination: TunnelDestination;
  readonly authority: string;
  readonly headers: Headers;
  readonly downstream: ByteSocket;
  readonly relay: FakeRelay;
}

export class FakePool implements TunnelPool {
  readonly opened: OpenedTunnel[] = [];
  drained = false;
  closed = false;

  open(
    destination: TunnelDestination,
    request: { readonly authority: string; readonly headers: Headers },
    downstream: ByteSocket,
    events: RelayEvents,
  ): Relay {
    const relay = new FakeRelay(events);
    this.opened.push({ destination, ...request, downstream, relay });
    return relay;
  }

  retire(): void {
    // What retiring does is looked at in the transport.
  }

  drain(): void {
    this.drained = true;
  }

  close(): void {
    this.closed = true;
  }
}

/** Plain relays that were begun. */
export class FakeTcp {
  readonly begun: { downstream: ByteSocket; connect: ConnectOptions; relay: FakeRelay }[] = [];
  readonly relay = (downstream: ByteSocket, connect: ConnectOptions, events: RelayEvents): Relay => {
    const relay = new FakeRelay(events);
    this.begun.push({ downstream, connect, relay });
    return relay;
  };
}

/** A server that only remembers what it was given. */
export class FakeServer implements TunnelServer {
  idle = true;
  readonly served: ByteSocket[] = [];
  onConnect: (tunnel: InboundTunnel) => void = () => undefined;

  serve(socket: ByteSocket): void {
    this.served.push(socket);
  }

  drain(): void {
    // Nothing is open.
  }

  close(): void {
    // Nothing is open.
  }
}

/** A CONNECT request and what was answered. */
export class FakeInbound implements InboundTunnel {
  readonly peer: InboundTunnel["peer"];
  readonly local: SocketAddress = { ip: "10.0.1.8", port: 15008 };
  readonly remote: SocketAddress = { ip: "10.0.0.5", port: 41522 };
  readonly head: InboundTunnel["head"];
  gone = false;
  status = 0;
  headers: Headers = [];
  upstream: ByteSocket | undefined;
  relay: FakeRelay | undefined;

  constructor(identity: string, authority: string, headers: Headers = [], method = "CONNECT") {
    this.peer = { identity, serial: "01", address: this.remote, certificate: new Uint8Array() };
    this.head = { method, authority, headers };
  }

  accept(upstream: ByteSocket, headers: Headers, events: RelayEvents): Relay {
    this.status = 200;
    this.headers = headers;
    this.upstream = upstream;
    this.relay = new FakeRelay(events);
    return this.relay;
  }

  refuse(status: number): void {
    this.status = status;
  }
}
