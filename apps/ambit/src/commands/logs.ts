import { existsSync, readFileSync, readdirSync, statSync, watch } from "node:fs";
import { closeSync, openSync, readSync } from "node:fs";
import type { Command } from "commander";
import { AmbitError } from "@ambit/base/errors.ts";
import { findPod } from "../client/pods.ts";
import { runningMesh } from "./context.ts";
import type { PodRow } from "@ambit/contract/admin-api.ts";

/** `ambit logs NAME [-f] [--tail N]`: the log of a workload's pod or of a part of the mesh. */
export function registerLogs(program: Command): void {
  program
    .command("logs")
    .description("log of a workload, or of a part of the mesh (ca, discovery, ztunnel-node-a, ...)")
    .argument("<name>", "workload or component")
    .option("-f, --follow", "go on printing what is added")
    .option("--tail <lines>", "print only the last lines", "100")
    .action(async (name: string, options: { follow?: boolean; tail: string }, self: Command) => {
      const { admin, state, record } = runningMesh(self);
      if (record.mode === "compose")
        throw new AmbitError("compose", "Logs of a compose mesh are kept by the engine", {
          hint: `docker-compose logs ${name}`,
        });
      const path = await logPath(name, state.file("logs"), () =>
        admin("node-agent").getJson<readonly PodRow[]>("/pods"),
      );
      const lines = readFileSync(path, "utf8").split("\n");
      const shown = lines.slice(Math.max(0, lines.length - 1 - Number(options.tail)));
      process.stdout.write(shown.join("\n"));
      if (options.follow === true) follow(path);
    });
}

async function logPath(
  name: string,
  folder: string,
  pods: () => Promise<readonly PodRow[]>,
): Promise<string> {
  const component = `${folder}/${name}.log`;
  if (existsSync(component)) return component;
  const pod = findPod(await pods(), name);
  const path = `${folder}/pods/${pod.namespace}_${pod.name}.log`;
  if (existsSync(path)) return path;
  const known = readdirSync(folder).filter((file) => file.endsWith(".log"));
  throw new AmbitError("no-log", `No log of "${name}" yet; parts of the mesh: ${known.join(", ")}`);
}

function follow(path: string): void {
  let offset = statSync(path).size;
  const chunk = Buffer.alloc(65_536);
  watch(path, () => {
    const file = openSync(path, "r");
    try {
      for (let count = 1; count > 0; offset += count) {
        count = readSync(file, chunk, 0, chunk.length, offset);
        process.stdout.write(chunk.subarray(0, count));
      }
    } finally {
      closeSync(file);
    }
  });
}
