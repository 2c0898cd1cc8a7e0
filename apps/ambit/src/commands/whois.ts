import type { Command } from "commander";
import { formatCard } from "../format/card.ts";
import { printAs } from "../format/output.ts";
import { outputOf, runningMesh, withOutput } from "./context.ts";
import type { WhoisAnswer } from "@ambit/contract/admin-api.ts";

/** `ambit whois ADDRESS`: the workload or service behind an address, a name or an identity. */
export function registerWhois(program: Command): void {
  const command = program
    .command("whois")
    .description("who is behind an address or name")
    .argument("<address>");
  withOutput(command).action(async (address: string, _options: unknown, self: Command) => {
    const { admin } = runningMesh(self);
    const found = await admin("discovery").getJson<readonly WhoisAnswer[]>(
      `/whois?q=${encodeURIComponent(address)}`,
    );
    if (found.length === 0) self.error(`error: nothing in the mesh answers to "${address}"`);
    printAs(outputOf(self), found, () => found.map(card).join("\n"));
  });
}

function card(answer: WhoisAnswer): string {
  return formatCard([
    [answer.kind, `${answer.namespace}/${answer.name}`],
    ["identity", answer.identity],
    ["addresses", answer.addresses.join(", ")],
    ["node", answer.node],
    ["protocol", answer.protocol],
    ["services", answer.services?.join(", ")],
    ["policies", answer.policies?.join(", ")],
  ]);
}
