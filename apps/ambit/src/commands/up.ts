import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { sleep, systemClock } from "@ambit/base/clock.ts";
import { AmbitError } from "@ambit/base/errors.ts";
import { parseDurationMs } from "@ambit/runtime/settings.ts";
import { print } from "../format/output.ts";
import { readEnvironment } from "../up/component-environment.ts";
import { bringUp, type RunningMesh, type UpOptions } from "../up/outer.ts";
import { collectSummary } from "../up/summary.ts";
import { summaryText } from "../up/summary-text.ts";
import { contextOf, type CommandContext } from "./context.ts";

const MAX_DRAIN_MS = 3_600_000;

interface UpFlags {
  readonly nodes: string;
  readonly leafTtl: string;
  readonly drain: string;
  readonly driver: string;
  readonly logLevel: string;
  readonly env: readonly string[];
  readonly detach?: boolean;
  readonly mode: string;
}

/** `ambit up DIR`: brings a mesh up from a directory of Kubernetes manifests and stays until Ctrl-C. */
export function registerUp(program: Command): void {
  program
    .command("up")
    .description("bring a mesh up from a directory of Kubernetes manifests")
    .argument("<dir>", "directory of YAML, watched while the mesh runs")
    .option("--nodes <count>", "simulated nodes, each with its own node proxy", "2")
    .option("--leaf-ttl <duration>", "lifetime of workload certificates", "24h")
    .option("--drain <duration>", "how long connections of a node proxy that leaves may go on", "5s")
    .option("--driver <name>", "data path of the node proxies: auto, engine or portable", "auto")
    .option("--log-level <level>", "error, warn, info or debug", "info")
    .option(
      "--env <component:NAME=VALUE>",
      "a variable for a component's processes, such as discovery:NODE_OPTIONS=--inspect; may be repeated",
      (value: string, all: readonly string[]) => [...all, value],
      [],
    )
    .option("--mode <name>", "auto, or loopback: plain processes without capture", "auto")
    .option("-d, --detach", "return once the mesh is up and leave it running")
    .action(async (directory: string, flags: UpFlags, self: Command) => {
      const context = contextOf(self);
      if (context.state.running() !== undefined) {
        print(
          `already up: state in ${context.state.path}; see npx ambit status, or end it with npx ambit down`,
        );
        return;
      }
      const options = readOptions(directory, flags, self);
      if (flags.detach === true) await detach(context, self);
      else await foreground(context, options);
    });
}

function readOptions(directory: string, flags: UpFlags, self: Command): UpOptions {
  const nodes = Number(flags.nodes);
  if (!Number.isInteger(nodes) || nodes < 1 || nodes > 20)
    self.error("error: --nodes takes a number from 1 to 20");
  if (!["auto", "engine", "portable"].includes(flags.driver))
    self.error("error: --driver takes auto, engine or portable");
  const drainMs = parseDurationMs(flags.drain);
  if (drainMs === undefined || drainMs < 0 || drainMs > MAX_DRAIN_MS)
    return self.error("error: --drain takes a duration up to 1h, such as 5s or 2m");
  const { mode } = flags;
  if (mode !== "auto" && mode !== "loopback") return self.error("error: --mode takes auto or loopback");
  const environment = readEnvironment(flags.env);
  if (typeof environment === "string") return self.error(`error: --env ${environment}`);
  const { mesh = "default" } = self.optsWithGlobals<{ mesh?: string }>();
  return {
    directory,
    nodes,
    leafTtl: flags.leafTtl,
    drainMs,
    driver: flags.driver,
    logLevel: flags.logLevel,
    environment,
    mesh,
    mode,
  };
}

async function foreground(context: CommandContext, options: UpOptions): Promise<void> {
  const started = systemClock.monotonic();
  const seconds = (): string => ((systemClock.monotonic() - started) / 1000).toFixed(1);
  const stopped = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.on(signal, () => stopped.abort(new Error(signal)));
  const mesh = await bringUp(context.state, options, (name, detail) => {
    process.stderr.write(`  ${seconds().padStart(5)} s  ${name.padEnd(16)} ${detail}\n`);
  });
  await Promise.race([
    showSummary(context, mesh, seconds, stopped.signal),
    aborted(stopped.signal),
    mesh.done,
  ]);
  await Promise.race([aborted(stopped.signal), mesh.done]);
  if (stopped.signal.aborted) {
    process.stderr.write("taking the mesh down ...\n");
    await mesh.stop();
    process.stderr.write("mesh down\n");
    return;
  }
  throw new AmbitError("ended", "The mesh ended by itself", { hint: `see ${context.state.file("logs")}` });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

async function showSummary(
  context: CommandContext,
  mesh: RunningMesh,
  seconds: () => string,
  signal: AbortSignal,
): Promise<void> {
  const summary = await collectSummary(context, mesh.record, { traffic: true, signal });
  await mesh.forwards.refresh().catch(() => undefined);
  print(summaryText(summary, { sandbox: mesh.sandbox, forwards: mesh.forwards.list(), seconds: seconds() }));
}

/** Starts the same command in the background and waits until its mesh is up. */
async function detach(context: CommandContext, self: Command): Promise<void> {
  const log = join(context.state.path, "up.log");
  mkdirSync(context.state.path, { recursive: true, mode: 0o700 });
  const file = openSync(log, "w", 0o600);
  const args = process.argv.slice(1).filter((arg) => arg !== "-d" && arg !== "--detach");
  const child = spawn(process.execPath, [...process.execArgv, ...args], {
    stdio: ["ignore", file, file],
    detached: true,
  });
  closeSync(file);
  let ended: number | null | undefined;
  child.once("exit", (code) => {
    ended = code;
  });
  while (context.state.running() === undefined) {
    if (ended !== undefined) self.error(`error: the mesh did not come up, see ${log}`);
    await sleep(systemClock, 100);
  }
  child.unref();
  print(`mesh up in the background; state in ${context.state.path}`);
  print("next:  npx ambit status | npx ambit down");
}
