import type { Figures } from "./measure.ts";

interface ScaleRow {
  readonly figure: string;
  readonly title: string;
  readonly unit: string;
  readonly digits: number;
  /** Set for 50,000 pods, 2,500 services and 100 proxies on two cores; at most this much. */
  readonly goal?: number;
  /** What istiod needed for that fleet on the same kind of machine, once; or the Rust ztunnel. */
  readonly peer?: string;
}

const ROWS: readonly ScaleRow[] = [
  { figure: "ready", title: "start to ready", unit: "ms", digits: 0, goal: 10_000, peer: "istiod 88 s" },
  {
    figure: "rssReadyMiB",
    title: "memory, ready",
    unit: "MiB",
    digits: 0,
    goal: 500,
    peer: "istiod 1.54 GB",
  },
  { figure: "cpuReadySeconds", title: "CPU until ready", unit: "s", digits: 1 },
  { figure: "firstProxy", title: "first proxy's whole state", unit: "ms", digits: 0, peer: "istiod 23 s" },
  { figure: "firstStateMiB", title: "its size", unit: "MiB", digits: 1 },
  {
    figure: "allProxies",
    title: "all proxies' whole state",
    unit: "ms",
    digits: 0,
    goal: 10_000,
    peer: "istiod 34 s",
  },
  { figure: "allProxiesCpuSeconds", title: "discovery's CPU for that", unit: "s", digits: 1 },
  {
    figure: "rssProxiesMiB",
    title: "memory, all proxies",
    unit: "MiB",
    digits: 0,
    goal: 700,
    peer: "istiod 2.10 GB",
  },
  { figure: "changeP50", title: "one change to a proxy, p50", unit: "ms", digits: 1 },
  { figure: "changeP99", title: "one change to a proxy, p99", unit: "ms", digits: 1 },
  {
    figure: "changeAllP50",
    title: "one change to all proxies, p50",
    unit: "ms",
    digits: 1,
    goal: 50,
    peer: "istiod 12-21 s",
  },
  { figure: "changeAllMax", title: "one change to all proxies, worst", unit: "ms", digits: 1 },
  { figure: "changeBytes", title: "bytes of one change per proxy", unit: "B", digits: 0 },
  { figure: "churnWritten", title: "churn: changes", unit: "1/s", digits: 0 },
  { figure: "churnCpuShare", title: "churn: cores used", unit: "", digits: 2 },
  { figure: "churnLagP50", title: "churn: lag, p50", unit: "ms", digits: 0 },
  { figure: "churnLagP99", title: "churn: lag, p99", unit: "ms", digits: 0 },
  { figure: "churnSettle", title: "churn: last change everywhere after", unit: "ms", digits: 0 },
  { figure: "rssEndMiB", title: "memory, at the end", unit: "MiB", digits: 0 },
  {
    figure: "cpuTotalSeconds",
    title: "CPU of the whole run",
    unit: "s",
    digits: 1,
    goal: 60,
    peer: "istiod 282 s",
  },
  { figure: "loadCpuSeconds", title: "CPU of the simulated proxies", unit: "s", digits: 1 },
  {
    figure: "streamsLost",
    title: "streams lost or refused",
    unit: "",
    digits: 0,
    goal: 0,
    peer: "istiod most of 200",
  },
  { figure: "proxyRestMiB", title: "node proxy, small mesh", unit: "MiB", digits: 0 },
  { figure: "proxyKnownMiB", title: "node proxy, whole mesh known", unit: "MiB", digits: 0 },
  { figure: "proxyKiBPerWorkload", title: "  for each workload", unit: "KiB", digits: 2 },
  { figure: "proxyKnownReadyMs", title: "start to serving, whole mesh", unit: "ms", digits: 0 },
  {
    figure: "idleClientKiB",
    title: "idle connection, client's proxy",
    unit: "KiB",
    digits: 2,
    peer: "ztunnel 5.5 KiB",
  },
  {
    figure: "idleServerKiB",
    title: "idle connection, server's proxy",
    unit: "KiB",
    digits: 2,
    peer: "ztunnel 5.5 KiB",
  },
  { figure: "churnConnections", title: "connections in a row", unit: "", digits: 0 },
  { figure: "churnErrors", title: "  failed", unit: "", digits: 0, goal: 0 },
  { figure: "churnCpuUs", title: "  CPU of both proxies for each", unit: "us", digits: 0 },
  { figure: "churnGrowthMiB", title: "  memory of both since the first tenth", unit: "MiB", digits: 1 },
  { figure: "podAddMs", title: "pod added", unit: "ms", digits: 1 },
  { figure: "podKiB", title: "  memory for each", unit: "KiB", digits: 1 },
  { figure: "podsLeftMiB", title: "  left when all are gone", unit: "MiB", digits: 1 },
];

/** The figures beside their goals, one line each; figures that were not measured are left out. */
export function formatScale(figures: Figures): string {
  const lines = ROWS.flatMap((row) => {
    const value = figures[row.figure];
    if (value === undefined) return [];
    const shown = `${value.toFixed(row.digits)} ${row.unit}`.trim();
    const goal =
      row.goal === undefined ? "" : `goal ${row.goal} ${row.unit} (${value <= row.goal ? "met" : "MISSED"})`;
    const peer = row.peer ?? "";
    return [`${row.title.padEnd(36)}${shown.padStart(12)}   ${goal.padEnd(26)}${peer}`.trimEnd()];
  });
  return `${lines.join("\n")}\n`;
}
