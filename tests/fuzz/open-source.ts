import { silentLogger } from "@ambit/base/logger.ts";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { MeshStore } from "@ambit/store/mesh-store.ts";
import type { LastGood } from "../../apps/ztunnel/src/control/last-good.ts";
import { MeshMirror } from "../../apps/ztunnel/src/control/mesh-mirror.ts";
import { MeshSource, type StreamParts } from "../../apps/ztunnel/src/control/mesh-source.ts";
import { applyAccepted } from "./mesh-reference.ts";

/** A proxy's picture of the mesh. */
export interface OpenSource {
  readonly source: MeshSource;
  /** What the discovery stream would call. */
  readonly parts: StreamParts;
  /** Of the main thread and of a data thread. */
  readonly stores: readonly [main: MeshStore, data: MeshStore];
}

/** A proxy's picture of the mesh, from `lastGood` on, with a discovery stream that says what the caller lets it say. */
export function openSource(lastGood: LastGood | undefined): OpenSource {
  const mirror = new MeshMirror();
  const data = new MeshStore();
  const made: StreamParts[] = [];
  const source = new MeshSource({
    clock: new FakeClock(),
    logger: silentLogger,
    mirror,
    lastGood,
    makeStream: (parts) => {
      made.push(parts);
      return { connected: true, start: () => undefined, stop: () => undefined, hurry: () => undefined };
    },
    broadcast: (message) => {
      if (message.kind === "resources") applyAccepted(data, message);
    },
    onKnown: () => undefined,
  });
  const [parts] = made;
  if (parts === undefined) throw new Error("a source makes its stream at once");
  return { source, parts, stores: [mirror.store, data] };
}
