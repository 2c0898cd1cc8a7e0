import { systemClock } from "@ambit/base/clock.ts";
import type { Clock } from "@ambit/base/clock.ts";
import * as io from "../driver.ts";
import { IoError, errnoName } from "../io-error.ts";
import { EADDRNOTAVAIL, EINPROGRESS } from "../linux.ts";
import { PeerCertificateReader } from "../peer-certificate.ts";
import { SocketMaker } from "../socket-maker.ts";
import { createSys } from "../sys.ts";
import { createTlsSys, ffiAvailable } from "../sys-tls.ts";
import { DescriptorReserve } from "./descriptor-reserve.ts";
import { EngineListener } from "./listener.ts";
import { EpollLoop } from "./loop.ts";
import { PlainSocket } from "./plain-socket.ts";
import { TlsBuffers } from "./tls-buffers.ts";
import { EngineTlsContext } from "./tls-context.ts";
import { EngineTlsSocket } from "./tls-socket.ts";
import type { TlsRoom } from "./tls-socket.ts";

const DEFAULT_TIMEOUT_MS = 10_000;
/** There is no descriptor left for the process, or for anybody. */
const FULL: ReadonlySet<unknown> = new Set(["EMFILE", "ENFILE"]);

export interface EngineOptions {
  /** Assert bounds and lifetimes on every native call. @default false */
  readonly checked?: boolean;
  /** @default systemClock */
  readonly clock?: Clock;
  /** How long a TLS handshake may take, its TCP connection included. @default 10000 */
  readonly handshakeTimeoutMs?: number;
}

/** A driver over epoll and the binary's own OpenSSL. Throws an IoError `unsupported` where `ffiAvailable` says no. */
export function createEngineDriver(options: EngineOptions = {}): io.Driver {
  return new EngineDriver(options);
}

class EngineDriver implements io.Driver {
  readonly name = "engine";
  readonly #room: TlsRoom;
  readonly #vectors: io.Memory;
  #stopped = false;

  constructor(options: EngineOptions) {
    const status = ffiAvailable();
    if (!status.tls) {
      throw new IoError("unsupported", "The engine driver cannot run here", {
        facts: { reason: status.reason },
      });
    }
    const sys = createSys(options.checked);
    const tls = createTlsSys(options.checked);
    this.#vectors = sys.allocate(4096);
    this.#room = {
      sys,
      tls,
      loop: new EpollLoop(sys, options.clock ?? systemClock),
      maker: new SocketMaker(sys),
      reserve: new DescriptorReserve(sys),
      buffers: new TlsBuffers(sys, tls),
      peers: new PeerCertificateReader(),
      handshakeTimeoutMs: options.handshakeTimeoutMs ?? DEFAULT_TIMEOUT_MS,
    };
  }

  allocate(bytes: number): io.Memory {
    return this.#room.sys.allocate(bytes);
  }

  listen(options: io.ListenOptions, onAccept: (socket: io.AcceptedSocket) => void): io.Listener {
    const { maker } = this.#room;
    const fd = options.fd === undefined ? maker.listen(options) : maker.adopt(options.fd);
    return new EngineListener(this.#room, this.#vectors, fd, options, onAccept);
  }

  connect(options: io.ConnectOptions, handler: io.SocketHandler): io.ByteSocket {
    const { maker, sys } = this.#room;
    const { ip, port } = options;
    let fd = this.#unconnected(options);
    let result = maker.connect(fd, ip, port);
    if (result === -EADDRNOTAVAIL && options.transparent === true) {
      // The port of our choice is still held by an old connection of the same two ends.
      sys.close(fd);
      fd = maker.unconnected(options, "kernel");
      result = maker.connect(fd, ip, port);
    }
    const socket = new OutgoingSocket(this.#room, this.#vectors, handler, fd, { ip, port });
    socket.begin(result, options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    return socket;
  }

  /** As the maker's, out of the reserve when the process has no descriptor left. */
  #unconnected(options: io.ConnectOptions): number {
    const { maker, reserve } = this.#room;
    try {
      return maker.unconnected(options);
    } catch (thrown) {
      const isFull = thrown instanceof IoError && FULL.has(thrown.facts["errno"]);
      if (!isFull || !reserve.spend()) throw thrown;
      return maker.unconnected(options);
    }
  }

  tlsContext(material: io.TlsMaterial): io.TlsContext {
    return new EngineTlsContext(this.#room.tls, material);
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
    if (!(socket instanceof PlainSocket) || !(context instanceof EngineTlsContext)) {
      throw new IoError("unsupported", "TLS needs a plain socket and a context of the same driver");
    }
    if (socket.closed) throw new IoError("socket", "The socket is closed already");
    const session = this.#room.tls.newSession(context.handle, role, serverName);
    return new EngineTlsSocket(this.#room, handler, socket.surrender(), session, context.alpn);
  }

  again(socket: io.ByteSocket): void {
    if (socket instanceof PlainSocket || socket instanceof EngineTlsSocket) this.#room.loop.again(socket);
  }

  endOfTurn(flush: () => void): void {
    this.#room.loop.endOfTurn(flush);
  }

  after(delayMs: number, run: () => void): io.DriverTimer {
    return this.#room.loop.after(delayMs, run);
  }

  now(): number {
    return this.#room.loop.now();
  }

  start(): void {
    this.#room.loop.start();
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    for (const target of [...this.#room.loop.watched()]) {
      if (target instanceof EngineListener) target.close();
      if (target instanceof PlainSocket) target.close();
      if (target instanceof EngineTlsSocket) target.abandon();
    }
    this.#room.reserve.close();
    this.#room.loop.stop();
  }
}

/** A socket that was asked to connect; immediate refusals are told in the turn, never inside `connect`. */
class OutgoingSocket extends PlainSocket {
  constructor(
    room: TlsRoom,
    vectors: io.Memory,
    handler: io.SocketHandler,
    fd: number,
    remote: io.SocketAddress,
  ) {
    super(room, vectors, handler, fd, remote, "connecting");
  }

  /** `result` is what the connect call answered. */
  begin(result: number, timeoutMs: number): void {
    // TCP has no EAGAIN here: it is an errno that the runtime left behind between the call and our look at it. The
    // attempt is under way; should it have failed after all, epoll and the limit tell.
    if (result < 0 && result !== -EINPROGRESS && result !== io.WOULD_BLOCK) {
      this.fail("connect", errnoName(result), "the connection was not made", result);
      return;
    }
    this.limit(timeoutMs);
    this.stands = this.room.maker.isConnected(this.fd);
    this.watch();
    if (!this.stands) return;
    this.room.loop.defer(() => {
      if (this.phase === "connecting") this.settle(0);
    });
  }
}
