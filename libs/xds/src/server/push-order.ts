import { DeltaSession, type SessionDeps, type SessionResponse } from "./session.ts";
import type { Snapshot } from "./snapshot.ts";

/** A response and the snapshot it was made from. */
export interface OrderedResponse {
  readonly snapshot: Snapshot;
  readonly response: SessionResponse;
}

/** Size that responses stay below, with room for the frame around them: common gRPC clients take 4 MiB at most. */
const CHUNK_BYTES = 3_900_000;
/**
 * Size of the pieces of a large first state. Many clients begin at once after a restart: what is on its way to each of them
 * is small, and its memory is used again at once.
 */
const FIRST_BYTES = 512 * 1024;
/** Size of a first answer that must not be split; node proxies take 200 MiB. */
const WHOLE_BYTES = 180 * 1024 * 1024;

/**
 * The types of one stream and the order in which they may be sent. Snapshots are given with the referenced type first:
 * policies, then the workloads that name them. A proxy that meets a policy's name before the policy may let traffic
 * through, so
 *
 * - additions and changes of an earlier type go before anything of a later one, its removals after it;
 * - a client's first answer of the later type waits for that of the earlier one. Proxies ask for the later type first, so
 *   `expectAll` makes it wait for the question too, until `stopExpecting`;
 * - a client is ready at its first answer of each type. The earlier type's is never split; where the later type's has to
 *   be, a client with empty hands, which carries no traffic yet, gets that one first, in as many responses as it takes,
 *   and the earlier one when it is complete and current: ready then means complete.
 */
export class PushOrder {
  readonly #snapshots: readonly Snapshot[];
  readonly #sessions: (DeltaSession | undefined)[];
  readonly #chunkBytes: number;
  #expectAll: boolean;

  /** `chunkBytes`: size below which responses stay. @default 3900000 */
  constructor(
    snapshots: readonly Snapshot[],
    options: { readonly expectAll: boolean; readonly chunkBytes?: number },
  ) {
    this.#snapshots = snapshots;
    this.#sessions = snapshots.map(() => undefined);
    this.#expectAll = options.expectAll;
    this.#chunkBytes = options.chunkBytes ?? CHUNK_BYTES;
  }

  /** Stops waiting for questions that did not come. */
  stopExpecting(): void {
    this.#expectAll = false;
  }

  /** True while an answer is held back for a question that has not come. */
  get expecting(): boolean {
    return this.#sessions.some(
      (session, index) => session !== undefined && this.#missesEarlier(session, index),
    );
  }

  session(typeUrl: string): DeltaSession | undefined {
    return this.#sessions[this.#indexOf(typeUrl)];
  }

  /** Every session with its snapshot, in order. */
  *entries(): Generator<readonly [Snapshot, DeltaSession]> {
    for (const [index, snapshot] of this.#snapshots.entries()) {
      const session = this.#sessions[index];
      if (session !== undefined) yield [snapshot, session];
    }
  }

  /** Opens the session of a type that the stream serves. */
  open(snapshot: Snapshot, deps: SessionDeps): DeltaSession {
    const session = new DeltaSession(snapshot, deps);
    this.#sessions[this.#indexOf(snapshot.typeUrl)] = session;
    return session;
  }

  /** The next response that may be sent now. */
  next(): OrderedResponse | undefined {
    // A session without anything to send may be what another one waits for, hence once more for each.
    for (let pass = 0; pass < this.#snapshots.length; pass++) {
      const response = this.#pass();
      if (response !== undefined) return response;
    }
    return undefined;
  }

  #pass(): OrderedResponse | undefined {
    for (const [index, snapshot] of this.#snapshots.entries()) {
      const session = this.#sessions[index];
      if (session === undefined || this.#mustWait(session, index)) continue;
      const last = index === this.#snapshots.length - 1;
      const response = session.next({
        maxBytes: session.complete || last ? this.#pieceBytes(session, snapshot) : WHOLE_BYTES,
        removals: !this.#later(index).some((other) => other.lagging),
      });
      if (response !== undefined) return { snapshot, response };
    }
    return undefined;
  }

  /** True while a client with nothing in its hands is given a state that takes many responses. */
  get filling(): boolean {
    const last = this.#snapshots.length - 1;
    const session = this.#sessions[last];
    if (session === undefined || !session.cold || session.complete) return false;
    return (this.#snapshots[last]?.bytes ?? 0) > this.#chunkBytes;
  }

  #pieceBytes(session: DeltaSession, snapshot: Snapshot): number {
    const large = session.cold && !session.complete && snapshot.bytes > this.#chunkBytes;
    return large ? Math.min(FIRST_BYTES, this.#chunkBytes) : this.#chunkBytes;
  }

  #mustWait(session: DeltaSession, index: number): boolean {
    if (this.#missesEarlier(session, index)) return true;
    for (const [other, beside] of this.#sessions.entries()) {
      if (beside === undefined || other === index) continue;
      if (other < index) {
        if (beside.lagging && !this.#isLaterFirst(beside, session, index)) return true;
      } else if (this.#isLaterFirst(session, beside, other)) {
        // What the client holds when it becomes ready must fit together, hence also current.
        if (beside.lagging || !beside.complete) return true;
      }
    }
    return false;
  }

  /** True while the client cannot carry traffic and the later type does not fit into one response. */
  #isLaterFirst(earlier: DeltaSession, later: DeltaSession, laterIndex: number): boolean {
    const isLarge = (this.#snapshots[laterIndex]?.bytes ?? 0) > this.#chunkBytes;
    return isLarge && later.cold && earlier.cold && !earlier.complete;
  }

  #missesEarlier(session: DeltaSession, index: number): boolean {
    if (!this.#expectAll || session.complete) return false;
    return this.#sessions.slice(0, index).some((earlier) => earlier === undefined);
  }

  #later(index: number): DeltaSession[] {
    return this.#sessions.slice(index + 1).filter((session) => session !== undefined);
  }

  #indexOf(typeUrl: string): number {
    return this.#snapshots.findIndex((snapshot) => snapshot.typeUrl === typeUrl);
  }
}
