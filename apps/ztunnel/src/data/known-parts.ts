import type { Workload } from "@ambit/model/workload.ts";
import type { ConnectionFacts } from "./connection-facts.ts";

/** Texts remembered of one workload; a server of many services starts over. */
const MAX_OF_WORKLOAD = 16;

interface Key {
  readonly sourceIdentity: string | undefined;
  readonly destinationIdentity: string | undefined;
  readonly service: ConnectionFacts["service"];
  readonly direction: ConnectionFacts["direction"] | undefined;
}

interface Part extends Key {
  readonly text: string;
}

/**
 * Texts about the two sides of connections, made once. Workloads and services are immutable: the same objects mean the
 * same text until discovery sends others, and what is known of one goes with it.
 */
export class KnownParts {
  readonly #sources = new WeakMap<Workload, Part[]>();
  readonly #destinations = new WeakMap<Workload, Part[]>();

  /** What `make` says about the source, from `source` and `sourceIdentity` alone; made anew when there is no workload. */
  source(facts: ConnectionFacts, make: () => string): string {
    const { source, sourceIdentity } = facts;
    const key = { sourceIdentity, destinationIdentity: undefined, service: undefined, direction: undefined };
    return source === undefined ? make() : known(this.#sources, source, key, make);
  }

  /** What `make` says about the destination, its service and the direction. */
  destination(facts: ConnectionFacts, make: () => string): string {
    const { destination, destinationIdentity, service, direction } = facts;
    const key = { sourceIdentity: undefined, destinationIdentity, service, direction };
    return destination === undefined ? make() : known(this.#destinations, destination, key, make);
  }
}

function known(of: WeakMap<Workload, Part[]>, workload: Workload, key: Key, make: () => string): string {
  let parts = of.get(workload);
  if (parts === undefined) of.set(workload, (parts = []));
  for (const part of parts) {
    if (
      part.direction === key.direction &&
      part.service === key.service &&
      part.sourceIdentity === key.sourceIdentity &&
      part.destinationIdentity === key.destinationIdentity
    )
      return part.text;
  }
  const part = { ...key, text: make() };
  if (parts.length === MAX_OF_WORKLOAD) parts.length = 0;
  parts.push(part);
  return part.text;
}
