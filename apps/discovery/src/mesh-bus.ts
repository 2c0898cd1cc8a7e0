import type { Clock } from "@ambit/base/clock.ts";
import { describeError } from "@ambit/base/errors.ts";
import type { Logger } from "@ambit/base/logger.ts";
import type { Bus } from "@ambit/bus/bus.ts";
import { encodeHint, HintCounter, HintVerifier } from "@ambit/bus/hints.ts";
import { SUBJECTS } from "@ambit/contract/subjects.ts";
import type { WorkloadCertificate } from "@ambit/identity/certificate.ts";
import type { Announcer } from "./announce.ts";

export interface MeshBusDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly bus: Pick<Bus, "publish" | "subscribe">;
  /** Called when the ca says that the trust bundle or its signer changed. */
  readonly onBundleChanged: () => void;
}

/** Discovery's side of the bus: signed hints that policies changed go out, the ca's hints about trust come in. */
export class MeshBus implements Announcer {
  readonly #deps: MeshBusDeps;
  readonly #counter: HintCounter;
  readonly #verifier: HintVerifier;
  #certificate: WorkloadCertificate | undefined;

  /** `caIdentity`: SPIFFE URI of the only one whose hints about trust are believed. */
  constructor(caIdentity: string, deps: MeshBusDeps) {
    this.#deps = deps;
    this.#counter = new HintCounter(deps);
    this.#verifier = new HintVerifier(
      { issuers: [caIdentity] },
      { clock: deps.clock, roots: () => this.#certificate?.roots ?? "" },
    );
    deps.bus.subscribe(SUBJECTS.caBundle, ({ data }) => this.#onBundle(data));
  }

  /** Who signs, and whose roots count, from now on. Until the first certificate nothing is said or believed. */
  useCertificate(certificate: WorkloadCertificate): void {
    this.#certificate = certificate;
  }

  policiesInvalidated(namespaces: readonly string[]): void {
    const certificate = this.#certificate;
    if (certificate === undefined) return;
    for (const scope of namespaces) {
      const hint = {
        type: "policy-invalidated" as const,
        scope,
        version: this.#counter.next(),
        issuer: certificate.identity,
        time: this.#deps.clock.now(),
      };
      this.#deps.bus.publish(SUBJECTS.policyInvalidated(scope), encodeHint(hint, certificate));
    }
  }

  #onBundle(data: Uint8Array): void {
    try {
      if (this.#verifier.decode(data).type !== "bundle-changed") return;
    } catch (thrown) {
      this.#deps.logger.warn("a hint was not believed", { error: describeError(thrown) });
      return;
    }
    this.#deps.onBundleChanged();
  }
}
