import { TransportError } from "../transport-error.ts";
import type { FloodGuard } from "./flood-guard.ts";
import { H2_CODE, type H2Code } from "./h2-code.ts";
import { RecentIds } from "./recent-ids.ts";

interface LateDeps {
  readonly role: "client" | "server";
  readonly guard: FloodGuard;
  readonly isIdle: (streamId: number) => boolean;
  readonly rst: (streamId: number, code: H2Code) => void;
}

/**
 * Frames of streams that are not there. Of one that we have reset lately they may still be under way (RFC 9113, section
 * 5.1); of any other they are an error, and of one that never was they end the connection.
 */
export class LateFrames {
  readonly #deps: LateDeps;
  readonly #ownResets = new RecentIds();
  /** The peer has left out ids: a lower one may never have been used. */
  #skippedIds = false;

  constructor(deps: LateDeps) {
    this.#deps = deps;
  }

  /** We have reset this stream. */
  noteReset(streamId: number): void {
    this.#ownResets.add(streamId);
  }

  /** The peer's highest id so far was `highest`, 0 when it had none, and is now this one. */
  noteRequest(streamId: number, highest: number): void {
    this.#skippedIds ||= streamId !== highest + (highest === 0 ? 1 : 2);
  }

  /** HEADERS, whose block was decoded. */
  headers(streamId: number): void {
    const { role, guard, isIdle } = this.#deps;
    if (isIdle(streamId)) throw new TransportError(H2_CODE.protocolError, "HEADERS on an idle stream");
    if (role === "server" && !this.#ownResets.has(streamId))
      throw new TransportError(
        this.#skippedIds ? H2_CODE.protocolError : H2_CODE.streamClosed,
        "HEADERS on a stream that is gone",
      );
    guard.count("unknown");
  }

  /** DATA, whose bytes are counted and dropped. The peer is told once (section 6.1). */
  data(streamId: number): void {
    const { guard, isIdle, rst } = this.#deps;
    if (isIdle(streamId)) throw new TransportError(H2_CODE.protocolError, "DATA on an idle stream");
    guard.count("late-data");
    if (!this.#ownResets.has(streamId)) rst(streamId, H2_CODE.streamClosed);
  }
}
