import { spawn } from "node:child_process";
import type { PodFacts } from "./world.ts";

/** Runs a script of Node in the network of a pod; resolves with what it printed, also when it had to be ended. */
export function inPod(
  pod: PodFacts,
  script: string,
  args: readonly string[] = [],
  timeoutMs = 15_000,
): Promise<string> {
  const child = spawn(
    "nsenter",
    [`--net=/run/netns/pod-${pod.name}`, "--", process.execPath, "-e", script, ...args],
    { stdio: ["ignore", "pipe", "ignore"] },
  );
  return new Promise((resolve) => {
    let text = "";
    const timer = setTimeout(() => child.kill("SIGKILL"), timeoutMs);
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
    });
    child.once("error", () => resolve(""));
    child.once("close", () => {
      clearTimeout(timer);
      resolve(text.trim());
    });
  });
}
