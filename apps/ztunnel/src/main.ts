import { readFileSync } from "node:fs";
import { systemClock } from "@ambit/base/clock.ts";
import { describeError } from "@ambit/base/errors.ts";
import { runProcess } from "@ambit/runtime/lifecycle.ts";
import { stderrSink } from "@ambit/runtime/log-writer.ts";
import { Ztunnel } from "./app.ts";
import { LeveledWriter } from "./control/leveled-writer.ts";
import { readSettings, type Settings } from "./settings.ts";

/** Time for the last messages after the connections' own deadline. */
const DRAIN_SLACK_MS = 2_000;

function settingsOrExit(): Settings {
  try {
    return readSettings(process.env);
  } catch (thrown) {
    process.stderr.write(`${describeError(thrown)}\n`);
    process.exit(1);
  }
}

async function main(): Promise<void> {
  const settings = settingsOrExit();
  const writer = new LeveledWriter(settings.log, { clock: systemClock, sink: stderrSink });
  const logger = writer.logger("ztunnel");
  process.on("uncaughtException", (thrown) => {
    logger.error("uncaught exception", { error: describeError(thrown), stack: thrown.stack });
    process.exit(1);
  });
  const manifest = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  const { version } = JSON.parse(manifest) as { version: string };
  const app = new Ztunnel(settings, { writer, version });
  await runProcess(app, { drainMs: settings.terminationMs + DRAIN_SLACK_MS }, { logger, clock: systemClock });
}

await main();
