import { AmbitError } from "@ambit/base/errors.ts";
import type { MeshRecord } from "../state-dir.ts";
import { findProgram } from "../up/sandbox.ts";
import type { PodRow } from "@ambit/contract/admin-api.ts";

/** The command line that runs `command` inside the sandbox, as its root. */
function insideSandbox(record: MeshRecord, command: readonly string[]): readonly string[] {
  if (record.mode === "loopback") return command;
  const user = record.rootless ? ["--user", "--preserve-credentials"] : [];
  const nsenter = findProgram("nsenter") ?? "nsenter";
  return [nsenter, `--target=${record.innerPid}`, ...user, "--mount", "--net", "--pid", "--", ...command];
}

/** The command line that runs `command` in a pod's namespaces. */
export function insidePod(record: MeshRecord, pod: PodRow, command: readonly string[]): readonly string[] {
  if (record.mode === "loopback") return command;
  if (record.mode === "compose")
    throw new AmbitError("compose", "Containers are entered by their engine", {
      hint: "docker exec CONTAINER COMMAND",
    });
  const namespaces = [
    `--net=${pod.netnsPath}`,
    ...(pod.holderPid > 0
      ? [`--mount=/proc/${pod.holderPid}/ns/mnt`, `--uts=/proc/${pod.holderPid}/ns/uts`]
      : []),
  ];
  return insideSandbox(record, ["nsenter", ...namespaces, "--", ...command]);
}
