import type { ByteSocket, ConnectOptions, Driver, TlsContext } from "@ambit/io/driver.ts";
import type { Relay, RelayEvents } from "@ambit/transport/relay.ts";
import type { Headers, TunnelPool } from "./tunnels.ts";

export interface DoubleTunnelJob {
  readonly authority: string;
  readonly context: TlsContext;
  readonly outer: {
    readonly key: string;
    readonly expectedIdentities: readonly string[];
    readonly connect: ConnectOptions;
    readonly headers: Headers;
  };
  readonly inner: { readonly expectedIdentities: readonly string[]; readonly headers: Headers };
}

/** A pool of one use, and the local ports of its connections. */
export interface SinglePool extends TunnelPool {
  ports(): readonly number[];
}

export interface DoubleTunnelDeps {
  readonly driver: Driver;
  /** Outer tunnels share their sessions. */
  readonly outerPool: TunnelPool;
  /** Inner sessions belong to one user connection each (ambient.md 4.6). */
  readonly makeInnerPool: () => SinglePool;
}

const LOOPBACK = "127.0.0.1";

/**
 * A tunnel to another network's gateway with a second one inside it (ambient.md 4.7). The inner session needs a socket
 * of its own, so both are joined by a pair of loopback sockets; a stranger that dials in between is turned away, and
 * could not pass the inner handshake anyway.
 */
export function openDoubleTunnel(
  job: DoubleTunnelJob,
  downstream: ByteSocket,
  events: RelayEvents,
  deps: DoubleTunnelDeps,
): Relay {
  const { driver, outerPool } = deps;
  const innerPool = deps.makeInnerPool();
  let outer: Relay | undefined;
  const listener = driver.listen({ ip: LOOPBACK, port: 0, backlog: 1 }, (joint) => {
    if (outer !== undefined || !innerPool.ports().includes(joint.remote.port)) {
      joint.handler = STRANGER;
      joint.reset();
      return;
    }
    listener.close();
    const { key, expectedIdentities, connect, headers } = job.outer;
    const destination = { key, expectedIdentities, context: job.context, connect };
    const request = { authority: job.authority, headers };
    outer = outerPool.open(destination, request, joint, {
      onEstablished: () => undefined,
      // The inner end has the last word; this one tells it what happened outside.
      onEnd: (end) => {
        if (end.kind === "error") inner.cut(`the outer tunnel: ${end.detail}`);
      },
    });
  });
  const inner = innerPool.open(
    {
      key: "inner",
      expectedIdentities: job.inner.expectedIdentities,
      context: job.context,
      connect: { ip: LOOPBACK, port: listener.local.port },
    },
    { authority: job.authority, headers: job.inner.headers },
    downstream,
    {
      onEstablished: (headers) => events.onEstablished(headers),
      onEnd: (end) => {
        listener.close();
        innerPool.drain();
        events.onEnd(end);
      },
    },
  );
  return inner;
}

const STRANGER = {
  onConnected: () => undefined,
  onReadable: () => undefined,
  onWritable: () => undefined,
  onError: () => undefined,
};
