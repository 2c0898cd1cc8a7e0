import { Command, CommanderError } from "commander";
import pc from "picocolors";
import { AmbitError, describeError } from "@ambit/base/errors.ts";
import { registerAnalyze } from "./commands/analyze.ts";
import { registerCa } from "./commands/ca.ts";
import { registerDoctor } from "./commands/doctor.ts";
import { registerDown } from "./commands/down.ts";
import { registerExec } from "./commands/exec.ts";
import { registerExplain } from "./commands/explain.ts";
import { registerLogs } from "./commands/logs.ts";
import { registerPing } from "./commands/ping.ts";
import { registerProxyStatus } from "./commands/proxy-status.ts";
import { registerStatus } from "./commands/status.ts";
import { registerUp } from "./commands/up.ts";
import { registerUpgrade } from "./commands/upgrade.ts";
import { registerWhois } from "./commands/whois.ts";
import { registerZtunnelConfig } from "./commands/ztunnel-config.ts";
import { registerCredentials } from "./compose/credentials-command.ts";
import { superviseFromEnvironment } from "./up/supervisor.ts";

const VERSION = "0.1.0";

function buildProgram(): Command {
  const program = new Command("ambit")
    .description("an ambient (sidecar-free) service mesh")
    .version(VERSION)
    .option("--mesh <name>", "name of the mesh on this machine", "default")
    .option("--state <dir>", "state directory (default: $AMBIT_STATE, else ~/.local/state/ambit/<mesh>)")
    .exitOverride()
    .showSuggestionAfterError();
  registerUp(program);
  registerDown(program);
  registerStatus(program);
  registerDoctor(program);
  registerAnalyze(program);
  registerExplain(program);
  registerWhois(program);
  registerPing(program);
  registerExec(program);
  registerLogs(program);
  registerZtunnelConfig(program);
  registerProxyStatus(program);
  registerCa(program);
  registerUpgrade(program);
  registerCredentials(program, VERSION);
  program.command("_supervise", { hidden: true }).action(() => superviseFromEnvironment(VERSION));
  return program;
}

/** Runs one command line; the result is the exit status. Errors are printed as one sentence with the next step. */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  try {
    await buildProgram().parseAsync(args, { from: "user" });
    return Number(process.exitCode ?? 0);
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode;
    process.stderr.write(`${pc.red("error:")} ${describeError(thrown)}\n`);
    if (thrown instanceof AmbitError && thrown.hint !== undefined) process.stderr.write(`  ${thrown.hint}\n`);
    return 1;
  }
}
