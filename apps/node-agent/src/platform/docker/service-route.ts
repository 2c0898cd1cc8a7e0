import { SERVICE_CIDRS } from "@ambit/kube/cluster-ip.ts";
import { inNamespace, ipBatch, runCommand } from "../../command.ts";

/**
 * A network without a way out has no route to services' virtual addresses either, and a connection without a route never
 * reaches the rules that redirect it: such a namespace is given one. Rejects with an AgentError `command`.
 */
export async function routeServices(netnsPath: string): Promise<void> {
  const line = serviceRoute(await runCommand(inNamespace(netnsPath, ["ip", "-4", "-o", "route", "show"])));
  if (line !== undefined) await ipBatch([line], netnsPath);
}

/** The line for `ip` that leads services' addresses to the first interface; undefined when they have a way already. */
export function serviceRoute(routes: string): string | undefined {
  const lines = routes.split("\n").map((line) => line.trim());
  if (lines.some((line) => line.startsWith("default ") || line.startsWith(`${SERVICE_CIDRS.IPv4} `)))
    return undefined;
  const [, device] = /\bdev (\S+)/.exec(lines.find((line) => / dev (?!lo\b)/.test(line)) ?? "") ?? [];
  return device === undefined ? undefined : `route replace ${SERVICE_CIDRS.IPv4} dev ${device}`;
}
