/**
 * `npm run scale -- [--services N] [--workloads N] [--proxies N] [--connect PER_SECOND] [--nodes N] [--namespaces N] [--policies N] [--changes N]
 * [--churn PER_SECOND] [--churn-seconds N] [--seed N] [--profile FOLDER] [--store]`: the real discovery and ca on a
 * generated fleet. See README.md in the folder above.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { storeFacts } from "../report.ts";
import { ScaleControlPlane } from "./control-plane.ts";
import { writeFleet } from "./fleet.ts";
import { measureScale } from "./measure.ts";
import { formatScale } from "./table.ts";

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
  const figures = await measureScale(fleet, plane, load, (stage) =>
    process.stderr.write(`${(performance.now() / 1000).toFixed(0)} s: ${stage}\n`),
  );
  process.stdout.write(formatScale(figures));
  if (values.store)
    process.stdout.write(
      `stored ${storeFacts(join(import.meta.dirname, "../results"), "scale", { size, load, figures })}\n`,
    );
} finally {
  await plane.stop();
  rmSync(folder, { recursive: true, force: true });
}
