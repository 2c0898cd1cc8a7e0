import { Session } from "node:inspector/promises";
import { setFlagsFromString } from "node:v8";

/**
 * Makes buffers count towards the heap's own limit. Otherwise the engine marks the whole heap whenever 64 MiB of buffers
 * were made, live or not: a restart with a hundred proxies would spend most of its time on that.
 */
export function countBuffersAsHeap(): void {
  setFlagsFromString("--external-memory-accounted-in-global-limit");
}

/**
 * Collects all garbage now. Reading a large mesh leaves more behind than the mesh itself needs, and the engine would
 * keep that room until it needs it again, which may be never. Takes a moment in proportion to the heap.
 */
export async function collectGarbage(): Promise<void> {
  const session = new Session();
  session.connect();
  try {
    await session.post("HeapProfiler.collectGarbage");
  } finally {
    session.disconnect();
  }
}
