import { DeltaSession, type SessionDeps, type SessionResponse } from "./session.ts";
import type { Snapshot } from "./snapshot.ts";

/** A response and the snapshot it was made from. */
export interface OrderedResponse {
  readonly snapshot: Snapshot;
  readonly response: SessionResponse;
}

/** Size that responses stay below, with room for the frame around them: common gRPC clients take 4 MiB at most. */
const CHUNK_BYTES = 3_900_000;
/** Size of a first answer that must not be split; node proxies take 200 MiB. */
const WHOLE_BYTES = 180 * 1024 * 1024;

/**
 * The types of one stream and the order in which they may be sent. Snapshots are given with the referenced type first:
 * policies, then the workloads that name them. A proxy that meets a policy's name before the policy may let traffic
 * through, so
 *
 * - additions and changes of an earlier type go before anything of a later one, its removals after it;
 * - a client that holds something already gets the later type only when the earlier one has been answered. Proxies ask
 *   for the later type first, so `expectAll` makes that one wait for the question, until `stopExpecting`;
 * - a client with empty hands carries no traffic yet, and is ready at its first answer of each type. It gets the later
 *   type first, in as many responses as it takes, and the earlier type last and whole: ready then means complete.
 */
export class PushOrder {
  readonly #snapshots: readonly Snapshot[];
  readonly #sessions: (DeltaSession | undefined)[];
  #expectAll: boolean;

  constructor(snapshots: readonly Snapshot[], options: { readonly expectAll: boolean }) {
    this.#snapshots = snapshots;
    this.#sessions = snapshots.map(() => undefined);
    this.#expectAll = options.expectAll;
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
        maxBytes: session.complete || last ? CHUNK_BYTES : WHOLE_BYTES,
        removals: !this.#later(index).some((other) => other.lagging),
      });
      if (response !== undefined) return { snapshot, response };
    }
    return undefined;
  }

  #mustWait(session: DeltaSession, index: number): boolean {
    if (!session.complete) {
      if (this.#later(index).some((other) => other.cold && !other.complete)) return true;
      if (session.cold) return false;
    }
    return this.#missesEarlier(session, index) || this.#earlier(index).some((other) => other.lagging);
  }

  #missesEarlier(session: DeltaSession, index: number): boolean {
    return this.#expectAll && !session.cold && this.#earlier(index).length < index;
  }

  #earlier(index: number): DeltaSession[] {
    return this.#sessions.slice(0, index).filter((session) => session !== undefined);
  }

  #later(index: number): DeltaSession[] {
    return this.#sessions.slice(index + 1).filter((session) => session !== undefined);
  }

  #indexOf(typeUrl: string): number {
    return this.#snapshots.findIndex((snapshot) => snapshot.typeUrl === typeUrl);
  }
}
