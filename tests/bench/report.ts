import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { join } from "node:path";
import type { LoadResult } from "./load/protocol.ts";
import type { Row } from "./rows.ts";

/** One run of one variant in one round. */
export interface Sample {
  readonly row: string;
  readonly round: number;
  readonly variant: string;
  readonly result: LoadResult;
  /** CPU of both proxies per unit of the row; 0 for the direct way. */
  readonly cpu: number;
}

export interface Memory {
  readonly variant: string;
  readonly restMiB: number;
  readonly idleMiB: number;
  readonly idleConnections: number;
}

interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** The references of the goals: those of the first line that has any that took part. */
const REFERENCES = [["ztunnel", "ztunnel-in-pod"], ["envoy"], ["haproxy"], ["nginx"]] as const;

/** The whole table as text: absolute medians, then each of our drivers against every peer, round by round. */
export function formatReport(
  rows: readonly Row[],
  samples: readonly Sample[],
  memory: readonly Memory[],
): string {
  const lines: string[] = [];
  for (const row of rows) {
    const own = samples.filter((sample) => sample.row === row.name);
    const variants = [...new Set(own.map((sample) => sample.variant))];
    const references = referencesOf(variants);
    lines.push("", `## ${row.title}`);
    for (const variant of variants) lines.push(absolute(row, own, variant));
    for (const ours of variants.filter((name) => name.startsWith("ambit-"))) {
      for (const peer of variants.filter((name) => !name.startsWith("ambit-") && name !== "direct")) {
        lines.push(against(row, own, ours, peer, references.includes(peer)));
      }
    }
  }
  if (memory.length > 0) lines.push("", "## memory of both proxies, MiB resident");
  for (const entry of memory) {
    const perConnection = ((entry.idleMiB - entry.restMiB) * 1024) / entry.idleConnections;
    lines.push(
      `${entry.variant.padEnd(15)} at rest ${entry.restMiB.toFixed(0).padStart(5)}   with ${entry.idleConnections} idle connections ${entry.idleMiB.toFixed(0).padStart(5)}   ${perConnection.toFixed(1)} KiB each`,
    );
  }
  return `${lines.join("\n")}\n`;
}

function referencesOf(variants: readonly string[]): readonly string[] {
  const took = REFERENCES.map((line) => line.filter((name) => variants.includes(name)));
  return took.find((line) => line.length > 0) ?? [];
}

function absolute(row: Row, samples: readonly Sample[], variant: string): string {
  const own = samples.filter((sample) => sample.variant === variant);
  const rate = median(own.map((sample) => sample.result.rate));
  const shown = row.cpuFactor === 1e9 ? `${(rate / 1e9).toFixed(2)} GB/s` : `${rate.toFixed(0)}/s`;
  const cpu = median(own.map((sample) => sample.cpu));
  const latency =
    row.cpuFactor === 1e9
      ? ""
      : `  p50 ${median(own.map((sample) => sample.result.p50us)).toFixed(0)} us  p99 ${median(own.map((sample) => sample.result.p99us)).toFixed(0)} us`;
  const errors = own.reduce((sum, sample) => sum + sample.result.errors, 0);
  return `${variant.padEnd(15)} ${shown.padStart(12)}  cpu ${cpu.toFixed(2).padStart(8)} ${row.cpuUnit}${latency}${errors > 0 ? `  ERRORS ${errors}` : ""}`;
}

function against(
  row: Row,
  samples: readonly Sample[],
  ours: string,
  peer: string,
  isReference: boolean,
): string {
  const rate = ratios(samples, ours, peer, (sample) => sample.result.rate);
  const cpu = ratios(samples, ours, peer, (sample) => sample.cpu);
  const latency =
    row.cpuFactor === 1e9
      ? ""
      : `   p50 ${text(ratios(samples, ours, peer, ({ result }) => result.p50us))}   p99 ${text(ratios(samples, ours, peer, ({ result }) => result.p99us))}`;
  const goals = isReference
    ? `   floor ${row.rateFloor} / ${row.cpuFloor}, goal ${row.rateGoal} / ${row.cpuGoal} ${verdict(row, rate.median, cpu.median)}`
    : "";
  return `  ${ours} : ${peer.padEnd(14)} rate ${text(rate)}   cpu ${text(cpu)}${latency}${goals}`;
}

function verdict(row: Row, rate: number, cpu: number): string {
  if (rate >= row.rateGoal && cpu <= row.cpuGoal) return "(goal)";
  if (rate >= row.rateFloor && cpu <= row.cpuFloor) return "(above the floor)";
  return "(BELOW THE FLOOR)";
}

function ratios(
  samples: readonly Sample[],
  ours: string,
  peer: string,
  value: (sample: Sample) => number,
): Spread {
  const found: number[] = [];
  for (const mine of samples.filter((sample) => sample.variant === ours)) {
    const theirs = samples.find((sample) => sample.variant === peer && sample.round === mine.round);
    if (theirs !== undefined) found.push(value(mine) / value(theirs));
  }
  return { min: Math.min(...found), median: median(found), max: Math.max(...found) };
}

function text(spread: Spread): string {
  return `${spread.min.toFixed(2)}/${spread.median.toFixed(2)}/${spread.max.toFixed(2)}`;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** Stores the run with what it ran on; gives the path. */
export function storeResults(folder: string, samples: readonly Sample[], memory: readonly Memory[]): string {
  return storeFacts(folder, "", { samples, memory });
}

/** Stores anything measured with what it ran on, under a name of its own when there is one; gives the path. */
export function storeFacts(
  folder: string,
  name: string,
  measured: Readonly<Record<string, unknown>>,
): string {
  const git = (...args: string[]): string =>
    spawnSync("git", args, { encoding: "utf8" }).stdout?.trim() ?? "";
  const commit = git("rev-parse", "--short", "HEAD");
  const facts = {
    commit,
    dirty: git("status", "--porcelain") !== "",
    date: new Date().toISOString(),
    kernel: release(),
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    node: process.version,
  };
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${facts.date.slice(0, 10)}-${commit}${name === "" ? "" : `-${name}`}.json`);
  writeFileSync(path, `${JSON.stringify({ facts, ...measured }, undefined, 1)}\n`);
  return path;
}
