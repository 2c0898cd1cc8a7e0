import { systemClock } from "@ambit/base/clock.ts";
import { describeError } from "@ambit/base/errors.ts";
import { systemRandom } from "@ambit/base/random.ts";
import { nativeMemory } from "@ambit/io/native-memory.ts";
import { runProcess } from "@ambit/runtime/lifecycle.ts";
import { LogWriter, stderrSink } from "@ambit/runtime/log-writer.ts";
import { createCaApp } from "./app.ts";
import { readSettings } from "./settings.ts";

const DRAIN_MS = 4_000;

try {
  const settings = readSettings(process.env);
  const writer = new LogWriter(
    { level: settings.logLevel, format: settings.logFormat },
    { clock: systemClock, sink: stderrSink },
  );
  const app = await createCaApp(settings, { clock: systemClock, random: systemRandom, writer });
  const logger = writer.logger("ca");
  await runProcess(app, { drainMs: DRAIN_MS }, { logger, clock: systemClock, native: nativeMemory });
} catch (thrown) {
  process.stderr.write(`ca cannot start: ${describeError(thrown)}\n`);
  process.exitCode = 1;
}
