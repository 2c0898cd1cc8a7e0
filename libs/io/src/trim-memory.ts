import { createSys, ffiSockets } from "./sys.ts";

/**
 * Gives free memory of the C library's heaps back to the system, and the pages of the program that only the start needed;
 * nothing where native calls are not available.
 */
export function trimMemory(): void {
  if (!ffiSockets().available) return;
  const sys = createSys();
  sys.trimMemory();
  sys.dropProgramPages();
}
