import { spawn } from "node:child_process";
import { join } from "node:path";
import type { Command } from "commander";
import { AmbitError } from "@ambit/base/errors.ts";
import { insidePod } from "../client/enter.ts";
import { findPod } from "../client/pods.ts";
import { printAs } from "../format/output.ts";
import { systemPath } from "../up/sandbox.ts";
import { outputOf, runningMesh, withOutput, type CommandContext } from "./context.ts";
import type { PingProbe } from "../ping-probe.ts";
import type { ConfigDump, DumpConnection, PodRow } from "@ambit/contract/admin-api.ts";

interface PingAnswer {
  readonly from: string;
  readonly to: string;
  readonly attempts: readonly PingProbe[];
  readonly path: string;
  readonly serverPod: string;
}

/** `ambit ping FROM TO[:PORT]`: connects from inside a pod and tells which way the connection took. */
export function registerPing(program: Command): void {
  const command = program
    .command("ping")
    .description("connect from one workload to another and show the path taken")
    .argument("<from>", "workload to connect from")
    .argument("<to>", "service, workload or address, optionally with :port")
    .option("-c, --count <n>", "connections", "3");
  withOutput(command).action(async (from: string, to: string, options: { count: string }, self: Command) => {
    const context = runningMesh(self);
    const pods = await context.admin("node-agent").getJson<readonly PodRow[]>("/pods");
    const source = findPod(pods, from);
    const { host, port } = target(to);
    const answers: PingAnswer[] = [];
    for (let count = Number(options.count); count > 0; count--) {
      answers.push(await pingOnce(context, pods, source, { host, port }));
    }
    printAs(outputOf(self), answers, () => answers.map(pingLine).join("\n"));
    if (answers.some((answer) => answer.attempts.some((attempt) => attempt.error !== "")))
      process.exitCode = 1;
  });
}

function target(text: string): { host: string; port: number } {
  const match = /^(?:svc\/)?(.+?)(?::([0-9]+))?$/.exec(text);
  return { host: match?.[1] ?? text, port: Number(match?.[2] ?? "80") };
}

async function pingOnce(
  context: CommandContext & { readonly record: ReturnType<typeof runningMesh>["record"] },
  pods: readonly PodRow[],
  source: PodRow,
  to: { host: string; port: number },
): Promise<PingAnswer> {
  const script = join(import.meta.dirname, "../ping-probe.ts");
  const [file = "", ...args] = insidePod(context.record, source, [
    process.execPath,
    "--disable-warning=ExperimentalWarning",
    script,
    to.host,
    String(to.port),
  ]);
  const child = spawn(file, args, {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, PATH: systemPath() },
  });
  const first = await firstLine(child.stdout, child.stderr);
  const probe = JSON.parse(first) as PingProbe;
  const { path, serverPod } =
    probe.error === "" ? await pathOf(context, pods, source, probe) : { path: "none", serverPod: "" };
  child.stdin.end();
  return {
    from: `${source.namespace}/${source.name}`,
    to: `${to.host}:${to.port}`,
    attempts: [probe],
    path,
    serverPod,
  };
}

function firstLine(output: NodeJS.ReadableStream, errors: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    let complaint = "";
    errors.on("data", (chunk: Buffer) => {
      complaint += chunk.toString("utf8");
    });
    output.on("data", (chunk: Buffer) => {
      text += chunk.toString("utf8");
      const end = text.indexOf("\n");
      if (end >= 0) resolve(text.slice(0, end));
    });
    output.on("close", () =>
      reject(new AmbitError("ping-failed", `The probe ended early: ${complaint.trim()}`)),
    );
  });
}

/** Finds the probe's connection among those its node's proxy holds open. */
async function pathOf(
  context: CommandContext,
  pods: readonly PodRow[],
  source: PodRow,
  probe: PingProbe,
): Promise<{ path: string; serverPod: string }> {
  if (source.redirection !== "enabled")
    return { path: "plain TCP (the client is not in the mesh)", serverPod: "" };
  const dump = await context.admin(`ztunnel-${source.node}`).getJson<ConfigDump>("/config_dump");
  const local = `${source.ip}:${probe.localPort}`;
  const open = Object.values(dump.workloadState)
    .flatMap((pod) => pod.connections?.outbound ?? [])
    .find((connection) => connection.src === local);
  if (open === undefined) return { path: "direct (not captured)", serverPod: "" };
  return { path: describePath(open, source, pods), serverPod: podOf(open, pods)?.name ?? "" };
}

function podOf(open: DumpConnection, pods: readonly PodRow[]): PodRow | undefined {
  const ip = open.actualDst.slice(0, open.actualDst.lastIndexOf(":"));
  return pods.find((pod) => pod.ip === ip);
}

function describePath(open: DumpConnection, source: PodRow, pods: readonly PodRow[]): string {
  const server = podOf(open, pods);
  const nodes = server === undefined ? "" : ` ${source.node} -> ${server.node}`;
  return open.protocol.toUpperCase() === "HBONE"
    ? `HBONE${nodes} (mTLS, ztunnel to ztunnel) to ${open.actualDst}`
    : `plain TCP${nodes} to ${open.actualDst}`;
}

function pingLine(answer: PingAnswer): string {
  const [probe] = answer.attempts;
  if (probe === undefined || probe.error !== "")
    return `${answer.from} -> ${answer.to}: ${probe?.error ?? "no answer"}`;
  const server = answer.serverPod === "" ? "" : ` (${answer.serverPod})`;
  return `${answer.from} -> ${answer.to}${server}: connected in ${probe.connectMs.toFixed(2)} ms, name in ${probe.lookupMs.toFixed(2)} ms, path ${answer.path}`;
}
