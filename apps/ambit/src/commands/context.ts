import type { Command } from "commander";
import { AdminClient } from "../client/admin-client.ts";
import { locateState, type MeshRecord, type StateDir } from "../state-dir.ts";
import type { OutputFormat } from "../format/output.ts";

/** Options that every command takes. */
export interface GlobalOptions {
  readonly state?: string;
  readonly mesh?: string;
}

/** What a command works with. */
export interface CommandContext {
  readonly state: StateDir;
  readonly admin: (component: string) => AdminClient;
}

export function contextOf(command: Command): CommandContext {
  const state = locateState(command.optsWithGlobals<GlobalOptions>());
  return { state, admin: (component) => new AdminClient(component, state.adminSocket(component)) };
}

/** The running mesh and a context for it; throws when there is none. */
export function runningMesh(command: Command): CommandContext & { readonly record: MeshRecord } {
  const context = contextOf(command);
  return { ...context, record: context.state.requireRunning() };
}

/** `-o json|yaml|short` on a command that prints data. */
export function withOutput(command: Command): Command {
  return command.option("-o, --output <format>", "short, json or yaml", "short");
}

export function outputOf(command: Command): OutputFormat {
  const { output } = command.opts<{ output: string }>();
  if (output === "json" || output === "yaml" || output === "short") return output;
  return command.error(`error: -o takes short, json or yaml, not "${output}"`);
}
