import { existsSync } from "node:fs";
import type { Command } from "commander";
import { AmbitError } from "@ambit/base/errors.ts";
import { analyzeDirectories } from "@ambit/config/analyze/analyze.ts";
import { printAs } from "../format/output.ts";
import { outputOf, withOutput } from "./context.ts";
import { diagnosticLines } from "./status.ts";

/** Exit status when errors were found, as users of the field's tools expect it. */
const EXIT_FOUND = 79;

const SEVERITIES = ["error", "warning", "info"] as const;

/** `ambit analyze DIR...`: the control plane's own reading of the manifests, offline. */
export function registerAnalyze(program: Command): void {
  const command = program
    .command("analyze")
    .description("check manifests offline with the control plane's own code")
    .argument("<dir...>", "directories of YAML")
    .option(
      "-S, --suppress <code=resource...>",
      'leave findings out, for example -S "AMB0104=Service shop.web"',
      [],
    )
    .option(
      "--failure-threshold <severity>",
      "exit 79 at this severity or above: error, warning or info",
      "error",
    );
  withOutput(command).action(
    async (
      dirs: readonly string[],
      options: { suppress: readonly string[]; failureThreshold: string },
      self: Command,
    ) => {
      for (const dir of dirs)
        if (!existsSync(dir)) throw new AmbitError("no-directory", `${dir} does not exist`);
      const threshold = SEVERITIES.findIndex((severity) => severity === options.failureThreshold);
      if (threshold < 0) self.error("error: --failure-threshold takes error, warning or info");
      const found = await analyzeDirectories(dirs, { suppress: options.suppress });
      printAs(outputOf(self), found, () =>
        found.length === 0 ? "no problems found" : diagnosticLines(found).join("\n"),
      );
      if (found.some((entry) => SEVERITIES.indexOf(entry.severity) <= threshold))
        process.exitCode = EXIT_FOUND;
    },
  );
}
