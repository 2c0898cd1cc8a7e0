import type { Figures } from "./measure.ts";

interface ScaleRow {
  readonly figure: string;
  readonly title: string;
  readonly unit: string;
  readonly digits: number;
  /** Set for 50,000 pods, 2,500 services and 100 proxies on two cores; at most this much. */
  readonly goal?: number;
  /** What istiod needed for that fleet on the same kind of machine, once. */
  readonly istiod?: string;
}

const ROWS: readonly ScaleRow[] = [
  { figure: "ready", title: "start to ready", unit: "ms", digits: 0, goal: 10_000, istiod: "88 s" },
  { figure: "rssReadyMiB", title: "memory, ready", unit: "MiB", digits: 0, goal: 500, istiod: "1.54 GB" },
  { figure: "cpuReadySeconds", title: "CPU until ready", unit: "s", digits: 1 },
  { figure: "firstProxy", title: "first proxy's whole state", unit: "ms", digits: 0, istiod: "23 s" },
  { figure: "firstStateMiB", title: "its size", unit: "MiB", digits: 1 },
  {
    figure: "allProxies",
    title: "all proxies' whole state",
    unit: "ms",
    digits: 0,
    goal: 10_000,
    istiod: "34 s",
  },
  { figure: "allProxiesCpuSeconds", title: "discovery's CPU for that", unit: "s", digits: 1 },
  {
    figure: "rssProxiesMiB",
    title: "memory, all proxies",
    unit: "MiB",
    digits: 0,
    goal: 700,
    istiod: "2.10 GB",
  },
  { figure: "changeP50", title: "one change to a proxy, p50", unit: "ms", digits: 1 },
  { figure: "changeP99", title: "one change to a proxy, p99", unit: "ms", digits: 1 },
  {
    figure: "changeAllP50",
    title: "one change to all proxies, p50",
    unit: "ms",
    digits: 1,
    goal: 50,
    istiod: "12-21 s",
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
    istiod: "282 s",
  },
  {
    figure: "streamsLost",
    title: "streams lost or refused",
    unit: "",
    digits: 0,
    goal: 0,
    istiod: "most of 200",
  },
];

/** The figures beside their goals, one line each; figures that were not measured are left out. */
export function formatScale(figures: Figures): string {
  const lines = ROWS.flatMap((row) => {
    const value = figures[row.figure];
    if (value === undefined) return [];
    const shown = `${value.toFixed(row.digits)} ${row.unit}`.trim();
    const goal =
      row.goal === undefined ? "" : `goal ${row.goal} ${row.unit} (${value <= row.goal ? "met" : "MISSED"})`;
    const peer = row.istiod === undefined ? "" : `istiod ${row.istiod}`;
    return [`${row.title.padEnd(36)}${shown.padStart(12)}   ${goal.padEnd(26)}${peer}`.trimEnd()];
  });
  return `${lines.join("\n")}\n`;
}
