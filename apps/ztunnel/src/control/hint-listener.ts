import { describeError } from "@ambit/base/errors.ts";
import type { Logger } from "@ambit/base/logger.ts";
import type { Bus } from "@ambit/bus/bus.ts";
import type { Hint } from "@ambit/bus/hints.ts";
import { SUBJECTS } from "@ambit/contract/subjects.ts";

export interface HintListenerDeps {
  readonly logger: Logger;
  readonly bus: Pick<Bus, "subscribe">;
  /** Throws when a message is not to be believed. */
  readonly decode: (data: Uint8Array) => Hint;
  /** The trust bundle or the signer changed: certificates are fetched again, spread over this time. */
  readonly refetch: (withinMs: number) => void;
  /** Discovery has something new: a stream that waits for its next try is opened at once. */
  readonly nudge: () => void;
}

/** Proxies of a large mesh must not ask the authority in the same moment. */
const REFETCH_SPREAD_MS = 2_000;

/** Every namespace's policies. */
const ALL_POLICIES = "mesh.policy.invalidated.>";

/**
 * Listens to the bus. A hint makes the truth arrive sooner and never is the truth: without a bus everything still
 * happens, later.
 */
export class HintListener {
  readonly #node: string;
  readonly #deps: HintListenerDeps;
  readonly #stops: (() => void)[] = [];

  /** `node`: name of the own node. */
  constructor(node: string, deps: HintListenerDeps) {
    this.#node = node;
    this.#deps = deps;
  }

  start(): void {
    const { bus } = this.#deps;
    for (const subject of [SUBJECTS.caBundle, SUBJECTS.certRotated(this.#node), ALL_POLICIES])
      this.#stops.push(bus.subscribe(subject, ({ data }) => this.#onMessage(subject, data)));
  }

  stop(): void {
    for (const stop of this.#stops.splice(0)) stop();
  }

  #onMessage(subject: string, data: Uint8Array): void {
    const { logger, refetch, nudge } = this.#deps;
    let hint: Hint;
    try {
      hint = this.#deps.decode(data);
    } catch (thrown) {
      logger.warn("a hint was not believed", { subject, error: describeError(thrown) });
      return;
    }
    logger.debug("hint", { type: hint.type, scope: hint.scope });
    switch (hint.type) {
      case "bundle-changed":
      case "certificates-rotated":
        refetch(REFETCH_SPREAD_MS);
        break;
      case "policy-invalidated":
      case "config-version":
        nudge();
    }
  }
}
