import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { sleep, type Clock } from "@ambit/base/clock.ts";
import { writeFileAtomic } from "@ambit/base/files.ts";
import type { Random } from "@ambit/base/random.ts";
import type { BrokerUser } from "./embedded-broker.ts";
import { BusError } from "./bus-error.ts";
import { natsServerConfig } from "./server-config.ts";

/** Oldest releases without known holes, per line (security.md 0, finding 2). */
const FLOORS: readonly (readonly [number, number, number])[] = [
  [2, 12, 12],
  [2, 14, 3],
];

const START_MS = 5_000;
const PROBE_MS = 50;
const KILL_MS = 2_000;

/** A broker that runs. */
export interface RunningBroker {
  readonly kind: "embedded" | "nats-server";
  readonly port: number;
  stop(): Promise<void>;
}

/** The version of a nats-server program; undefined when it cannot be run. */
export function natsServerVersion(binary: string): string | undefined {
  const run = spawnSync(binary, ["--version"], { encoding: "utf8", timeout: START_MS });
  return run.status === 0 ? /v([0-9]+\.[0-9]+\.[0-9]+)/.exec(run.stdout)?.[1] : undefined;
}

/** True for releases without known holes. */
export function isSafeVersion(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split(".").map(Number);
  const [oldest, newest] = [FLOORS[0], FLOORS.at(-1)];
  if (oldest === undefined || newest === undefined) return false;
  const line = FLOORS.find((floor) => floor[0] === major && floor[1] === minor);
  if (line !== undefined) return patch >= line[2];
  return major > newest[0] || (major === newest[0] && minor > newest[1]);
}

/**
 * Starts a real server with the mesh's users and limits; resolves when it answers. Throws a BusError `listen` when it
 * does not within 5 s. `onExit` is called when it ends without being stopped.
 */
export async function startNatsServer(
  options: {
    readonly binary: string;
    readonly host: string;
    readonly port: number;
    readonly users: readonly BrokerUser[];
    /** Where its configuration, which holds passwords, is written (0600). */
    readonly folder: string;
    /** What happens to its output. @default "inherit" */
    readonly output?: "inherit" | "ignore";
  },
  deps: { readonly clock: Clock; readonly random: Random; readonly onExit: (code: number | null) => void },
): Promise<RunningBroker> {
  const { binary, host, port, folder, output = "inherit" } = options;
  const path = join(folder, "nats-server.conf");
  const pidFile = join(folder, "nats-server.pid");
  await endPredecessor(pidFile, path, deps.clock);
  const serverName = `ambit-bus-${deps.random.uuid()}`;
  writeFileAtomic(path, natsServerConfig({ ...options, serverName, pidFile }), 0o600);
  const child = spawn(binary, ["-c", path], { stdio: ["ignore", output, output] });
  const state: { ended: boolean; stopping: boolean } = { ended: false, stopping: false };
  const ended = new Promise<void>((resolve) => {
    const end = (code: number | null): void => {
      if (!state.ended && !state.stopping) deps.onExit(code);
      state.ended = true;
      resolve();
    };
    child.once("exit", end);
    child.once("error", () => end(null));
  });
  const stop = async (): Promise<void> => {
    state.stopping = true;
    child.kill("SIGTERM");
    const timer = deps.clock.after(KILL_MS, () => void child.kill("SIGKILL"), true);
    await ended;
    timer.cancel();
  };
  for (let waited = 0; waited < START_MS && !state.ended; waited += PROBE_MS) {
    if (await answers(host, port, serverName)) return { kind: "nats-server", port, stop };
    await sleep(deps.clock, PROBE_MS);
  }
  await stop();
  throw new BusError("listen", `${binary} does not answer on ${host}:${port}`, {
    hint: "is another process on that port?",
  });
}

/** A server whose parent was killed lives on and holds the port: the one that this configuration started is ended. */
async function endPredecessor(pidFile: string, configPath: string, clock: Clock): Promise<void> {
  const pid = readText(pidFile).trim();
  const isOurs = (): boolean => readText(`/proc/${pid}/cmdline`).split("\0").includes(configPath);
  if (!/^[1-9][0-9]*$/.test(pid) || !isOurs()) return;
  process.kill(Number(pid), "SIGKILL");
  for (let waited = 0; waited < KILL_MS && isOurs(); waited += PROBE_MS) await sleep(clock, PROBE_MS);
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** Whether the server of this name, and no other, answers there. */
function answers(host: string, port: number, serverName: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host === "0.0.0.0" ? "127.0.0.1" : host);
    const finish = (answered: boolean): void => {
      socket.destroy();
      resolve(answered);
    };
    socket.setTimeout(1_000, () => finish(false));
    socket.once("data", (bytes: Buffer) => finish(isGreeting(bytes.toString("latin1"), serverName)));
    socket.once("error", () => finish(false));
    socket.once("close", () => finish(false));
  });
}

function isGreeting(text: string, serverName: string): boolean {
  return text.startsWith("INFO ") && text.includes(`"server_name":"${serverName}"`);
}
