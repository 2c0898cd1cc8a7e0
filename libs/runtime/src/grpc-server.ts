import { Server, type ServerCredentials } from "@grpc/grpc-js";
import { AmbitError } from "@ambit/base/errors.ts";

/** A connection without a call is let go after this; clients connect again when they have something to ask. */
const IDLE_MS = 300_000;

/** A gRPC server with request bound, stream bound, HTTP/2 keepalive (30 s, timeout 10 s) and idle timeout (5 min). */
export function createGrpcServer(
  options: { readonly maxReceiveBytes?: number; readonly maxStreams?: number } = {},
): Server {
  return new Server({
    "grpc.max_receive_message_length": options.maxReceiveBytes ?? 4 * 1024 * 1024,
    "grpc.max_send_message_length": -1,
    "grpc.max_concurrent_streams": options.maxStreams ?? 1024,
    "grpc.max_connection_idle_ms": IDLE_MS,
    "grpc.keepalive_time_ms": 30_000,
    "grpc.keepalive_timeout_ms": 10_000,
  });
}

/** Binds and starts serving; resolves with the port. Throws an AmbitError when the port cannot be had. */
export function listenGrpc(server: Server, address: string, credentials: ServerCredentials): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (cause, port) => {
      if (cause === null) resolve(port);
      else reject(new AmbitError("cannot-listen", `Cannot listen on ${address}`, { cause }));
    });
  });
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
