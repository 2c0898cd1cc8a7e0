import { systemClock } from "@ambit/base/clock.ts";
import { systemRandom } from "@ambit/base/random.ts";
import { nativeMemory } from "@ambit/io/native-memory.ts";
import { runProcess } from "@ambit/runtime/lifecycle.ts";
import { LogWriter, stderrSink } from "@ambit/runtime/log-writer.ts";
import { createApp } from "./app.ts";
import { countBuffersAsHeap } from "./memory.ts";
import { readSettings } from "./settings.ts";

countBuffersAsHeap();
const settings = readSettings(process.env);
const logWriter = new LogWriter(
  { level: settings.logLevel, format: settings.logFormat },
  { clock: systemClock, sink: stderrSink },
);
const app = createApp(settings, {
  clock: systemClock,
  random: systemRandom,
  logWriter,
});
await runProcess(
  app,
  { drainMs: settings.drainMs },
  { logger: logWriter.logger("discovery"), clock: systemClock, native: nativeMemory },
);
