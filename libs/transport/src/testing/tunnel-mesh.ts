import { encodeHeaders } from "../h2/hpack-encoder.ts";
import type { ByteSocket, SocketHandler } from "@ambit/io/driver.ts";
import { HbonePool, type HbonePoolOptions } from "../hbone/pool.ts";
import { HboneServer, type HboneServerOptions, type InboundConnect } from "../hbone/server.ts";
import type { Relay, RelayEnd } from "../relay.ts";
import { MemoryDriver, said, type MemoryDriverOptions } from "./memory-driver.ts";
import { PlainPeer } from "./plain-peer.ts";

/** The client of the mesh. */
export const WEB = "spiffe://cluster.local/ns/web/sa/web";
/** The server of the mesh. */
export const CART = "spiffe://cluster.local/ns/shop/sa/cart";
/** The block of its requests. */
export const REQUEST = encodeHeaders([
  [":method", "CONNECT"],
  [":authority", "10.0.0.8:80"],
]);
const QUIET = { onEstablished: () => undefined, onEnd: () => undefined };

interface MeshOptions extends MemoryDriverOptions {
  readonly server?: HboneServerOptions;
  readonly pool?: HbonePoolOptions;
  readonly serverIdentity?: string;
  /** @default connects to the application */
  readonly onConnect?: (request: InboundConnect) => void;
}

/** A pool, a server and an application behind it, in one process and one order. */
export class TunnelMesh {
  readonly driver: MemoryDriver;
  readonly pool: HbonePool;
  /** Takes what is accepted from now on. */
  server: HboneServer;
  readonly apps: PlainPeer[] = [];
  readonly requests: InboundConnect[] = [];
  readonly ends: RelayEnd[] = [];
  readonly relays: Relay[] = [];
  readonly failures: RelayEnd[] = [];
  readonly #options: MeshOptions;

  constructor(options: MeshOptions = {}) {
    this.driver = new MemoryDriver(options);
    const context = this.driver.tlsContext(said(options.serverIdentity ?? CART));
    this.pool = new HbonePool(this.driver, options.pool);
    this.#options = options;
    this.server = this.newServer();
    this.driver.listen({ ip: "10.0.0.8", port: 15_008 }, (socket) =>
      this.server.serve(socket, context, "cluster.local"),
    );
    this.driver.listen({ ip: "10.0.0.8", port: 80 }, (socket) => {
      const app = new PlainPeer(this.driver);
      this.apps.push(app);
      app.use(socket);
    });
  }

  /** A server as the mesh's first one. */
  newServer(): HboneServer {
    const { onConnect = (request: InboundConnect) => this.connect(request), server } = this.#options;
    const onFailed = (_remote: unknown, reason: RelayEnd): void => void this.failures.push(reason);
    return new HboneServer(this.driver, { onConnect, onFailed }, server);
  }

  /** An application's connection through a tunnel of `key`. */
  dial(key = "k", expected: readonly string[] = [CART], identity = WEB): PlainPeer {
    const port = 1_000 + this.relays.length;
    const listener = this.driver.listen({ ip: "10.0.0.1", port }, (socket) => {
      const relay = this.pool.open(
        {
          key,
          expectedIdentities: expected,
          context: this.driver.tlsContext(said(identity)),
          connect: { ip: "10.0.0.8", port: 15_008 },
        },
        { authority: "10.0.0.8:80", headers: [] },
        socket,
        { onEstablished: () => undefined, onEnd: (end) => this.ends.push(end) },
      );
      this.relays.push(relay);
    });
    const peer = new PlainPeer(this.driver);
    this.driver.connect({ ip: "10.0.0.1", port: listener.local.port }, peer);
    this.driver.run();
    return peer;
  }

  /** A peer that speaks to the server in bytes, as `identity`. */
  raw(identity = WEB): PlainPeer {
    const peer = new PlainPeer(this.driver);
    const socket = this.driver.connect({ ip: "10.0.0.8", port: 15_008 }, peer);
    this.driver.tlsConnect(socket, this.driver.tlsContext(said(identity)), peer);
    this.driver.run();
    return peer;
  }

  /** Takes a request: connects it to the application. */
  connect(request: InboundConnect): void {
    this.requests.push(request);
    this.driver.connect(
      { ip: "10.0.0.8", port: 80 },
      {
        onConnected: (upstream: ByteSocket) => void request.accept(upstream, [], QUIET),
        onReadable: () => undefined,
        onWritable: () => undefined,
        onError: () => request.refuse(503),
      },
    );
  }
}

/** The handler that a peer is, to be changed in parts. */
export function handlerOf(peer: PlainPeer): SocketHandler {
  return {
    onConnected: () => undefined,
    onReadable: (socket: ByteSocket) => peer.onReadable(socket),
    onWritable: () => undefined,
    onError: () => undefined,
  };
}
