import type { Command } from "commander";
import { sleep, systemClock } from "@ambit/base/clock.ts";
import { AmbitError } from "@ambit/base/errors.ts";
import type { UpgradeReport } from "@ambit/contract/admin-api.ts";
import { print, printAs } from "../format/output.ts";
import { outputOf, runningMesh, withOutput } from "./context.ts";

const POLL_MS = 100;

/** `ambit upgrade ztunnel --node N`: a new node proxy takes the pods of the running one over, without a lost connection. */
export function registerUpgrade(program: Command): void {
  const group = program.command("upgrade").description("exchange a part of the running mesh");
  const command = group
    .command("ztunnel")
    .description(
      "let a new node proxy take over from the running one; its connections get the drain time of ambit up",
    )
    .requiredOption("--node <name>", "the node whose proxy is exchanged");
  withOutput(command).action(async ({ node }: { node: string }, self: Command) => {
    const { admin, record } = runningMesh(self);
    if (record.mode === "compose")
      throw new AmbitError("compose", "Parts of a compose mesh are exchanged by compose", {
        hint: "docker-compose up -d --force-recreate --no-deps ztunnel",
      });
    const format = outputOf(self);
    if (!record.nodes.includes(node))
      self.error(`error: no node "${node}"; nodes: ${record.nodes.join(", ")}`);
    const supervisor = admin("supervisor");
    let shown = "";
    const show = (report: UpgradeReport): void => {
      if (format === "short" && report.detail !== shown) print(`${report.phase}: ${report.detail}`);
      shown = report.detail;
    };
    let report = await supervisor.postJson<UpgradeReport>("/upgrade", { node });
    for (show(report); !report.done; show(report)) {
      await sleep(systemClock, POLL_MS);
      report = await supervisor.getJson<UpgradeReport>(`/upgrade?node=${encodeURIComponent(node)}`);
    }
    if (format !== "short") printAs(format, report, () => "");
    if (report.phase === "failed") {
      throw new AmbitError("upgrade-failed", `The proxy of ${node} was not exchanged`, {
        hint: `npx ambit logs ztunnel-${node}`,
      });
    }
  });
}
