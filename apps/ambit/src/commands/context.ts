import type { Command } from "commander";
import { AdminClient } from "../client/admin-client.ts";
import { locateState, type MeshRecord, type StateDir } from "../state-dir.ts";
import type { ProxyRow } from "@ambit/contract/admin-api.ts";
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
  /** Every replica of a component; one, where it has none. */
  readonly admins: (component: string) => readonly AdminClient[];
}

export function contextOf(command: Command): CommandContext {
  const state = locateState(command.optsWithGlobals<GlobalOptions>());
  const admins = (component: string): readonly AdminClient[] =>
    state.adminSockets(component).map((path) => new AdminClient(component, path));
  return { state, admins, admin: (component) => new AdminClient(component, state.adminSockets(component)) };
}

/** The proxies that are connected to discovery, to whichever replica. Throws when none of them answers. */
export async function readProxies({ admins }: Pick<CommandContext, "admins">): Promise<readonly ProxyRow[]> {
  const asked = admins("discovery").map((admin) => admin.getJson<readonly ProxyRow[]>("/proxies"));
  const answers = await Promise.allSettled(asked);
  const rows = answers.filter((answer) => answer.status === "fulfilled").map(({ value }) => value);
  // A replica that was killed has left its socket behind; if it was the only one, that is the answer.
  return rows.length > 0 ? rows.flat() : (asked[0] ?? []);
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
