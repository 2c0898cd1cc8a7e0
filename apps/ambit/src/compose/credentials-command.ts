import type { Command } from "commander";
import { systemClock, type Timer } from "@ambit/base/clock.ts";
import { describeError } from "@ambit/base/errors.ts";
import { systemRandom } from "@ambit/base/random.ts";
import { AdminServer } from "@ambit/runtime/admin.ts";
import { Readiness, runProcess } from "@ambit/runtime/lifecycle.ts";
import { LogWriter, stderrSink } from "@ambit/runtime/log-writer.ts";
import { Metrics } from "@ambit/runtime/metrics.ts";
import { giveCredentials, TOKEN_LIFETIME_SECONDS } from "./credentials.ts";

const DRAIN_MS = 1_000;
const RENEW_MS = (TOKEN_LIFETIME_SECONDS * 1000) / 14;

/** `ambit _credentials`: the service of a compose mesh that gives the others their credentials and renews the tokens. */
export function registerCredentials(program: Command, version: string): void {
  program
    .command("_credentials", { hidden: true })
    .option("--dir <folder>", "where the services' folders are mounted", "/var/lib/ambit")
    .option("--node <name>", "name of the engine's host in the mesh", "docker")
    .action((options: { dir: string; node: string }) => serveCredentials(options, version));
}

function serveCredentials(options: { dir: string; node: string }, version: string): Promise<void> {
  const writer = new LogWriter({}, { clock: systemClock, sink: stderrSink });
  const logger = writer.logger("credentials");
  const readiness = new Readiness();
  const given = readiness.begin("credentials");
  const socketPath = process.env["ADMIN_SOCKET"];
  const admin = new AdminServer(socketPath === undefined ? {} : { socketPath }, {
    writer,
    readiness,
    metrics: new Metrics({ component: "credentials", version }),
  });
  const deps = { clock: systemClock, random: systemRandom };
  let timer: Timer | undefined;
  const app = {
    async start(): Promise<void> {
      await admin.start();
      await giveCredentials(options, deps);
      given();
      logger.info("every service has its credentials");
      timer = systemClock.every(RENEW_MS, () => {
        giveCredentials(options, deps).then(
          () => logger.info("tokens are renewed"),
          // There is time for a dozen more before the old ones end.
          (thrown: unknown) =>
            logger.error("tokens are not renewed", { error: describeError(thrown), dir: options.dir }),
        );
      });
    },
    async drain(): Promise<void> {
      timer?.cancel();
      await admin.stop();
    },
  };
  return runProcess(app, { drainMs: DRAIN_MS }, { logger, clock: systemClock });
}
