import { parentPort, workerData } from "node:worker_threads";
import type { FuzzDone, FuzzJob } from "./messages.ts";
import { fuzz } from "./run.ts";
import { TARGETS } from "./table.ts";

const job = workerData as FuzzJob;
const progress = new Int32Array(job.progress);
const target = await (await TARGETS[job.target]?.load())?.create();
if (target === undefined) throw new Error(`no target ${job.target}`);
const end = performance.now() + job.seconds * 1_000;
const result = await fuzz(target, {
  seed: job.seed,
  from: job.from,
  count: job.count,
  isOver: () => performance.now() >= end,
  onInput: (index) => Atomics.store(progress, 0, index - job.from + 1),
});
const done: FuzzDone = { result };
parentPort?.postMessage(done);
