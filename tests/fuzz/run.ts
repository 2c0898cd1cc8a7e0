import { seededRandom } from "@ambit/base/random.ts";
import { describeError } from "@ambit/base/errors.ts";
import { mutate, noise } from "./mutate.ts";
import type { FuzzTarget } from "./target.ts";

/** Longest time for one input, in milliseconds of three tries, the fastest counted. */
export const HANG_MS = 1_000;

/** A property of every so many inputs is proved besides. */
const PROVE_EVERY = 8;

export interface FuzzPlan {
  readonly seed: number;
  /** Number of the first input. */
  readonly from: number;
  /** Inputs to make at most. */
  readonly count: number;
  /** Ends a run of less than `count`; asked every few inputs. */
  readonly isOver?: () => boolean;
  /** Told before each input, for a watcher in another thread. */
  readonly onInput?: (index: number) => void;
}

/** What is wrong with a decoder, with what it takes to see it again. */
export interface Failure {
  readonly seed: number;
  readonly index: number;
  /** Empty for a property of generated values. */
  readonly input: Uint8Array;
  readonly reason: string;
  /** Where it was thrown. */
  readonly stack: string;
}

export interface FuzzResult {
  readonly done: number;
  /** Milliseconds of the slowest input, generation not counted. */
  readonly slowestMs: number;
  readonly failure: Failure | undefined;
}

/** Input number `index` of a seed. */
export function inputOf(target: FuzzTarget, seed: number, index: number): Uint8Array {
  const random = randomOf(seed, index);
  const choice = random.below(16);
  if (choice < 2) return noise(random);
  const valid = target.valid(random);
  return choice < 5 ? valid : mutate(valid, random, () => target.valid(random));
}

/** Feeds inputs until the plan ends or the first one fails. */
export async function fuzz(target: FuzzTarget, plan: FuzzPlan): Promise<FuzzResult> {
  let slowestMs = 0;
  for (let done = 0; done < plan.count; done++) {
    const index = plan.from + done;
    if (done % 16 === 0 && plan.isOver?.() === true) return { done, slowestMs, failure: undefined };
    plan.onInput?.(index);
    const input = inputOf(target, plan.seed, index);
    const failed = await checked(target, input);
    if (failed.thrown !== undefined) {
      return { done, slowestMs, failure: failureOf(plan.seed, index, input, failed.thrown) };
    }
    slowestMs = Math.max(slowestMs, failed.ms);
    if (target.prove === undefined || index % PROVE_EVERY !== 0) continue;
    try {
      const proof = target.prove(randomOf(plan.seed, index));
      if (proof !== undefined) await proof;
    } catch (thrown) {
      return { done, slowestMs, failure: failureOf(plan.seed, index, new Uint8Array(), thrown) };
    }
  }
  return { done: plan.count, slowestMs, failure: undefined };
}

/** Feeds one input. `thrown` is what is wrong, a slow answer included. */
export async function checked(
  target: FuzzTarget,
  input: Uint8Array,
): Promise<{ readonly thrown: unknown; readonly ms: number }> {
  let fastest = Number.POSITIVE_INFINITY;
  // A busy machine is no hang: what was slow once is tried again.
  for (let tries = 0; tries < 3; tries++) {
    const started = performance.now();
    try {
      const answer = target.check(Uint8Array.from(input));
      if (answer !== undefined) await answer;
    } catch (thrown) {
      return { thrown: thrown ?? new Error("nothing was thrown"), ms: performance.now() - started };
    }
    fastest = Math.min(fastest, performance.now() - started);
    if (fastest <= HANG_MS) return { thrown: undefined, ms: fastest };
  }
  return { thrown: new Error(`one input took ${Math.round(fastest)} ms`), ms: fastest };
}

function randomOf(seed: number, index: number): ReturnType<typeof seededRandom> {
  return seededRandom((Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)) >>> 0);
}

function failureOf(seed: number, index: number, input: Uint8Array, thrown: unknown): Failure {
  const stack = thrown instanceof Error ? (thrown.stack ?? "") : "";
  return { seed, index, input, reason: describeError(thrown), stack };
}
