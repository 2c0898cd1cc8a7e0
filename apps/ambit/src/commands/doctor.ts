import type { Command } from "commander";
import { inCompose } from "../compose/compose-mesh.ts";
import { MARK, printAs } from "../format/output.ts";
import { hostChecks } from "../doctor/host-checks.ts";
import { meshChecks } from "../doctor/mesh-checks.ts";
import { runChecks, type CheckResult } from "../doctor/check.ts";
import { contextOf, outputOf, withOutput } from "./context.ts";

/** `ambit doctor`: host, runtime, control plane, identity, data plane, bus. Exit status 0, 1 (warnings), 2 (failures). */
export function registerDoctor(program: Command): void {
  const command = program.command("doctor").description("check the machine and the running mesh");
  withOutput(command).action(async (_options: unknown, self: Command) => {
    const context = contextOf(self);
    // This command's own container needs nothing of what a machine needs to hold a mesh.
    const host = inCompose() ? hostChecks.filter(({ category }) => category !== "host") : hostChecks;
    const results = await runChecks([...host, ...meshChecks], {
      ...context,
      record: context.state.running(),
    });
    printAs(outputOf(self), results, () => doctorText(results));
    if (results.some((result) => result.result === "failed")) process.exitCode = 2;
    else if (results.some((result) => result.result === "warning")) process.exitCode = 1;
  });
}

const MARKS = { ok: MARK.ok, warning: MARK.warn, failed: MARK.fail, skipped: MARK.info } as const;

function doctorText(results: readonly CheckResult[]): string {
  const lines: string[] = [];
  let category = "";
  for (const result of results) {
    if (result.category !== category) lines.push(`${result.category}`);
    category = result.category;
    lines.push(`  ${MARKS[result.result]}  ${result.title}: ${result.seen}`);
    if (result.result !== "ok" && result.hint !== "") lines.push(`        ${result.hint}`);
  }
  const bad = results.filter((result) => result.result === "failed" || result.result === "warning");
  const [first] = bad.toSorted((left, right) => left.result.localeCompare(right.result));
  lines.push(
    first === undefined
      ? "everything that could be checked is well"
      : `${bad.length} to look at; first: ${first.hint}`,
  );
  return lines.join("\n");
}
