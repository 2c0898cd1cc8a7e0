import type { FuzzResult } from "./run.ts";

/** What the worker of one target is started with. */
export interface FuzzJob {
  readonly target: string;
  readonly seed: number;
  readonly from: number;
  readonly count: number;
  readonly seconds: number;
  /** Element 0: number of the input that is being fed, counted from `from`. */
  readonly progress: SharedArrayBuffer;
}

/** What it answers at the end. */
export interface FuzzDone {
  readonly result: FuzzResult;
}
