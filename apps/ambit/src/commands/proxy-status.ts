import type { Command } from "commander";
import { formatTable } from "../format/table.ts";
import { printAs } from "../format/output.ts";
import { outputOf, readProxies, runningMesh, withOutput } from "./context.ts";
import type { ProxyRow } from "@ambit/contract/admin-api.ts";

/** `ambit proxy-status`: who is connected to discovery and what they have acknowledged. */
export function registerProxyStatus(program: Command): void {
  const command = program.command("proxy-status").alias("ps").description("proxies connected to discovery");
  withOutput(command)
    .option("-v, --verbose", "one column per type")
    .action(async (options: { verbose?: boolean }, self: Command) => {
      const proxies = await readProxies(runningMesh(self));
      printAs(outputOf(self), proxies, () => proxyTable(proxies, options.verbose === true));
    });
}

function proxyTable(proxies: readonly ProxyRow[], verbose: boolean): string {
  const columns = verbose
    ? [...new Set(proxies.flatMap((proxy) => proxy.types.map((type) => type.name)))]
    : [];
  return formatTable(
    ["NAME", "CLUSTER", "ISTIOD", "VERSION", verbose ? "" : "SUBSCRIBED TYPES", ...columns].filter(
      (name) => name !== "",
    ),
    proxies.map((proxy) => [
      proxy.name,
      proxy.cluster,
      "discovery",
      proxy.version,
      ...(verbose
        ? columns.map((name) => proxy.types.find((type) => type.name === name)?.state ?? "-")
        : [`${proxy.types.length} (${proxy.types.map((type) => type.name).join(",")})`]),
    ]),
  );
}
