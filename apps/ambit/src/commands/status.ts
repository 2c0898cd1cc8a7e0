import type { Command } from "commander";
import { systemClock } from "@ambit/base/clock.ts";
import { formatAge, formatTable } from "../format/table.ts";
import { MARK, printAs } from "../format/output.ts";
import { collectSummary, type Summary } from "../up/summary.ts";
import { componentLines, trafficLines } from "../up/summary-text.ts";
import { outputOf, runningMesh, withOutput, type CommandContext } from "./context.ts";
import type { DiscoveryStatus, PodRow, SourceDiagnostic } from "@ambit/contract/admin-api.ts";

/** `ambit status`: the mesh, its workloads, its traffic, and what is wrong with the manifests. */
export function registerStatus(program: Command): void {
  const command = program
    .command("status")
    .description("the mesh, its workloads, its policies and its mistakes");
  withOutput(command).action(async (_options: unknown, self: Command) => {
    const context = runningMesh(self);
    const [summary, discovery] = await Promise.all([
      collectSummary(context, context.record, { traffic: false }),
      readDiscovery(context),
    ]);
    printAs(outputOf(self), { ...summary, ...discovery }, () => statusText(summary, discovery));
    if (discovery.diagnostics.some((entry) => entry.severity === "error")) process.exitCode = 1;
  });
}

function readDiscovery(context: CommandContext): Promise<DiscoveryStatus> {
  return context.admin("discovery").getJson<DiscoveryStatus>("/status");
}

function statusText(summary: Summary, discovery: DiscoveryStatus): string {
  const { record, pods } = summary;
  const age = formatAge(systemClock.now() - record.startedAt);
  return [
    `mesh ${record.name}  mode=${record.mode}${record.rootless ? " (rootless)" : ""}  up ${age}  from ${record.sourceDir}`,
    ...componentLines(summary),
    ...summary.problems.map(
      ({ component, problem }) => `  ${MARK.fail}  ${component.padEnd(10)}  ${problem}`,
    ),
    "",
    formatTable(
      ["NAMESPACE", "POD", "NODE", "IP", "READY", "RESTARTS", "MESH"],
      pods.map((pod) => [
        pod.namespace,
        pod.name,
        pod.node,
        pod.ip,
        pod.ready ? "yes" : pod.phase,
        String(pod.restarts),
        meshState(pod),
      ]),
    ).trimEnd(),
    "",
    ...trafficLines(summary),
    ...policyLines(discovery),
    ...diagnosticLines(discovery.diagnostics),
  ].join("\n");
}

/** How far a pod's capture is, and whether something of it had left by then. */
function meshState({ redirection, early }: PodRow): string {
  if (redirection === "pending") return "pending";
  if (redirection !== "enabled") return "-";
  return early === undefined ? "captured" : "captured late";
}

function policyLines(discovery: DiscoveryStatus): readonly string[] {
  const rows = discovery.resources.flatMap((resource) =>
    resource.conditions.map((condition) => [
      resource.kind,
      `${resource.namespace}/${resource.name}`,
      `${condition.type}=${condition.status}`,
      condition.reason,
      condition.message,
    ]),
  );
  return rows.length === 0
    ? []
    : ["", formatTable(["KIND", "NAME", "CONDITION", "REASON", "MESSAGE"], rows).trimEnd()];
}

/** One line per mistake, with file and line, and the remedy below. */
export function diagnosticLines(diagnostics: readonly SourceDiagnostic[]): readonly string[] {
  return diagnostics.flatMap((entry) => {
    const mark =
      entry.severity === "error" ? MARK.fail : entry.severity === "warning" ? MARK.warn : MARK.info;
    const field = entry.field === undefined || entry.field === "" ? "" : ` ${entry.field}:`;
    const lines = [`${mark} ${entry.file}:${entry.line} [${entry.code}]${field} ${entry.message}`];
    if (entry.remedy !== undefined && entry.remedy !== "") lines.push(`     ${entry.remedy}`);
    return lines;
  });
}
