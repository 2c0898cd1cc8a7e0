import { systemClock } from "@ambit/base/clock.ts";
import { describeError } from "@ambit/base/errors.ts";
import { systemRandom } from "@ambit/base/random.ts";
import { nativeMemory } from "@ambit/io/native-memory.ts";
import { runProcess } from "@ambit/runtime/lifecycle.ts";
import { LogWriter, stderrSink } from "@ambit/runtime/log-writer.ts";
import { NodeAgent } from "./app.ts";
import { DockerAgent } from "./platform/docker/docker-agent.ts";
import { readSettings, type AgentSettings } from "./settings.ts";

function settingsOrExit(): AgentSettings {
  try {
    return readSettings(process.env);
  } catch (thrown) {
    process.stderr.write(`${describeError(thrown)}\n`);
    process.exit(2);
  }
}

const settings = settingsOrExit();
const writer = new LogWriter({ level: settings.logLevel }, { clock: systemClock, sink: stderrSink });
const logger = writer.logger("node-agent");
const deps = { clock: systemClock, random: systemRandom, writer, logger };
const agent =
  settings.platform === "docker"
    ? new DockerAgent(settings, deps)
    : new NodeAgent(settings, { ...deps, environment: process.env, nodeProgram: process.execPath });
await runProcess(agent, { drainMs: settings.drainMs }, { logger, clock: systemClock, native: nativeMemory });
