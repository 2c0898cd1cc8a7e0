import { spawn } from "node:child_process";
import type { Command } from "commander";
import { insidePod } from "../client/enter.ts";
import { findPod } from "../client/pods.ts";
import { systemPath } from "../up/sandbox.ts";
import { runningMesh } from "./context.ts";
import type { PodRow } from "@ambit/contract/admin-api.ts";

/** `ambit exec WORKLOAD -- CMD`: runs a command in a pod's namespaces, with its network and names. */
export function registerExec(program: Command): void {
  program
    .command("exec")
    .description("run a command in a workload's network")
    .argument("<workload>", "pod, workload, namespace/workload or deploy/workload")
    .argument("<command...>", "the command and its arguments, after --")
    .action(async (workload: string, command: readonly string[], _options: unknown, self: Command) => {
      const { admin, record } = runningMesh(self);
      const pod = findPod(await admin("node-agent").getJson<readonly PodRow[]>("/pods"), workload);
      const [file = "", ...args] = insidePod(record, pod, command);
      const child = spawn(file, args, { stdio: "inherit", env: { ...process.env, PATH: systemPath() } });
      const status = await new Promise<number>((resolve, reject) => {
        child.once("error", reject);
        child.once("exit", (code, signal) => resolve(signal === null ? (code ?? 1) : 128));
      });
      process.exitCode = status;
    });
}
