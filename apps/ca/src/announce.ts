import type { Clock } from "@ambit/base/clock.ts";
import type { Logger } from "@ambit/base/logger.ts";
import type { Random } from "@ambit/base/random.ts";
import { encodeHint, HintCounter, type HintSigner } from "@ambit/bus/hints.ts";
import { NatsBus } from "@ambit/bus/nats-bus.ts";
import { SUBJECTS } from "@ambit/contract/subjects.ts";

export interface AnnouncerOptions {
  readonly busUrl: string | undefined;
  readonly busCredentials: string | undefined;
}

/** Tells the mesh over the bus that the trust bundle or the signer changed. Without a bus it says nothing. */
export class Announcer {
  readonly #bus: NatsBus | undefined;
  readonly #clock: Clock;
  readonly #counter: HintCounter;
  #signer: HintSigner | undefined;

  constructor(options: AnnouncerOptions, deps: { clock: Clock; random: Random; logger: Logger }) {
    const { busUrl, busCredentials } = options;
    this.#clock = deps.clock;
    this.#counter = new HintCounter(deps);
    this.#bus =
      busUrl === undefined || busCredentials === undefined
        ? undefined
        : new NatsBus({ url: busUrl, credentialsPath: busCredentials }, deps);
  }

  /** Who signs from now on. */
  useSigner(signer: HintSigner): void {
    this.#signer = signer;
  }

  start(): void {
    this.#bus?.start();
  }

  bundleChanged(): void {
    const signer = this.#signer;
    if (signer === undefined) return;
    const hint = {
      type: "bundle-changed" as const,
      scope: "",
      version: this.#counter.next(),
      issuer: signer.identity,
      time: this.#clock.now(),
    };
    this.#bus?.publish(SUBJECTS.caBundle, encodeHint(hint, signer));
  }

  async stop(): Promise<void> {
    await this.#bus?.close();
  }
}
