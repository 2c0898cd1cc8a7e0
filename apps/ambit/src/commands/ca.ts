import type { Command } from "commander";
import { sleep, systemClock } from "@ambit/base/clock.ts";
import { formatAge, formatTable } from "../format/table.ts";
import { print, printAs } from "../format/output.ts";
import { outputOf, runningMesh, withOutput } from "./context.ts";
import type { CaCertificate, CaReport, RotationReport } from "@ambit/contract/admin-api.ts";

/** `ambit ca list` and `ambit ca rotate [--watch]`. */
export function registerCa(program: Command): void {
  const group = program.command("ca").description("the mesh's certificate authority");
  withOutput(group.command("list").description("roots, intermediates and issued identities")).action(
    async (_options: unknown, self: Command) => {
      const report = await runningMesh(self).admin("ca").getJson<CaReport>("/ca");
      printAs(outputOf(self), report, () => caTable(report));
    },
  );
  group
    .command("rotate")
    .description("replace the root in overlapping steps")
    .option("--watch", "print each step and return when it is done")
    .action(async (options: { watch?: boolean }, self: Command) => {
      const ca = runningMesh(self).admin("ca");
      await ca.post("/rotate");
      print("rotation started");
      if (options.watch === true) await watchRotation(() => ca.getJson<RotationReport>("/rotation"));
    });
}

async function watchRotation(read: () => Promise<RotationReport>): Promise<void> {
  let shown = "";
  for (;;) {
    const report = await read();
    const line = `${report.phase}: ${report.detail}`;
    if (line !== shown) print(line);
    shown = line;
    if (report.done) return;
    await sleep(systemClock, 200);
  }
}

function caTable(report: CaReport): string {
  const now = systemClock.now();
  const row = (kind: string, name: string, certificate: CaCertificate): readonly string[] => [
    kind,
    name,
    certificate.serial,
    certificate.notAfter,
    formatAge(Date.parse(certificate.notAfter) - now),
    certificate.active === true ? "signing" : "",
  ];
  return formatTable(
    ["TYPE", "NAME", "SERIAL NUMBER", "NOT AFTER", "LEFT", "USE"],
    [
      ...report.roots.map((certificate) => row("root", certificate.subject ?? "", certificate)),
      ...report.intermediates.map((certificate) =>
        row("intermediate", certificate.subject ?? "", certificate),
      ),
      ...report.issued.map((certificate) => row("leaf", certificate.identity, certificate)),
    ],
  );
}
