import { spawn, spawnSync } from "node:child_process";
import { connect } from "node:net";
import { join } from "node:path";
import { sleep, systemClock } from "@ambit/base/clock.ts";
import { describeError } from "@ambit/base/errors.ts";
import { writeFileAtomic } from "@ambit/base/files.ts";
import { splitHostPort } from "@ambit/base/ip.ts";
import type { Logger } from "@ambit/base/logger.ts";
import { systemRandom } from "@ambit/base/random.ts";
import { AdminServer } from "@ambit/runtime/admin.ts";
import { Readiness, runProcess, type App } from "@ambit/runtime/lifecycle.ts";
import { LogWriter, stderrSink } from "@ambit/runtime/log-writer.ts";
import { Metrics } from "@ambit/runtime/metrics.ts";
import { SettingsReader } from "@ambit/runtime/settings.ts";
import { ensureCredentials } from "./credentials.ts";
import { EmbeddedBroker, type BrokerUser } from "./embedded-broker.ts";
import { meshUsers } from "./permissions.ts";
import { natsServerConfig } from "./server-config.ts";

/** The bus of a local mesh: a real nats-server when there is one on PATH, the embedded broker otherwise. */
function createBrokerApp(logger: Logger, writer: LogWriter): App {
  const reader = new SettingsReader(process.env);
  const listen = splitHostPort(reader.text("AMBIT_BUS_LISTEN", "127.0.0.1:4222"));
  const folder = reader.text("AMBIT_BUS_CREDENTIALS");
  const nodes = reader.list("AMBIT_NODES");
  const adminSocket = reader.optionalText("ADMIN_SOCKET");
  if (listen === undefined) reader.problem("AMBIT_BUS_LISTEN is no host:port");
  reader.finish();
  const { host, port } = listen ?? { host: "127.0.0.1", port: 4222 };
  const readiness = new Readiness();
  const up = readiness.begin("broker");
  const metrics = new Metrics({ component: "bus", version: "0.1.0" });
  const admin = new AdminServer(adminSocket === undefined ? {} : { socketPath: adminSocket }, {
    writer,
    metrics,
    readiness,
  });
  let stop: () => Promise<void> = () => Promise.resolve();
  return {
    async start() {
      await admin.start();
      const users = ensureCredentials(folder, meshUsers(nodes), systemRandom);
      stop = hasNatsServer()
        ? await startNats({ host, port, users, folder }, logger)
        : await startEmbedded({ host, port, users }, logger);
      up();
    },
    async drain() {
      await stop();
      await admin.stop();
    },
  };
}

function hasNatsServer(): boolean {
  return spawnSync("nats-server", ["--version"]).status === 0;
}

async function startEmbedded(
  options: { host: string; port: number; users: readonly BrokerUser[] },
  logger: Logger,
): Promise<() => Promise<void>> {
  const broker = new EmbeddedBroker(options.users, { clock: systemClock, random: systemRandom, logger });
  await broker.listen(options.host, options.port);
  logger.info("embedded broker", { port: options.port });
  return () => broker.close();
}

async function startNats(
  options: { host: string; port: number; users: readonly BrokerUser[]; folder: string },
  logger: Logger,
): Promise<() => Promise<void>> {
  const path = join(options.folder, "nats-server.conf");
  writeFileAtomic(path, natsServerConfig(options), 0o600);
  const child = spawn("nats-server", ["-c", path], { stdio: ["ignore", "inherit", "inherit"] });
  let ended = false;
  child.once("exit", (code) => {
    ended = true;
    logger.error("nats-server ended", { code });
    process.exit(1);
  });
  for (let attempt = 0; attempt < 100 && !ended && !(await answers(options.port)); attempt++)
    await sleep(systemClock, 50);
  logger.info("nats-server", { port: options.port });
  return () =>
    new Promise((resolve) => {
      child.removeAllListeners("exit");
      child.once("exit", () => resolve());
      child.kill("SIGTERM");
    });
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("data", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

const writer = new LogWriter({}, { clock: systemClock, sink: stderrSink });
const logger = writer.logger("bus");
try {
  await runProcess(createBrokerApp(logger, writer), { drainMs: 3_000 }, { logger, clock: systemClock });
} catch (thrown) {
  process.stderr.write(`bus cannot start: ${describeError(thrown)}\n`);
  process.exitCode = 1;
}
