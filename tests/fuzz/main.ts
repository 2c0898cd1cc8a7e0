/**
 * `npm run fuzz -- --target T [--seconds N] [--count N] [--seed S]`: feeds one target (or `all`) and goes on where the
 * last run of the same seed (when none is named: of the last one) stopped. `--input FILE` feeds one stored input. One
 * line of JSON per target, `total` being the inputs of all seeds; exit status 1 when something was found: then the seed
 * is printed and the input kept under tests/fuzz/regressions.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { describeError } from "@ambit/base/errors.ts";
import type { FuzzDone, FuzzJob } from "./messages.ts";
import { checked, inputOf, type Failure, type FuzzResult } from "./run.ts";
import { keepInput, noteDone, readState } from "./state.ts";
import { TARGETS } from "./table.ts";

/** An input that keeps the worker busy for this long hangs. */
const STUCK_MS = 10_000;

const { values } = parseArgs({
  options: {
    target: { type: "string", default: "all" },
    seconds: { type: "string" },
    count: { type: "string" },
    seed: { type: "string" },
    input: { type: "string" },
  },
});

async function main(): Promise<void> {
  const names = values.target === "all" ? Object.keys(TARGETS) : [values.target];
  for (const name of names) {
    if (TARGETS[name] === undefined)
      throw new Error(`no target ${name}; there are ${Object.keys(TARGETS).join(", ")}`);
    if (values.input === undefined) await run(name);
    else await feed(name, values.input);
  }
}

async function run(name: string): Promise<void> {
  const stored = readState(name);
  const seed = values.seed === undefined ? stored.seed : Number(values.seed);
  const from = stored.counts[seed] ?? 0;
  const seconds =
    values.seconds === undefined && values.count === undefined ? 10 : Number(values.seconds ?? Infinity);
  const count = Number(values.count ?? Infinity);
  const started = performance.now();
  const result = await inWorker({
    target: name,
    seed,
    from,
    count,
    seconds,
    progress: new SharedArrayBuffer(4),
  });
  const { done, failure, slowestMs } = result;
  // A failure does not hide what comes after it: the next run begins behind it.
  const total = noteDone(name, seed, from + done + (failure === undefined ? 0 : 1));
  const perSecond = Math.round((done * 1_000) / (performance.now() - started));
  const line = {
    target: name,
    seed,
    from,
    inputs: done,
    total,
    perSecond,
    slowestMs: Math.round(slowestMs),
  };
  process.stdout.write(`${JSON.stringify({ ...line, found: failure === undefined ? 0 : 1 })}\n`);
  if (failure !== undefined) report(name, failure);
}

function inWorker(job: FuzzJob): Promise<FuzzResult> {
  const worker = new Worker(new URL("./target.worker.ts", import.meta.url), { workerData: job });
  const progress = new Int32Array(job.progress);
  return new Promise((resolve, reject) => {
    let last = 0;
    let since = performance.now();
    const watch = setInterval(() => {
      const now = Atomics.load(progress, 0);
      if (now !== last) {
        last = now;
        since = performance.now();
        // A run that is stopped half-way has not run for nothing.
        noteDone(job.target, job.seed, job.from + now - 1);
      } else if (last > 0 && performance.now() - since > STUCK_MS) {
        clearInterval(watch);
        void worker.terminate();
        hang(job, job.from + last - 1).then(resolve, reject);
      }
    }, 500);
    worker.on("message", ({ result }: FuzzDone) => resolve(result));
    worker.on("error", reject);
    worker.on("exit", () => clearInterval(watch));
  });
}

/** The input is made again: the worker that knows it is busy with it for ever. */
async function hang(job: FuzzJob, index: number): Promise<FuzzResult> {
  const target = await (await TARGETS[job.target]?.load())?.create();
  const input = target === undefined ? new Uint8Array() : inputOf(target, job.seed, index);
  const reason = `one input took more than ${STUCK_MS} ms`;
  return {
    done: index - job.from,
    slowestMs: STUCK_MS,
    failure: { seed: job.seed, index, input, reason, stack: "" },
  };
}

async function feed(name: string, path: string): Promise<void> {
  const target = await (await TARGETS[name]?.load())?.create();
  if (target === undefined) return;
  const { thrown } = await checked(target, Uint8Array.from(readFileSync(path)));
  if (thrown === undefined) process.stdout.write("nothing is wrong\n");
  else {
    process.exitCode = 1;
    process.stdout.write(`${thrown instanceof Error ? thrown.stack : describeError(thrown)}\n`);
  }
}

function report(name: string, failure: Failure): void {
  process.exitCode = 1;
  const { seed, index, input, reason, stack } = failure;
  const kept = input.length === 0 ? "no input: a property of generated values" : keepInput(name, input);
  process.stdout.write(
    `${name}: seed ${seed}, input ${index}: ${reason.slice(0, 1_000)}\n${stack.slice(stack.indexOf("\n    at"))}\nkept as ${kept}\n`,
  );
}

await main();
