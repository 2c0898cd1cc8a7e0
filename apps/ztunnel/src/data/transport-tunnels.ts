import type { Logger } from "@ambit/base/logger.ts";
import type { Driver } from "@ambit/io/driver.ts";
import { HbonePool } from "@ambit/transport/hbone/pool.ts";
import { HboneServer } from "@ambit/transport/hbone/server.ts";
import type { RelayEnd } from "@ambit/transport/relay.ts";
import type { DataSettings } from "../messages.ts";
import type { SinglePool } from "./double-tunnel.ts";
import type { InboundTunnel, TunnelServer } from "./tunnels.ts";

const CLOSING: RelayEnd = { kind: "error", code: "cut", detail: "the proxy is shutting down" };

/** A pool of libs/transport as the rest of the thread sees it. */
export function makePool(
  driver: Driver,
  settings: Pick<DataSettings, "poolStreams" | "poolIdleMs">,
): SinglePool {
  const pool = new HbonePool(driver, {
    maxStreams: settings.poolStreams,
    idleReleaseMs: settings.poolIdleMs,
  });
  return {
    open: (destination, request, downstream, events) => pool.open(destination, request, downstream, events),
    retire: () => pool.retire(),
    drain: () => pool.drain(),
    close: () => {
      for (const session of pool.sessions) session.close(CLOSING);
    },
    ports: () => [...pool.sessions].map((session) => session.socket.local.port),
  };
}

/** A server of libs/transport; what fails before a request is only worth a debug line. */
export function makeServer(
  driver: Driver,
  log: Logger,
  onConnect: (tunnel: InboundTunnel) => void,
): TunnelServer {
  const server = new HboneServer(driver, {
    onConnect,
    onFailed: (remote, reason) => {
      const detail = reason.kind === "error" ? reason.detail : "complete";
      log.debug("tunnel connection failed", { remote: `${remote.ip}:${remote.port}`, detail });
    },
  });
  return {
    serve: (socket, context, trustDomain) => server.serve(socket, context, trustDomain),
    get idle() {
      return server.sessions.size === 0;
    },
    drain: () => server.drain(),
    close: () => {
      for (const session of [...server.sessions]) session.close(CLOSING);
    },
  };
}
