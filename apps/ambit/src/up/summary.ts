import { readFileSync } from "node:fs";
import { sleep, systemClock } from "@ambit/base/clock.ts";
import { describeError } from "@ambit/base/errors.ts";
import { readProxies, type CommandContext } from "../commands/context.ts";
import { readTraffic, type Traffic } from "../client/traffic.ts";
import type { MeshRecord } from "../state-dir.ts";
import type { CaReport, ConfigDump, PodRow, ProxyRow } from "@ambit/contract/admin-api.ts";

/** What is said about a mesh at its start and by `ambit status`. */
export interface Summary {
  readonly record: MeshRecord;
  readonly ca: CaReport | undefined;
  readonly proxies: readonly ProxyRow[];
  readonly pods: readonly PodRow[];
  readonly nodes: readonly {
    readonly name: string;
    readonly captured: number;
    readonly certificates: number;
  }[];
  readonly traffic: Traffic | undefined;
  /** Components that did not answer, with the reason. */
  readonly problems: readonly { readonly component: string; readonly problem: string }[];
}

/** How long the start waits for the first traffic to be worth reporting. */
const TRAFFIC_WAIT_MS = 12_000;

/** Asks every part of the mesh. With `traffic`, waits until every ready replica has answered somebody, within bounds. */
export async function collectSummary(
  context: CommandContext,
  record: MeshRecord,
  options: { readonly traffic: boolean; readonly signal?: AbortSignal },
): Promise<Summary> {
  const problems: { component: string; problem: string }[] = [];
  const ask = async <Value>(component: string, path: string): Promise<Value | undefined> => {
    try {
      return await context.admin(component).getJson<Value>(path);
    } catch (thrown) {
      problems.push({ component, problem: (thrown as Error).message });
      return undefined;
    }
  };
  const captured = record.mode !== "loopback";
  const traffic =
    options.traffic && captured
      ? await waitForTraffic(context, record, options.signal)
      : await currentTraffic(context, record);
  const [ca, proxies, pods, dumps] = await Promise.all([
    ask<CaReport>("ca", "/ca"),
    readProxies(context).catch((thrown: unknown) => {
      problems.push({ component: "discovery", problem: describeError(thrown) });
      return [];
    }),
    ask<readonly PodRow[]>("node-agent", "/pods"),
    Promise.all(
      (captured ? record.nodes : []).map((node) => ask<ConfigDump>(`ztunnel-${node}`, "/config_dump")),
    ),
  ]);
  return {
    record,
    ca,
    proxies,
    pods: pods ?? [],
    nodes: (captured ? record.nodes : []).map((name, index) => ({
      name,
      captured: Object.keys(dumps[index]?.workloadState ?? {}).length,
      certificates: dumps[index]?.certificates.length ?? 0,
    })),
    traffic,
    problems,
  };
}

async function waitForTraffic(
  context: CommandContext,
  record: MeshRecord,
  signal?: AbortSignal,
): Promise<Traffic | undefined> {
  const deadline = systemClock.monotonic() + TRAFFIC_WAIT_MS;
  let last: Traffic | undefined;
  while (systemClock.monotonic() < deadline && signal?.aborted !== true) {
    last = await currentTraffic(context, record);
    const pods = await context
      .admin("node-agent")
      .getJson<readonly PodRow[]>("/pods")
      .catch(() => []);
    const owners = new Set((last?.edges ?? []).map((edge) => edge.destinationOwner));
    const expected = pods.filter((pod) => owners.has(pod.owner));
    const answering = new Set((last?.edges ?? []).flatMap((edge) => edge.replicas));
    if (expected.length > 0 && expected.every((pod) => answering.has(pod.name))) return last;
    await sleep(systemClock, 250);
  }
  return last;
}

async function currentTraffic(context: CommandContext, record: MeshRecord): Promise<Traffic | undefined> {
  const pods = await context
    .admin("node-agent")
    .getJson<readonly PodRow[]>("/pods")
    .catch(() => []);
  const logs = record.nodes.map((node) => {
    try {
      return readFileSync(context.state.file("logs", `ztunnel-${node}.log`), "utf8");
    } catch {
      return "";
    }
  });
  return readTraffic(logs, pods, systemClock.now());
}
