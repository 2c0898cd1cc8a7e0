import type { Socket } from "node:net";
import * as tls from "node:tls";
import type {
  PeerCertificate,
  SocketAddress,
  SocketHandler,
  TlsContext,
  TlsMaterial,
  TlsSocket,
} from "../driver.ts";
import { IoError } from "../io-error.ts";
import type { PeerCertificateReader } from "../peer-certificate.ts";
import type { SocketMaker } from "../socket-maker.ts";
import { PortableSocket, addressOf, descriptorOf, socketErrorOf } from "./portable-socket.ts";
import type { PortableRoom } from "./portable-socket.ts";

const DEFAULT_ALPN = "h2";
const DEFAULT_SUITES = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384";

/** Shared by the TLS sockets of one driver. */
export interface PortableTlsRoom extends PortableRoom {
  readonly peers: PeerCertificateReader;
  /** Undefined where there are no native calls. */
  readonly maker: SocketMaker | undefined;
}

/**
 * An identity loaded into node:tls. Its server never listens: connections are injected, which tls.Server documents,
 * because only a server verifies client certificates by public means. Results find their way back by the addresses of
 * the connection, which are unique while it lives.
 */
export class PortableTlsContext implements TlsContext {
  readonly alpn: string;
  readonly secure: tls.SecureContext;
  readonly #server: tls.Server;
  readonly #waiting = new Map<string, PortableTlsSocket>();
  #released = false;

  /** Throws an IoError `material`. */
  constructor(material: TlsMaterial) {
    this.alpn = material.alpn ?? DEFAULT_ALPN;
    const options: tls.SecureContextOptions = {
      cert: material.certificateChain,
      key: material.privateKey,
      ca: material.roots,
      ciphers: material.cipherSuites ?? DEFAULT_SUITES,
      minVersion: "TLSv1.3",
      maxVersion: "TLSv1.3",
    };
    if (
      !material.roots.includes("-----BEGIN CERTIFICATE-----") ||
      !material.certificateChain.includes("-----BEGIN ")
    ) {
      throw new IoError("material", "The roots or the certificate chain hold no certificate");
    }
    try {
      this.secure = tls.createSecureContext(options);
      this.#server = tls.createServer({
        ...options,
        requestCert: true,
        rejectUnauthorized: true,
        ALPNProtocols: [this.alpn],
        handshakeTimeout: 0x7fffffff,
      });
    } catch (cause) {
      throw new IoError("material", "The TLS material cannot be loaded", { cause });
    }
    this.#server.on("secureConnection", (stream) => this.#find(stream)?.secured(stream));
    this.#server.on("tlsClientError", (error, stream) => {
      this.#find(stream)?.refused(stream.authorizationError ?? error);
    });
  }

  /** Starts the server's handshake on `raw`. */
  accept(raw: Socket, socket: PortableTlsSocket): void {
    const key = connectionKey(raw);
    this.#waiting.set(key, socket);
    raw.once("close", () => {
      if (this.#waiting.delete(key)) socket.refused(new Error("the connection ended during the handshake"));
    });
    this.#server.emit("connection", raw);
  }

  #find(stream: Socket): PortableTlsSocket | undefined {
    const key = connectionKey(stream);
    const found = this.#waiting.get(key);
    this.#waiting.delete(key);
    return found;
  }

  get released(): boolean {
    return this.#released;
  }

  release(): void {
    this.#released = true;
  }
}

function connectionKey(stream: Socket): string {
  const { remoteAddress, remotePort, localAddress, localPort } = stream;
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
}

/** A tls.TLSSocket behind the pull interface. */
export class PortableTlsSocket extends PortableSocket implements TlsSocket {
  peer: PeerCertificate | undefined;
  protected override readonly room: PortableTlsRoom;
  readonly #context: PortableTlsContext;
  #raw: Socket | undefined;

  constructor(
    room: PortableTlsRoom,
    handler: SocketHandler,
    context: PortableTlsContext,
    remote: SocketAddress,
  ) {
    super(room, handler, remote, "connecting");
    this.room = room;
    this.#context = context;
  }

  override get local(): SocketAddress {
    return this.stream === undefined ? addressOf(this.#raw?.localAddress, this.#raw?.localPort) : super.local;
  }

  override get blocked(): boolean {
    return this.needsDrain;
  }

  protected override onBlocked(): void {
    this.wantsWrite = true;
  }

  /** Begins with a plain stream, at once or when it is connected. */
  begin(raw: Socket, connecting: boolean, role: "client" | "server", serverName: string | undefined): void {
    this.#raw = raw;
    // An end in the middle of a handshake ends everything; half-closing begins after it.
    raw.allowHalfOpen = false;
    this.limit(this.room.handshakeTimeoutMs);
    const onError = (error: Error): void => this.failed(socketErrorOf(error, connecting ? "connect" : "io"));
    raw.on("error", onError);
    const proceed = (): void => {
      if (this.closed) return;
      if (role === "server") this.#context.accept(raw, this);
      else this.#dial(raw, serverName);
    };
    if (connecting) raw.once("connect", proceed);
    else proceed();
  }

  #dial(raw: Socket, serverName: string | undefined): void {
    const stream = tls.connect({
      socket: raw,
      secureContext: this.#context.secure,
      rejectUnauthorized: true,
      // Who the peer has to be is decided by its SPIFFE identity, after the chain was verified here.
      checkServerIdentity: () => undefined,
      ALPNProtocols: [this.#context.alpn],
      ...(serverName === undefined ? {} : { servername: serverName }),
    });
    stream.on("error", (error) => this.refused(error));
    stream.once("close", () => this.refused(new Error("the connection ended during the handshake")));
    stream.once("secureConnect", () => {
      stream.removeAllListeners("error").removeAllListeners("close");
      this.secured(stream);
    });
  }

  /** The handshake failed. */
  refused(reason: Error): void {
    if (this.phase !== "connecting") return;
    const error = socketErrorOf(reason, "tls");
    this.failed({ ...error, kind: "tls", code: "EPROTO" });
    this.#raw?.destroy();
  }

  /** The handshake is complete and the chain verified. */
  secured(stream: tls.TLSSocket): void {
    if (this.phase !== "connecting") return void stream.destroy();
    const certificate = stream.getPeerX509Certificate();
    if (certificate === undefined) return this.refused(new Error("the peer showed no certificate"));
    if (stream.alpnProtocol !== this.#context.alpn) {
      return this.refused(new Error("no application protocol was agreed on"));
    }
    stream.allowHalfOpen = true;
    this.peer = this.room.peers.read(certificate.raw);
    this.attach(stream);
    this.onEstablished();
  }

  override close(): void {
    if (this.phase === "connecting") this.#raw?.destroy();
    super.close();
  }

  // TLSSocket cannot reset, nor can the stream under it any more; the descriptor can. Without native calls it is FIN.
  protected override resetStream(): void {
    const fd = this.#raw === undefined ? -1 : descriptorOf(this.#raw);
    if (fd >= 0) this.room.maker?.abortOnClose(fd);
    this.stream?.destroy();
    this.#raw?.destroy();
  }
}
