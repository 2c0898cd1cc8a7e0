import { spawn } from "node:child_process";
import { AgentError } from "./agent-error.ts";

/** Output kept of a failing program. */
const MAX_OUTPUT = 16_384;

/**
 * Runs a system program to its end with `input` on its standard input; resolves with its standard output.
 * Rejects with an AgentError `command` that holds the end of its complaint when it fails or cannot be started.
 */
export function runCommand(command: readonly string[], input = ""): Promise<string> {
  const [program = "", ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
    let output = "";
    let complaint = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString("utf8");
    });
    child.stderr.on("data", (chunk: Buffer) => {
      complaint = (complaint + chunk.toString("utf8")).slice(-MAX_OUTPUT);
    });
    // The program may end before it has read everything; its status tells why.
    child.stdin.on("error", () => undefined);
    child.once("error", (cause) =>
      reject(new AgentError("command", `Cannot run ${program}`, { cause, facts: { command } })),
    );
    child.once("close", (code, signal) => {
      if (code === 0) return resolve(output);
      const lines = complaint.trim().split("\n");
      const detail = lines.slice(-3).join("; ");
      reject(
        new AgentError("command", `${program} ended with ${signal ?? `status ${code}`}: ${detail}`, {
          facts: { command, input, complaint: lines.join("\n") },
        }),
      );
    });
    child.stdin.end(input);
  });
}

/** The command run inside a network namespace. */
export function inNamespace(netnsPath: string, command: readonly string[]): readonly string[] {
  return ["nsenter", `--net=${netnsPath}`, "--", ...command];
}

/** Runs the lines as one batch of `ip`, inside a namespace when one is given. Stops at the first that fails. */
export async function ipBatch(lines: readonly string[], netnsPath?: string): Promise<void> {
  const command = ["ip", "-batch", "-"];
  await runCommand(
    netnsPath === undefined ? command : inNamespace(netnsPath, command),
    `${lines.join("\n")}\n`,
  );
}
