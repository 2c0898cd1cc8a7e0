/**
 * `npm run scale -- [--services N] [--workloads N] [--proxies N] [--connect PER_SECOND] [--nodes N] [--namespaces N] [--policies N] [--changes N]
 * [--churn PER_SECOND] [--churn-seconds N] [--seed N] [--profile FOLDER] [--store]`: the real discovery and ca on a
 * generated fleet. `--ztunnel [--workloads N] [--pods N] [--idle N] [--connections N] [--store]`: a real node proxy made large. See README.md in the folder above.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { storeFacts } from "../report.ts";
import { ScaleControlPlane } from "./control-plane.ts";
import { writeFleet } from "./fleet.ts";
import { measureScale, type Figures } from "./measure.ts";
import { formatScale } from "./table.ts";
import { measureProxy } from "./ztunnel.ts";

const { values } = parseArgs({
  options: {
    services: { type: "string", default: "10000" },
    workloads: { type: "string", default: "50000" },
    nodes: { type: "string", default: "200" },
    namespaces: { type: "string", default: "50" },
    policies: { type: "string", default: "500" },
    proxies: { type: "string", default: "200" },
    connect: { type: "string", default: "20" },
    processes: { type: "string", default: "2" },
    changes: { type: "string", default: "40" },
    churn: { type: "string", default: "1000" },
    "churn-seconds": { type: "string", default: "10" },
    seed: { type: "string", default: "1" },
    ztunnel: { type: "boolean", default: false },
    pods: { type: "string", default: "1000" },
    idle: { type: "string", default: "10000" },
    connections: { type: "string", default: "200000" },
    profile: { type: "string", default: "" },
    store: { type: "boolean", default: false },
  },
});

const size = {
  services: Number(values.services),
  workloads: Number(values.workloads),
  nodes: Number(values.nodes),
  namespaces: Number(values.namespaces),
  policies: Number(values.policies),
  seed: Number(values.seed),
};
const load = {
  proxies: Number(values.proxies),
  processes: Number(values.processes),
  connectPerSecond: Number(values.connect),
  changes: Number(values.changes),
  churnPerSecond: Number(values.churn),
  churnSeconds: Number(values["churn-seconds"]),
};

/** Prints the figures, and keeps them when asked to. */
function finish(name: string, what: Readonly<Record<string, unknown>>, figures: Figures): void {
  process.stdout.write(formatScale(figures));
  if (!values.store) return;
  const path = storeFacts(join(import.meta.dirname, "../results"), name, { ...what, figures });
  process.stdout.write(`stored ${path}\n`);
}

async function measureDiscovery(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "ambit-scale-"));
  const profiler = values.profile === "" ? [] : ["--cpu-prof", `--cpu-prof-dir=${values.profile}`];
  const plane = new ScaleControlPlane(join(folder, "state"), profiler);
  process.once("SIGINT", () => void plane.stop().then(() => process.exit(130)));
  process.once("SIGTERM", () => void plane.stop().then(() => process.exit(143)));
  try {
    const fleet = writeFleet(join(folder, "fleet"), size);
    process.stderr.write(
      `${size.workloads} workloads behind ${size.services} services, ${load.proxies} proxies\n`,
    );
    // A run takes minutes; what is known is said when it is known.
    const figures = await measureScale(fleet, plane, load, (stage, known) => {
      const seconds = (performance.now() / 1000).toFixed(0);
      process.stderr.write(`\n${seconds} s: ${stage}\n${formatScale(known)}`);
    });
    finish("scale", { size, load }, figures);
  } finally {
    await plane.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

if (values.ztunnel) {
  const proxyLoad = {
    workloads: Number(values.workloads),
    pods: Number(values.pods),
    idle: Number(values.idle),
    connections: Number(values.connections),
  };
  finish("scale-ztunnel", { load: proxyLoad }, measureProxy(proxyLoad));
} else await measureDiscovery();
