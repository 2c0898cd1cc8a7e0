import type { Command } from "commander";
import { printAs } from "../format/output.ts";
import { MARK } from "../format/output.ts";
import { outputOf, runningMesh, withOutput } from "./context.ts";
import type { Explanation } from "@ambit/contract/admin-api.ts";

/** `ambit explain --from A --to B --port N`: would the connection be let through, and which policy says so. */
export function registerExplain(program: Command): void {
  const command = program
    .command("explain")
    .description("would this connection be allowed, and by which policy")
    .requiredOption("--from <workload>", "pod, workload or address of the client")
    .requiredOption("--to <workload>", "pod, workload, service or address of the server")
    .requiredOption("--port <number>", "port of the service or of the workload");
  withOutput(command).action(async (options: { from: string; to: string; port: string }, self: Command) => {
    const { admin } = runningMesh(self);
    const answer = await admin("discovery").postJson<Explanation>("/explain", {
      from: options.from,
      to: options.to,
      port: Number(options.port),
    });
    printAs(outputOf(self), answer, () => explanationText(answer));
    process.exitCode = answer.allow ? 0 : 2;
  });
}

function explanationText(answer: Explanation): string {
  const { from, to } = answer;
  const lines = [
    `from  ${from.namespace}/${from.name} ${from.ip} (${from.identity ?? "no mesh identity: plaintext"})`,
    `to    ${to.namespace}/${to.name} ${to.ip}:${to.port}`,
    ...answer.steps.map(
      (step) => `  ${step.matched ? MARK.warn : MARK.info} ${step.action} ${step.policy}: ${step.detail}`,
    ),
    `${answer.allow ? MARK.ok : MARK.fail} ${answer.allow ? "allowed" : "denied"}: ${answer.message}`,
  ];
  return lines.join("\n");
}
