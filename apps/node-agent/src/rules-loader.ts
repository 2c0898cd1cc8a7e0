import { AgentError } from "./agent-error.ts";
import { inNamespace, runCommand } from "./command.ts";
import { writeKernelSettings } from "./kernel-settings.ts";
import { captureRouting, captureRules, removalRules, type CaptureOptions } from "./rules-nft.ts";

/** Loads and removes the redirection of pods. */
export interface RulesLoader {
  /** Puts the rules in; again is harmless. Rejects with an AgentError `command` and leaves nothing half done. */
  apply(netnsPath: string, options: CaptureOptions): Promise<void>;
  /** Takes the rules away; harmless when there are none. */
  remove(netnsPath: string, options: CaptureOptions): Promise<void>;
}

/** The loader that runs `nft` and `ip` inside the pod's namespace. */
export const kernelRules: RulesLoader = {
  async apply(netnsPath, options) {
    // Routing first: once the rules mark connections, their answers must find their way.
    for (const family of families(options))
      await tolerant(netnsPath, family, captureRouting().add, /File exists/);
    acceptMarks(netnsPath);
    await runCommand(inNamespace(netnsPath, ["nft", "-f", "-"]), captureRules(options));
  },
  async remove(netnsPath, options) {
    await runCommand(inNamespace(netnsPath, ["nft", "-f", "-"]), `${removalRules()}\n`);
    const gone = /No such|does not exist|Cannot find/;
    for (const family of families(options)) await tolerant(netnsPath, family, captureRouting().remove, gone);
  },
};

/** Cheaper answers, where the setting can be written; the rules alone are right as well. */
function acceptMarks(netnsPath: string): void {
  try {
    writeKernelSettings(netnsPath, { "net/ipv4/tcp_fwmark_accept": "1" });
  } catch {
    // A read-only /proc/sys.
  }
}

function families(options: CaptureOptions): readonly string[] {
  return options.ipv6 ? ["-4", "-6"] : ["-4"];
}

/** Runs all lines, and minds only complaints other than `harmless`. */
async function tolerant(
  netnsPath: string,
  family: string,
  commands: readonly string[],
  harmless: RegExp,
): Promise<void> {
  const command = ["ip", family, "-force", "-batch", "-"];
  try {
    await runCommand(inNamespace(netnsPath, command), `${commands.join("\n")}\n`);
  } catch (thrown) {
    const complaint = thrown instanceof AgentError ? thrown.facts["complaint"] : undefined;
    const lines = typeof complaint === "string" ? complaint.split("\n") : [""];
    if (lines.every((line) => harmless.test(line) || line.startsWith("Command failed"))) return;
    throw thrown;
  }
}
