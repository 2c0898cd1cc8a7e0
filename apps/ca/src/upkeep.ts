import type { Clock, Timer } from "@ambit/base/clock.ts";
import { describeError } from "@ambit/base/errors.ts";
import type { Logger } from "@ambit/base/logger.ts";
import { readCertificate } from "@ambit/identity/x509.ts";
import type { RootStore } from "./root-store.ts";
import type { Rotation } from "./rotation.ts";

const CHECK_MS = 3_600_000;

/** An authority is replaced in this last share of its life (ambient.md 3.2). */
const LAST_SHARE = 0.2;

/** Replaces intermediate and root before they end; those plugged in from outside it can only warn about. */
export class Upkeep {
  readonly #deps: {
    clock: Clock;
    logger: Logger;
    store: RootStore;
    rotation: Pick<Rotation, "begin" | "report">;
  };
  #timer: Timer | undefined;

  constructor(deps: {
    clock: Clock;
    logger: Logger;
    store: RootStore;
    rotation: Pick<Rotation, "begin" | "report">;
  }) {
    this.#deps = deps;
  }

  /** Looks now and every hour. */
  async start(): Promise<void> {
    this.#timer = this.#deps.clock.every(CHECK_MS, () => void this.#look(), true);
    await this.#look();
  }

  stop(): void {
    this.#timer?.cancel();
  }

  async #look(): Promise<void> {
    const { logger, store, rotation } = this.#deps;
    const { signing, pluggedIn } = store;
    const ending = [signing.signer.certificate, signing.root].map((pem) => this.#endsSoon(pem));
    const [signerEnds = false, rootEnds = false] = ending;
    if (!signerEnds && !rootEnds) return;
    try {
      if (pluggedIn)
        logger.warn("the plugged-in authority ends soon, replace its files", { signerEnds, rootEnds });
      else if (!rotation.report().done) return;
      else if (rootEnds) await rotation.begin();
      else await store.renewIntermediate();
      logger.info("authority looked after", { signerEnds, rootEnds });
    } catch (thrown) {
      logger.error("authority not renewed", { error: describeError(thrown) });
    }
  }

  #endsSoon(pem: string): boolean {
    const certificate = readCertificate(pem);
    const end = certificate.validToDate.getTime();
    return (end - this.#deps.clock.now()) / (end - certificate.validFromDate.getTime()) < LAST_SHARE;
  }
}
