import {
  Server,
  ServerInterceptingCall,
  type ServerCredentials,
  type ServerInterceptor,
} from "@grpc/grpc-js";
import { guardStreams } from "./grpc-stream-guard.ts";
import { LimitedListener, type ConnectionLimits } from "./limited-listener.ts";

/** A connection without a call is let go after this; clients connect again when they have something to ask. */
const IDLE_MS = 300_000;
/** From the head of a call to the end of its first message; who takes longer loses the connection. */
const FIRST_MESSAGE_MS = 10_000;
/** Memory of one connection's HTTP/2 session, in MB, beyond which it gets no further streams. */
const SESSION_MEMORY_MB = 64;

export interface GrpcServerOptions extends ConnectionLimits {
  /** @default 4 MiB */
  readonly maxReceiveBytes?: number;
  /** Calls at once on one connection. @default 100 */
  readonly maxStreams?: number;
  /** Milliseconds. @default 10000 */
  readonly firstMessageMs?: number;
}

/**
 * A gRPC server with request bound, stream bound, connection bounds, HTTP/2 keepalive (30 s, timeout 10 s), idle timeout
 * (5 min), a time for the first message of a call (10 s), and streams that hold to the protocol (`guardStreams`).
 */
export function createGrpcServer(options: GrpcServerOptions = {}): GrpcServer {
  return new GrpcServer(options);
}

/** Listens itself and hands connections to the library, which knows no bounds for them. */
export class GrpcServer extends Server {
  readonly #limits: ConnectionLimits;
  readonly #listeners: LimitedListener[];
  readonly #endGuard: () => void;

  constructor(options: GrpcServerOptions) {
    const listeners: LimitedListener[] = [];
    const cut = (peer: string): void => {
      for (const listener of listeners) listener.cut(peer);
    };
    super({
      "grpc.max_receive_message_length": options.maxReceiveBytes ?? 4 * 1024 * 1024,
      "grpc.max_send_message_length": -1,
      "grpc.max_concurrent_streams": options.maxStreams ?? 100,
      "grpc.max_connection_idle_ms": IDLE_MS,
      "grpc.keepalive_time_ms": 30_000,
      "grpc.keepalive_timeout_ms": 10_000,
      "grpc-node.max_session_memory": SESSION_MEMORY_MB,
      interceptors: [firstMessageInTime(options.firstMessageMs ?? FIRST_MESSAGE_MS, cut)],
    });
    this.#limits = options;
    this.#listeners = listeners;
    this.#endGuard = guardStreams((peer) => listeners.some((listener) => listener.has(peer)));
  }

  /** Connections that are open, handshakes included. */
  get connections(): number {
    return this.#listeners.reduce((sum, listener) => sum + listener.connections, 0);
  }

  /** Binds `host:port` and serves; resolves with the port. Rejects with an AmbitError when the port cannot be had. */
  listen(address: string, credentials: ServerCredentials): Promise<number> {
    const injector = this.createConnectionInjector(credentials);
    const listener = new LimitedListener((socket) => injector.injectConnection(socket), this.#limits);
    this.#listeners.push(listener);
    return listener.listen(address);
  }

  override tryShutdown(callback: (error?: Error) => void): void {
    let left = this.#listeners.length + 1;
    let failure: Error | undefined;
    // The library knows when its sessions are told to end, not when they have.
    const ended = (): void => {
      if (--left > 0) return;
      this.#endGuard();
      callback(failure);
    };
    for (const listener of this.#listeners) listener.close(ended);
    super.tryShutdown((error) => {
      failure = error;
      ended();
    });
  }

  override forceShutdown(): void {
    for (const listener of this.#listeners) {
      listener.close();
      listener.cutAll();
    }
    this.#endGuard();
    super.forceShutdown();
  }
}

/** Binds and starts serving; resolves with the port. Throws an AmbitError when the port cannot be had. */
export function listenGrpc(
  server: GrpcServer,
  address: string,
  credentials: ServerCredentials,
): Promise<number> {
  return server.listen(address, credentials);
}

/** Lets calls finish until the signal aborts, then ends them. Connections that say nothing do not hold it up. */
export function stopGrpc(server: Server, deadline: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    // The library's own callback would wait for sockets on which no call was ever made.
    const force = (): void => {
      server.forceShutdown();
      resolve();
    };
    deadline.addEventListener("abort", force, { once: true });
    if (deadline.aborted) force();
    server.tryShutdown(() => {
      deadline.removeEventListener("abort", force);
      resolve();
    });
  });
}

// A status alone would leave the caller's half of the stream open, and with it what the stream takes.
function firstMessageInTime(timeoutMs: number, cut: (peer: string) => void): ServerInterceptor {
  return (_method, call) => {
    let timer: NodeJS.Timeout | undefined;
    const stop = (): void => clearTimeout(timer);
    return new ServerInterceptingCall(call, {
      start: (next) => {
        timer = setTimeout(() => cut(call.getPeer()), timeoutMs);
        timer.unref();
        next({
          onReceiveMessage: (message, pass) => {
            stop();
            pass(message);
          },
          onCancel: stop,
        });
      },
    });
  };
}
