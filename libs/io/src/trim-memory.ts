import { createSys, ffiSockets } from "./sys.ts";

/** Gives free memory of the C library's heaps back to the system; nothing where native calls are not available. */
export function trimMemory(): void {
  if (ffiSockets().available) createSys().trimMemory();
}
