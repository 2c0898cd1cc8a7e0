import { systemClock } from "@ambit/base/clock.ts";
import { describeError } from "@ambit/base/errors.ts";
import { splitHostPort } from "@ambit/base/ip.ts";
import type { Logger } from "@ambit/base/logger.ts";
import { systemRandom } from "@ambit/base/random.ts";
import { AdminServer } from "@ambit/runtime/admin.ts";
import { Readiness, runProcess, type App } from "@ambit/runtime/lifecycle.ts";
import { LogWriter, stderrSink } from "@ambit/runtime/log-writer.ts";
import { Metrics } from "@ambit/runtime/metrics.ts";
import { SettingsReader } from "@ambit/runtime/settings.ts";
import type { RunningBroker } from "./nats-server.ts";
import { startBroker, type BrokerOptions } from "./start-broker.ts";

const DRAIN_MS = 3_000;

function readSettings(): BrokerOptions & { readonly adminSocket: string | undefined } {
  const reader = new SettingsReader(process.env);
  const listen = splitHostPort(reader.text("AMBIT_BUS_LISTEN", "127.0.0.1:4222"));
  if (listen === undefined) reader.problem("AMBIT_BUS_LISTEN is no host:port");
  const settings = {
    host: listen?.host ?? "",
    port: listen?.port ?? 0,
    credentialsDir: reader.text("AMBIT_BUS_CREDENTIALS"),
    runDir: reader.optionalText("AMBIT_BUS_RUN_DIR"),
    nodes: reader.list("AMBIT_NODES"),
    proxies: reader.list("AMBIT_BUS_PROXIES").flatMap((text) => {
      const [kind = "", namespace = "", name = "", ...rest] = text.split("/");
      if ((kind === "waypoint" || kind === "gateway") && namespace !== "" && name !== "" && rest.length === 0)
        return [{ kind, namespace, name } as const];
      reader.problem(`AMBIT_BUS_PROXIES: "${text}" is not of the form waypoint/namespace/name`);
      return [];
    }),
    binary: reader.optionalText("AMBIT_NATS_SERVER"),
    adminSocket: reader.optionalText("ADMIN_SOCKET"),
  };
  reader.finish();
  return settings;
}

/** The bus of a local mesh. */
function createBrokerApp(settings: ReturnType<typeof readSettings>, logger: Logger, writer: LogWriter): App {
  const { adminSocket } = settings;
  const readiness = new Readiness();
  const up = readiness.begin("broker");
  const metrics = new Metrics({ component: "bus", version: "0.1.0" });
  const admin = new AdminServer(adminSocket === undefined ? {} : { socketPath: adminSocket }, {
    writer,
    metrics,
    readiness,
  });
  let broker: RunningBroker | undefined;
  return {
    async start() {
      await admin.start();
      broker = await startBroker(settings, {
        clock: systemClock,
        random: systemRandom,
        logger,
        onExit: (code) => {
          logger.error("nats-server ended", { code });
          // Whoever supervises this process starts it again, and the server with it.
          process.exit(1);
        },
      });
      up();
    },
    async drain() {
      await broker?.stop();
      await admin.stop();
    },
  };
}

const writer = new LogWriter({}, { clock: systemClock, sink: stderrSink });
const logger = writer.logger("bus");
try {
  const app = createBrokerApp(readSettings(), logger, writer);
  await runProcess(app, { drainMs: DRAIN_MS }, { logger, clock: systemClock });
} catch (thrown) {
  process.stderr.write(`bus cannot start: ${describeError(thrown)}\n`);
  process.exitCode = 1;
}
