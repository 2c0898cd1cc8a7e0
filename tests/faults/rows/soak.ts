import { readdirSync, readFileSync } from "node:fs";
import { pause } from "../../e2e/support/mesh.ts";
import { processOf } from "../processes.ts";
import type { FaultRow } from "../row.ts";
import type { FaultWorld } from "../world.ts";

const SAMPLE_MS = 10_000;

/** Before this much of the run memory may still grow: caches fill, compilers work. */
const SETTLING_SHARE = 1 / 3;

/** Growth of a proxy's memory that the bar allows, MiB in ten minutes. */
const MOST_MIB_PER_10_MIN = 1;

/** Descriptors may differ by this much between samples of the same load. */
const DESCRIPTOR_SLACK = 64;

interface Sample {
  readonly minute: number;
  readonly rssMiB: number;
  readonly descriptors: number;
}

/** No fault at all, for as long as somebody wants: nothing fails and nothing grows. */
export function soak(minutes: number): FaultRow {
  return {
    id: "soak",
    name: `${minutes} minutes under constant load`,
    fault: "none",
    rounds: { short: 1, long: 1 },
    mayFail: false,
    mayCut: false,
    act: async (world) => {
      const samples = new Map<string, Sample[]>(["node-a", "node-b"].map((node) => [node, []]));
      const began = performance.now();
      while (performance.now() - began < minutes * 60_000) {
        await pause(SAMPLE_MS);
        const minute = (performance.now() - began) / 60_000;
        for (const [node, taken] of samples) taken.push(sample(world, node, minute));
      }
      const figures: Record<string, number> = {};
      for (const [node, taken] of samples) {
        const settled = taken.filter(({ minute }) => minute >= minutes * SETTLING_SHARE);
        const slope = slopeOf(settled.map(({ minute, rssMiB }) => [minute, rssMiB])) * 10;
        const descriptors = settled.map((each) => each.descriptors);
        const first = descriptors[0] ?? 0;
        figures[`${node} MiB`] = Math.round(settled.at(-1)?.rssMiB ?? 0);
        figures[`${node} MiB per 10 min`] = Math.round(slope * 100) / 100;
        figures[`${node} descriptors`] = Math.max(...descriptors);
        if (slope > MOST_MIB_PER_10_MIN)
          return `the proxy of ${node} grows by ${slope.toFixed(2)} MiB in 10 min`;
        if ((descriptors.at(-1) ?? 0) > first + DESCRIPTOR_SLACK)
          return `the proxy of ${node} has ${descriptors.at(-1)} descriptors, and had ${first}`;
      }
      return figures;
    },
  };
}

function sample({ mesh }: FaultWorld, node: string, minute: number): Sample {
  const pid = processOf(mesh, "ztunnel", node) ?? 0;
  const kib = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
  return { minute, rssMiB: kib / 1024, descriptors: readdirSync(`/proc/${pid}/fd`).length };
}

/** Of the line of least squares, per unit of x. */
function slopeOf(points: readonly (readonly [x: number, y: number])[]): number {
  const count = Math.max(1, points.length);
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / count;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / count;
  const spread = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return spread === 0 ? 0 : points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / spread;
}
