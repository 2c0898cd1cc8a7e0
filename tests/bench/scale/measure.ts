import { seededRandom } from "@ambit/base/random.ts";
import { cpuSeconds, residentMiB } from "../cpu.ts";
import { writePod, type Fleet, type FleetPod } from "./fleet.ts";
import type { Running, ScaleControlPlane } from "./control-plane.ts";
import { ProxyFleet } from "./proxy-fleet.ts";

/** How hard discovery is worked. */
export interface Load {
  readonly proxies: number;
  /** Child processes the proxies live in. */
  readonly processes: number;
  /** How fast they connect. */
  readonly connectPerSecond: number;
  /** Single changes, one after another. */
  readonly changes: number;
  readonly churnPerSecond: number;
  readonly churnSeconds: number;
}

/** One measured figure; times in milliseconds unless the name says otherwise. */
export type Figures = Readonly<Record<string, number>>;

/** Rest between two single changes, plus up to as much again: a change that meets a calm mesh. */
const CALM_MS = 150;
/** Under churn every n-th proxy notes arrivals. */
const SAMPLE = 20;

/** Takes discovery through all stages: start, first proxy, all proxies, single changes, churn. */
export async function measureScale(
  fleet: Fleet,
  plane: ScaleControlPlane,
  load: Load,
  onStage?: (name: string, figures: Figures) => void,
): Promise<Figures> {
  const figures: Record<string, number> = {};
  const stage = (name: string): void => onStage?.(name, figures);
  const running = await plane.start(fleet);
  const pids = [running.pid];
  figures["ready"] = running.readyMs;
  figures["cpuReadySeconds"] = cpuSeconds(pids);
  figures["rssReadyMiB"] = residentMiB(pids);
  const proxies = new ProxyFleet(load.processes);
  stage("ready");
  try {
    await measureFirstStates(fleet, plane, running, proxies, load, figures);
    stage("proxies connected");
    await measureChanges(fleet, proxies, load, figures);
    stage("single changes");
    await measureChurn(fleet, running.pid, proxies, load, figures);
    figures["rssEndMiB"] = residentMiB(pids);
    figures["cpuTotalSeconds"] = cpuSeconds(pids);
    const end = await proxies.report();
    figures["streamsLost"] = end.terminations;
    figures["loadCpuSeconds"] = end.cpuSeconds;
  } finally {
    proxies.stop();
  }
  return figures;
}

async function measureFirstStates(
  fleet: Fleet,
  plane: ScaleControlPlane,
  running: Running,
  proxies: ProxyFleet,
  load: Load,
  figures: Record<string, number>,
): Promise<void> {
  const start = (index: number): void =>
    proxies.start({
      index,
      xdsAddress: running.xdsAddress,
      trustPath: plane.trustPath,
      tokenPath: plane.tokenPath(`ztunnel-${index % fleet.size.nodes}`),
    });
  // The processes of the proxies must be up before the clock runs.
  await proxies.report();
  start(0);
  figures["firstProxy"] = await proxies.synced(1);
  const { bytes } = await proxies.report();
  figures["firstStateMiB"] = bytes / 2 ** 20;
  const cpuBefore = cpuSeconds([running.pid]);
  const opened = now();
  for (let index = 1; index < load.proxies; index++) {
    start(index);
    await pause(Math.max(0, opened + (index * 1000) / load.connectPerSecond - now()));
  }
  await proxies.synced(load.proxies);
  figures["allProxies"] = now() - opened;
  figures["allProxiesCpuSeconds"] = cpuSeconds([running.pid]) - cpuBefore;
  figures["rssProxiesMiB"] = residentMiB([running.pid]);
}

/** Flips the readiness of one pod after another and waits until every proxy has it. */
async function measureChanges(
  fleet: Fleet,
  proxies: ProxyFleet,
  load: Load,
  figures: Record<string, number>,
): Promise<void> {
  const random = seededRandom(fleet.size.seed + 1);
  proxies.note(1);
  await pause(1_000);
  const each: number[] = [];
  const last: number[] = [];
  const resting = new Set<FleetPod>();
  const bytesBefore = (await proxies.report()).bytes;
  for (let round = 0; round < load.changes; round++) {
    const pod = fleet.pods[random.below(fleet.pods.length)];
    if (pod === undefined) break;
    const ready = resting.delete(pod);
    if (!ready) resting.add(pod);
    const times = await changeAndWait(fleet, pod, proxies, load.proxies, ready);
    each.push(...times);
    last.push(Math.max(...times));
    await pause(CALM_MS + random.below(CALM_MS));
  }
  const { bytes } = await proxies.report();
  figures["changeP50"] = quantile(each, 0.5);
  figures["changeP99"] = quantile(each, 0.99);
  figures["changeAllP50"] = quantile(last, 0.5);
  figures["changeAllMax"] = Math.max(...last);
  figures["changeBytes"] = (bytes - bytesBefore) / load.changes / load.proxies;
}

async function changeAndWait(
  fleet: Fleet,
  pod: FleetPod,
  proxies: ProxyFleet,
  count: number,
  ready: boolean,
): Promise<readonly number[]> {
  const uid = uidOf(pod);
  const times: number[] = [];
  const all = new Promise<void>((resolve, reject) => {
    const patience = setTimeout(() => reject(new Error(`${times.length} of ${count} proxies heard`)), 60_000);
    proxies.onArrival = ([name, at]) => {
      if (name !== uid) return;
      times.push(at);
      if (times.length < count) return;
      clearTimeout(patience);
      resolve();
    };
  });
  const started = writePod(fleet, pod, ready, true);
  await all;
  return times.map((at) => at - started);
}

/** Changes pods at a fixed rate, each to another state than before, and follows a sample of the proxies. */
async function measureChurn(
  fleet: Fleet,
  pid: number,
  proxies: ProxyFleet,
  load: Load,
  figures: Record<string, number>,
): Promise<void> {
  if (load.churnSeconds === 0) return;
  proxies.note(SAMPLE);
  const written = new Map<string, number>();
  const lags: number[] = [];
  proxies.onArrival = ([name, at]) => {
    const since = written.get(name);
    if (since !== undefined) lags.push(at - since);
  };
  await pause(500);
  const total = load.churnPerSecond * load.churnSeconds;
  const cpuBefore = cpuSeconds([pid]);
  const started = now();
  for (let done = 0; done < total;) {
    const due = Math.min(total, Math.floor(((now() - started) / 1000) * load.churnPerSecond));
    for (; done < due; done++) {
      const pod = fleet.pods[done % fleet.pods.length];
      if (pod === undefined) continue;
      // The single changes may have left it in either state; a new version is always a change.
      const changed = { ...pod, version: `v${3 + Math.floor(done / fleet.pods.length)}` };
      written.set(uidOf(pod), now());
      writePod(fleet, changed, true);
    }
    await pause(1);
  }
  const seconds = (now() - started) / 1000;
  figures["churnCpuShare"] = (cpuSeconds([pid]) - cpuBefore) / seconds;
  figures["churnWritten"] = total / seconds;
  const noting = Math.ceil(load.proxies / SAMPLE);
  const distinct = Math.min(total, fleet.pods.length);
  figures["churnSettle"] = await settle(() => lags.length >= distinct * noting, started + seconds * 1000);
  figures["churnLagP50"] = quantile(lags, 0.5);
  figures["churnLagP99"] = quantile(lags, 0.99);
  figures["churnArrivedShare"] = lags.length / (distinct * noting);
}

/** Milliseconds after `since` until nothing is missing any more; thirty seconds at most. */
async function settle(complete: () => boolean, since: number): Promise<number> {
  while (!complete() && now() - since < 30_000) await pause(10);
  return now() - since;
}

function uidOf(pod: FleetPod): string {
  return `Kubernetes//Pod/${pod.namespace}/${pod.name}`;
}

function now(): number {
  return performance.timeOrigin + performance.now();
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** The value below which the share `q` of the values lies; not a number when there are none. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}
