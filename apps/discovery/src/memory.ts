import { Session } from "node:inspector/promises";

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
