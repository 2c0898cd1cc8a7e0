import type { Clock } from "@ambit/base/clock.ts";
import type { Logger } from "@ambit/base/logger.ts";
import type { Random } from "@ambit/base/random.ts";
import { ensureCredentials } from "./credentials.ts";
import { EmbeddedBroker } from "./embedded-broker.ts";
import { isSafeVersion, natsServerVersion, startNatsServer, type RunningBroker } from "./nats-server.ts";
import { meshUsers, type BusProxy } from "./permissions.ts";

export interface BrokerOptions {
  readonly host: string;
  readonly port: number;
  /** Folder of the users' credentials (0700), one file per user (0600); made when missing. */
  readonly credentialsDir: string;
  /** Where a real server's configuration is written (0600). @default credentialsDir */
  readonly runDir?: string | undefined;
  readonly nodes: readonly string[];
  /** Waypoints and gateways with credentials of their own. @default none */
  readonly proxies?: readonly BusProxy[];
  /** Program of a real server. @default "nats-server" from PATH */
  readonly binary?: string | undefined;
}

export interface StartBrokerDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** A real server ended by itself. */
  readonly onExit: (code: number | null) => void;
}

/**
 * Starts the bus: a real nats-server when there is one without known holes, the embedded broker otherwise. Throws a
 * BusError `listen`.
 */
export async function startBroker(options: BrokerOptions, deps: StartBrokerDeps): Promise<RunningBroker> {
  const { host, port, credentialsDir, runDir = credentialsDir, nodes, binary = "nats-server" } = options;
  const { logger } = deps;
  const users = ensureCredentials(credentialsDir, meshUsers(nodes, options.proxies), deps.random);
  const version = natsServerVersion(binary);
  if (version !== undefined && isSafeVersion(version)) {
    const server = await startNatsServer({ binary, host, port, users, folder: runDir }, deps);
    logger.info("nats-server", { port, version });
    return server;
  }
  if (version !== undefined)
    logger.warn("nats-server has known holes, using the embedded broker", { version });
  const broker = new EmbeddedBroker(users, deps);
  const bound = await broker.listen(host, port);
  logger.info("embedded broker", { port: bound });
  return { kind: "embedded", port: bound, stop: () => broker.close() };
}
