import { pause } from "../e2e/support/mesh.ts";

/** What the bar allows from the end of a fault to the service as before. */
const RECOVERY_MS = 10_000;

/** Milliseconds until `holds`; undefined when it takes longer than the bar allows. */
export async function becomes(holds: () => boolean | Promise<boolean>): Promise<number | undefined> {
  const began = performance.now();
  while (!(await holds())) {
    if (performance.now() - began > RECOVERY_MS) return undefined;
    await pause(50);
  }
  return Math.round(performance.now() - began);
}
