import type { PortMapping, Workload } from "@ambit/model/workload.ts";

/** A workload behind a service, with the ports it maps for that service. */
export interface Endpoint {
  readonly workload: Workload;
  readonly ports: readonly PortMapping[];
}

interface Slot extends Endpoint {
  /** Position in its pool. */
  index: number;
}

/**
 * The endpoints of one service: put and remove in constant time, and constant-time access by position, so that a
 * uniform random choice costs nothing. Unhealthy endpoints are kept apart and not dropped, so that a changed health
 * policy takes effect without the workloads being sent again.
 */
export class EndpointSet {
  readonly #byUid = new Map<string, Slot>();
  readonly #healthy: Slot[] = [];
  readonly #unhealthy: Slot[] = [];
  #weighted = 0;

  /** Adds or replaces the endpoint of this workload. */
  put(workload: Workload, ports: readonly PortMapping[]): void {
    this.remove(workload.uid);
    const pool = this.#pool(workload);
    const slot: Slot = { workload, ports, index: pool.length };
    pool.push(slot);
    this.#byUid.set(workload.uid, slot);
    if (workload.capacity !== 1) this.#weighted += 1;
  }

  /** Harmless when there is none. */
  remove(uid: string): void {
    const slot = this.#byUid.get(uid);
    if (slot === undefined) return;
    this.#byUid.delete(uid);
    if (slot.workload.capacity !== 1) this.#weighted -= 1;
    const pool = this.#pool(slot.workload);
    const last = pool.pop();
    if (last !== undefined && last !== slot) {
      pool[slot.index] = last;
      last.index = slot.index;
    }
  }

  get(uid: string): Endpoint | undefined {
    return this.#byUid.get(uid);
  }

  /** How many there are: healthy ones only, or all. */
  size(all: boolean): number {
    return this.#healthy.length + (all ? this.#unhealthy.length : 0);
  }

  /** The endpoint at a position below `size`; healthy ones come first. Positions change with every update. */
  at(position: number): Endpoint | undefined {
    return this.#healthy[position] ?? this.#unhealthy[position - this.#healthy.length];
  }

  /** True when every endpoint, healthy or not, has weight 1. */
  get uniform(): boolean {
    return this.#weighted === 0;
  }

  /** All endpoints, healthy ones first. */
  *values(): IterableIterator<Endpoint> {
    yield* this.#healthy;
    yield* this.#unhealthy;
  }

  #pool(workload: Workload): Slot[] {
    return workload.status === "HEALTHY" ? this.#healthy : this.#unhealthy;
  }
}
