import * as net from "node:net";
import { systemClock } from "@ambit/base/clock.ts";
import type { Clock, Timer } from "@ambit/base/clock.ts";
import type * as io from "../driver.ts";
import { IoError } from "../io-error.ts";
import { PeerCertificateReader } from "../peer-certificate.ts";
import { SocketMaker } from "../socket-maker.ts";
import { createSys, ffiSockets } from "../sys.ts";
import { PortableSocket, addressOf, descriptorOf } from "./portable-socket.ts";
import { PortableTlsContext, PortableTlsSocket } from "./portable-tls.ts";
import type { PortableTlsRoom } from "./portable-tls.ts";
import { Turns } from "./turns.ts";

const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_BACKLOG = 1024;

export interface PortableOptions {
  /** @default systemClock */
  readonly clock?: Clock;
  /** How long a TLS handshake may take, its TCP connection included. @default 10000 */
  readonly handshakeTimeoutMs?: number;
}

/**
 * A driver over node:net and node:tls. Where native sockets can be made it honours every option; elsewhere it raises
 * an IoError `unsupported` for those that Node lacks. Unlike the engine it cannot tell a TLS stream that was cut off
 * from one that was ended: Node reports both as the end.
 */
export function createPortableDriver(options: PortableOptions = {}): io.Driver {
  return new PortableDriver(options);
}

const NO_HANDLER: io.SocketHandler = {
  onConnected: () => undefined,
  onReadable: () => undefined,
  onWritable: () => undefined,
  onError: () => undefined,
};

class PortableDriver implements io.Driver {
  readonly name = "portable";
  readonly #room: PortableTlsRoom;
  readonly #maker: SocketMaker | undefined;
  readonly #unsupported: string;
  readonly #listeners = new Set<io.Listener>();
  readonly #timers = new Set<Timer>();

  constructor(options: PortableOptions) {
    const native = ffiSockets();
    this.#unsupported = native.reason;
    this.#maker = native.available ? new SocketMaker(createSys()) : undefined;
    this.#room = {
      turns: new Turns(),
      clock: options.clock ?? systemClock,
      sockets: new Set(),
      peers: new PeerCertificateReader(),
      maker: this.#maker,
      handshakeTimeoutMs: options.handshakeTimeoutMs ?? DEFAULT_TIMEOUT_MS,
    };
  }

  allocate(bytes: number): io.Memory {
    return { bytes: Buffer.allocUnsafeSlow(bytes), address: 0 };
  }

  listen(options: io.ListenOptions, onAccept: (socket: io.AcceptedSocket) => void): io.Listener {
    const special = options.namespaceFd ?? options.mark ?? options.transparent ?? options.originalDestination;
    if (special !== undefined && special !== false) this.#demandNative("listen");
    const fd = options.fd ?? this.#maker?.listen(options) ?? -1;
    const server = net.createServer(
      { allowHalfOpen: true, pauseOnConnect: true, noDelay: true },
      (stream) => {
        onAccept(this.#welcome(stream, options.originalDestination === true));
      },
    );
    if (fd >= 0) server.listen({ fd });
    else this.#listenByNode(server, options);
    const listener = new PortableListener(server, fd, options, () => this.#listeners.delete(listener));
    this.#listeners.add(listener);
    return listener;
  }

  // Node binds later and reports a failure as an event; nobody but the process can be told.
  #listenByNode(server: net.Server, options: io.ListenOptions): void {
    if (options.port === 0) this.#demandNative("listen on a port of the system's choice");
    const { ip: host, port, backlog = DEFAULT_BACKLOG, reusePort = false } = options;
    server.listen({ host, port, backlog, reusePort, exclusive: true });
  }

  #welcome(stream: net.Socket, wantsOriginal: boolean): PortableSocket {
    const remote = addressOf(stream.remoteAddress, stream.remotePort);
    const socket = new PortableSocket(this.#room, NO_HANDLER, remote, "open");
    socket.attach(stream);
    if (wantsOriginal) {
      socket.originalDestination = this.#maker?.originalDestination(
        descriptorOf(stream),
        remote,
        socket.local.port,
        socket,
      );
    }
    return socket;
  }

  connect(options: io.ConnectOptions, handler: io.SocketHandler): io.ByteSocket {
    const remote = { ip: options.ip, port: options.port };
    const stream = this.#dial(options);
    const socket = new PortableSocket(this.#room, handler, remote, "connecting");
    socket.attach(stream);
    socket.limit(options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    return socket;
  }

  #dial(options: io.ConnectOptions): net.Socket {
    const target: net.TcpNetConnectOpts = {
      host: options.ip,
      port: options.port,
      allowHalfOpen: true,
      noDelay: true,
      autoSelectFamily: false,
    };
    const special = options.namespaceFd ?? options.mark ?? options.transparent;
    if (special === undefined || special === false) {
      if (options.sourceIp !== undefined) target.localAddress = options.sourceIp;
      return net.connect(target);
    }
    const fd = this.#demandNative("connect").unconnected(options);
    const stream = new net.Socket({ fd, allowHalfOpen: true, readable: true, writable: true });
    return stream.connect(target);
  }

  #demandNative(what: string): SocketMaker {
    if (this.#maker !== undefined) return this.#maker;
    throw new IoError("unsupported", "The portable driver cannot honour this option here", {
      facts: { what, reason: this.#unsupported },
    });
  }

  tlsContext(material: io.TlsMaterial): io.TlsContext {
    return new PortableTlsContext(material);
  }

  tlsAccept(socket: io.ByteSocket, context: io.TlsContext, handler: io.SocketHandler): io.TlsSocket {
    return this.#secure(socket, context, handler, "server", undefined);
  }

  tlsConnect(
    socket: io.ByteSocket,
    context: io.TlsContext,
    handler: io.SocketHandler,
    serverName?: string,
  ): io.TlsSocket {
    return this.#secure(socket, context, handler, "client", serverName);
  }

  #secure(
    socket: io.ByteSocket,
    context: io.TlsContext,
    handler: io.SocketHandler,
    role: "client" | "server",
    serverName: string | undefined,
  ): io.TlsSocket {
    if (!(socket instanceof PortableSocket) || !(context instanceof PortableTlsContext)) {
      throw new IoError("unsupported", "TLS needs a plain socket and a context of the same driver");
    }
    if (context.released) throw new IoError("material", "The TLS context was released");
    const { remote } = socket;
    const { stream, connecting } = socket.surrender();
    if (stream === undefined) throw new IoError("socket", "The socket is closed already");
    const secured = new PortableTlsSocket(this.#room, handler, context, remote);
    secured.begin(stream, connecting, role, serverName);
    return secured;
  }

  again(socket: io.ByteSocket): void {
    if (socket instanceof PortableSocket) this.#room.turns.again(socket);
  }

  endOfTurn(flush: () => void): void {
    this.#room.turns.endOfTurn(flush);
  }

  after(delayMs: number, run: () => void): io.DriverTimer {
    const timer = this.#room.clock.after(delayMs, () => {
      this.#timers.delete(timer);
      run();
    });
    this.#timers.add(timer);
    return {
      cancel: () => {
        timer.cancel();
        this.#timers.delete(timer);
      },
    };
  }

  now(): number {
    return this.#room.clock.monotonic();
  }

  start(): void {
    // Node's loop turns by itself.
  }

  stop(): void {
    this.#room.turns.stop();
    for (const timer of this.#timers) timer.cancel();
    for (const listener of this.#listeners) listener.close();
    for (const socket of this.#room.sockets) socket.close();
  }
}

class PortableListener implements io.Listener {
  readonly local: io.SocketAddress;
  readonly #server: net.Server;
  readonly #onClose: () => void;
  #fd: number;

  constructor(server: net.Server, fd: number, options: io.ListenOptions, onClose: () => void) {
    this.#server = server;
    this.#fd = fd;
    this.#onClose = onClose;
    const bound = server.address();
    this.local = typeof bound === "object" && bound !== null ? addressOf(bound.address, bound.port) : options;
  }

  get fd(): number {
    return this.#fd;
  }

  close(): void {
    if (!this.#server.listening) return;
    this.#fd = -1;
    this.#server.close();
    this.#onClose();
  }
}
