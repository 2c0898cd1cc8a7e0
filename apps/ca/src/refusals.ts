import { describeError } from "@ambit/base/errors.ts";
import type { Clock } from "@ambit/base/clock.ts";
import type { Logger } from "@ambit/base/logger.ts";
import type { AuditLog } from "./audit-log.ts";
import { RateLimit } from "./rate-limit.ts";

/** Refused strangers of one address that are recorded per second: nobody unknown may fill the disk. */
const RECORDS_PER_SECOND = 20;

/** Addresses whose unrecorded refusals are counted at once. */
const MAX_COUNTED = 10_000;

export interface RefusedRequest {
  /** Empty when nobody was proven. */
  readonly caller: string;
  /** `address:port`. */
  readonly peer: string;
  readonly identity: string;
  readonly ttlSeconds: number;
  /** The full reason. */
  readonly reason: string;
}

/** Records refusals with their full reason; too many strangers of one address are counted into its next record. */
export class Refusals {
  readonly #audit: Pick<AuditLog, "append">;
  readonly #logger: Logger;
  readonly #limit: RateLimit;
  readonly #unrecorded = new Map<string, number>();

  constructor(deps: { audit: Pick<AuditLog, "append">; clock: Clock; logger: Logger }) {
    this.#audit = deps.audit;
    this.#logger = deps.logger;
    this.#limit = new RateLimit(RECORDS_PER_SECOND, deps);
  }

  /** Never throws: a full disk does not keep a refusal from its caller. */
  record(request: RefusedRequest): void {
    const address = addressOf(request.peer);
    const unrecorded = this.#unrecorded.get(address) ?? 0;
    if (request.caller === "" && !this.#limit.take(address)) {
      if (this.#unrecorded.size < MAX_COUNTED || unrecorded > 0)
        this.#unrecorded.set(address, unrecorded + 1);
      return;
    }
    this.#unrecorded.delete(address);
    try {
      this.#audit.append({ verdict: "refused", ...request, unrecorded });
    } catch (thrown) {
      this.#logger.error("refusal not recorded", { error: describeError(thrown) });
    }
  }
}

/** The address of `address:port`. */
export function addressOf(peer: string): string {
  return peer.replace(/:[0-9]+$/, "");
}
