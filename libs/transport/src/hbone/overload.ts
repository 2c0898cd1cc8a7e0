/** Bytes that wait for slow applications, over all tunnels of a thread, from which each level begins. */
export interface OverloadLimits {
  /** Connections that hold much themselves get no new streams (503). @default 256 MiB */
  readonly refuseStreamsBytes: number;
  /** New connections are closed. @default 384 MiB */
  readonly refuseConnectionsBytes: number;
  /** Idle connections go, then those that hold most. @default 512 MiB */
  readonly dropBytes: number;
}

export const OVERLOAD_LIMITS: OverloadLimits = {
  refuseStreamsBytes: 256 * 1024 * 1024,
  refuseConnectionsBytes: 384 * 1024 * 1024,
  dropBytes: 512 * 1024 * 1024,
};

/** What a connection may hold before it is one of those that cause the overload. */
const MODEST_BYTES = 1024 * 1024;

/** One that holds bytes. */
export interface Holder {
  readonly heldBytes: number;
  readonly idle: boolean;
  shed(detail: string): void;
}

/** Keeps count of what all tunnels of a thread hold, and says what is too much; who holds little is not touched. */
export class Overload {
  readonly #limits: OverloadLimits;
  readonly #holders = new Set<Holder>();
  #heldBytes = 0;

  constructor(limits: OverloadLimits = OVERLOAD_LIMITS) {
    this.#limits = limits;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Connections that may be shed. */
  join(holder: Holder): void {
    this.#holders.add(holder);
  }

  leave(holder: Holder): void {
    this.#holders.delete(holder);
  }

  /** `bytes` more are held, or less when negative. */
  add(bytes: number): void {
    this.#heldBytes += bytes;
  }

  get refusesConnections(): boolean {
    return this.#heldBytes >= this.#limits.refuseConnectionsBytes;
  }

  refusesStreams(holder: Holder): boolean {
    return this.#heldBytes >= this.#limits.refuseStreamsBytes && holder.heldBytes >= MODEST_BYTES;
  }

  get mustDrop(): boolean {
    return this.#heldBytes >= this.#limits.dropBytes;
  }

  /** Sheds idle connections, then the largest holders, until connections are taken again. */
  drop(): void {
    if (!this.mustDrop) return;
    for (const holder of [...this.#holders]) if (holder.idle) holder.shed("overload: idle");
    const largest = [...this.#holders].toSorted((left, right) => right.heldBytes - left.heldBytes);
    for (const holder of largest) {
      if (!this.refusesConnections || holder.heldBytes < MODEST_BYTES) return;
      holder.shed("overload: too much is waiting for slow applications");
    }
  }
}
