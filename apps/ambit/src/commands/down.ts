import type { Command } from "commander";
import { sleep, systemClock } from "@ambit/base/clock.ts";
import { AmbitError } from "@ambit/base/errors.ts";
import { print } from "../format/output.ts";
import { isAlive } from "../state-dir.ts";
import { contextOf } from "./context.ts";

/** `ambit down`: ends the mesh and waits until nothing of it is left. Harmless when none runs. */
export function registerDown(program: Command): void {
  program
    .command("down")
    .description("end the mesh")
    .action(async (_options: unknown, self: Command) => {
      const { state } = contextOf(self);
      const record = state.running();
      if (record === undefined) {
        print("no mesh is running");
        return;
      }
      if (record.mode === "compose")
        throw new AmbitError("compose", "A compose mesh is ended by compose", {
          hint: "docker-compose down",
        });
      process.kill(record.pid, "SIGTERM");
      const deadline = systemClock.monotonic() + 20_000;
      while (isAlive(record.pid)) {
        if (systemClock.monotonic() > deadline) {
          throw new AmbitError("still-running", `Process ${record.pid} did not end within 20 s`, {
            hint: `end it with: kill -9 ${record.pid}`,
          });
        }
        await sleep(systemClock, 50);
      }
      print("mesh down");
    });
}
