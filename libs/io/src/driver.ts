/**
 * The one interface between the mesh's protocols and the kernel. Two drivers implement it: the engine (epoll and
 * OpenSSL through FFI, Linux) and the portable driver (node:net and node:tls). Protocol code is written once against
 * it, as state machines over byte windows. One driver belongs to one thread; nothing here is asynchronous.
 */

/** A fixed piece of memory that sockets read into and write from. `address` is 0 where no FFI is in use. */
export interface Memory {
  readonly bytes: Buffer;
  readonly address: number;
}

/**
 * Result of a read or write that would block: -EAGAIN. Any other negative result is -errno: the socket is closed then,
 * and `onError` follows in this turn unless the owner calls `close` or `reset` first.
 */
export const WOULD_BLOCK = -11;

export interface SocketAddress {
  /** Canonical text. */
  readonly ip: string;
  readonly port: number;
}

/** What the owner of a socket is told. Calls never nest inside a call the owner made on the same socket. */
export interface SocketHandler {
  /** An outgoing connection (and for TLS, either side's handshake) is complete. */
  onConnected(socket: ByteSocket): void;
  /**
   * Bytes or the end of the stream may be read. Edge-triggered: read until WOULD_BLOCK, 0 or a short read, or ask
   * for another call with `driver.again(socket)`.
   */
  onReadable(socket: ByteSocket): void;
  /** A write that had returned WOULD_BLOCK (or was partial) may be tried again. */
  onWritable(socket: ByteSocket): void;
  /** The socket failed or could not be connected; it is closed already. Nothing follows. */
  onError(socket: ByteSocket, error: SocketError): void;
}

/** Why a socket ended: an errno name such as `ECONNREFUSED`, or a TLS failure. */
export interface SocketError {
  readonly kind: "connect" | "io" | "tls" | "timeout";
  /** For example `ECONNRESET`, or OpenSSL's reason. */
  readonly code: string;
  readonly detail: string;
}

export interface ByteSocket {
  handler: SocketHandler;
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  /** True after `close`, `reset` or an error. */
  readonly closed: boolean;
  /** Bytes read into `into` from `offset`, at most `length`; 0 at the end of the stream; WOULD_BLOCK; or -errno. */
  read(into: Memory, offset: number, length: number): number;
  /**
   * Bytes accepted, or WOULD_BLOCK, or -errno. A plain socket may accept a part. A TLS socket accepts all of at most
   * 256 KiB or nothing: it keeps the sealed bytes and reports WOULD_BLOCK until they have left.
   */
  write(from: Memory, offset: number, length: number): number;
  /** Gathers `count` windows of `from`: pairs of offset and length in `windows`. Result as for `write`. */
  writev(from: Memory, windows: Int32Array, count: number): number;
  /** Ends our direction: FIN, or close_notify. Reading goes on. */
  shutdownWrite(): void;
  /** Closes both directions at once, with FIN (plain) or close_notify and FIN (TLS). */
  close(): void;
  /** Closes with RST. */
  reset(): void;
  /** A hint: report readable only once this many bytes are there (SO_RCVLOWAT); 1 is the default. */
  setReceiveLowWater(bytes: number): void;
  /** Bytes that may still be sent lie in our hands (TLS only). */
  readonly blocked: boolean;
}

/** What a verified peer certificate says. */
export interface PeerCertificate {
  /** URI subject alternative names, in order. */
  readonly uriSans: readonly string[];
  /** Serial number as upper-case hexadecimal. */
  readonly serial: string;
  /** Milliseconds since the epoch. */
  readonly notAfter: number;
  /** DER bytes; do not keep a view past the callback, copy. */
  readonly der: Uint8Array;
}

export interface TlsSocket extends ByteSocket {
  /** Set before `onConnected`; the chain was verified against the context's roots. */
  readonly peer: PeerCertificate | undefined;
}

/** PEM texts of one identity. */
export interface TlsMaterial {
  /** Leaf, then intermediates. */
  readonly certificateChain: string;
  /** PKCS#8. */
  readonly privateKey: string;
  /** One or more root certificates. */
  readonly roots: string;
  /** @default "h2" */
  readonly alpn?: string;
  /** TLS 1.3 suites in order. @default "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384" */
  readonly cipherSuites?: string;
}

/** A loaded identity. Sockets made from it stay valid after `release`. */
export interface TlsContext {
  release(): void;
}

export interface ListenOptions {
  /** An already listening descriptor; `ip`, `port` and the socket options are ignored then. */
  readonly fd?: number;
  readonly ip: string;
  readonly port: number;
  /** Create the socket inside this network namespace (a descriptor of it). */
  readonly namespaceFd?: number;
  readonly reusePort?: boolean;
  readonly mark?: number;
  readonly transparent?: boolean;
  /** @default 1024 */
  readonly backlog?: number;
  /** TCP congestion control of the accepted sockets, such as "cubic"; the host's own when absent or not to be had. */
  readonly congestionControl?: string | undefined;
  /** Read SO_ORIGINAL_DST of each accepted socket into `AcceptedSocket.originalDestination`. */
  readonly originalDestination?: boolean;
}

export interface AcceptedSocket extends ByteSocket {
  /** Where the peer wanted to go before the redirect; undefined when not asked for or not redirected. */
  readonly originalDestination: SocketAddress | undefined;
}

export interface Listener {
  readonly local: SocketAddress;
  /** The descriptor, for hand-over; -1 where there is none. */
  readonly fd: number;
  close(): void;
}

export interface ConnectOptions {
  readonly ip: string;
  readonly port: number;
  readonly namespaceFd?: number;
  readonly mark?: number;
  /** Source address; needs `transparent` when it is not one of the namespace's own. */
  readonly sourceIp?: string;
  readonly transparent?: boolean;
  /** TCP congestion control, such as "cubic"; the host's own when absent or not to be had. */
  readonly congestionControl?: string | undefined;
  /** @default 10000 */
  readonly timeoutMs?: number;
}

export interface DriverTimer {
  cancel(): void;
}

export interface Driver {
  readonly name: "engine" | "portable";
  allocate(bytes: number): Memory;
  /** Throws an IoError when the socket cannot be made or bound. The acceptor sets `socket.handler` before it returns. */
  listen(options: ListenOptions, onAccept: (socket: AcceptedSocket) => void): Listener;
  /** Starts a connection; `onConnected` or `onError` follows, never before `connect` has returned. */
  connect(options: ConnectOptions, handler: SocketHandler): ByteSocket;
  /** Throws an IoError when the material cannot be loaded. */
  tlsContext(material: TlsMaterial): TlsContext;
  /** Takes a connected plain socket over and starts the server's handshake; a client certificate is demanded. */
  tlsAccept(socket: ByteSocket, context: TlsContext, handler: SocketHandler): TlsSocket;
  /** Takes a connected or connecting plain socket over and starts the client's handshake; no SNI unless named. */
  tlsConnect(socket: ByteSocket, context: TlsContext, handler: SocketHandler, serverName?: string): TlsSocket;
  /** `onReadable` is called once more in this or the next turn. */
  again(socket: ByteSocket): void;
  /** Runs `flush` once at the end of the present turn. */
  endOfTurn(flush: () => void): void;
  after(delayMs: number, run: () => void): DriverTimer;
  /** Monotonic milliseconds, read once a turn. */
  now(): number;
  /** Starts turning; returns at once. */
  start(): void;
  /** Ends turning and closes every socket that is left. */
  stop(): void;
}
