import { existsSync, readFileSync } from "node:fs";
import type { Clock, Timer } from "@ambit/base/clock.ts";
import { describeError } from "@ambit/base/errors.ts";
import { writeFileAtomic } from "@ambit/base/files.ts";
import type { Logger } from "@ambit/base/logger.ts";
import type { RotationReport } from "@ambit/contract/admin-api.ts";
import { parseSpiffeId } from "@ambit/model/spiffe-id.ts";
import { CaError } from "./ca-error.ts";
import type { Issuer } from "./issue.ts";
import type { PodDirectory } from "./pods.ts";
import type { RootStore } from "./root-store.ts";

/** `distribute`: both roots are trusted, the old one signs. `sign`: the new one signs. `retire`: only the new is trusted. */
type Phase = "idle" | "distribute" | "sign" | "retire";

interface Progress {
  readonly phase: Phase;
  /** When the phase began, milliseconds since the epoch. */
  readonly since: number;
}

const CHECK_MS = 200;

export interface RotationOptions {
  /** File that keeps the progress over restarts. */
  readonly path: string;
  /** A phase ends after this at the latest: by then every certificate from before it has been renewed. */
  readonly phaseLimitMs: number;
  readonly systemNamespace: string;
}

export interface RotationDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly store: RootStore;
  readonly issuer: Issuer;
  readonly pods: PodDirectory;
  /** The bundle or the signer changed: publish it and tell everybody to fetch again. */
  readonly onChange: () => Promise<void>;
}

/**
 * Replaces the root without a moment in which two peers do not trust each other: everybody learns the new root before
 * anybody is signed by it, and everybody is signed by it before the old one goes. A phase ends when every identity in
 * use has fetched its certificate again since the phase began.
 */
export class Rotation {
  readonly #options: RotationOptions;
  readonly #deps: RotationDeps;
  #progress: Progress;
  #timer: Timer | undefined;
  #busy = false;

  constructor(options: RotationOptions, deps: RotationDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#progress = existsSync(options.path)
      ? (JSON.parse(readFileSync(options.path, "utf8")) as Progress)
      : { phase: "idle", since: 0 };
  }

  /** Goes on where a restart interrupted. */
  resume(): void {
    if (this.#progress.phase !== "idle") this.#watch();
  }

  stop(): void {
    this.#timer?.cancel();
  }

  report(): RotationReport {
    const { phase } = this.#progress;
    const outstanding = phase === "idle" ? [] : this.#outstanding();
    const waiting =
      outstanding.length === 0
        ? ""
        : `, waiting for ${outstanding.length}: ${outstanding.slice(0, 3).join(", ")}`;
    return { phase, done: phase === "idle", detail: `${DETAILS[phase]}${waiting}` };
  }

  /** Begins a rotation. Throws a CaError when one is under way or the keys come from outside. */
  async begin(): Promise<void> {
    const { store } = this.#deps;
    if (store.pluggedIn)
      throw new CaError("state", "The root is plugged in from outside; replace its files instead");
    if (this.#progress.phase !== "idle" || this.#busy)
      throw new CaError("state", "A rotation is under way already");
    this.#busy = true;
    try {
      const next = await store.createGeneration();
      store.commit(store.signing, [...store.trusted, next]);
      await this.#enter("distribute");
    } finally {
      this.#busy = false;
    }
    this.#watch();
  }

  #watch(): void {
    this.#timer?.cancel();
    this.#timer = this.#deps.clock.after(
      CHECK_MS,
      () => {
        this.#step()
          .catch((thrown: unknown) =>
            this.#deps.logger.error("rotation step failed", { error: describeError(thrown) }),
          )
          .finally(() => {
            if (this.#progress.phase !== "idle") this.#watch();
          });
      },
      true,
    );
  }

  async #step(): Promise<void> {
    const { store, clock } = this.#deps;
    const late = clock.now() - this.#progress.since > this.#options.phaseLimitMs;
    if (!late && this.#outstanding().length > 0) return;
    const newest = store.trusted.at(-1) ?? store.signing;
    switch (this.#progress.phase) {
      case "distribute":
        store.commit(newest, store.trusted);
        await this.#enter("sign");
        break;
      case "sign":
        store.commit(newest, [newest]);
        await this.#enter("retire");
        break;
      case "retire":
        await this.#enter("idle");
        break;
      case "idle":
        break;
    }
  }

  async #enter(phase: Phase): Promise<void> {
    this.#progress = { phase, since: this.#deps.clock.now() };
    writeFileAtomic(this.#options.path, JSON.stringify(this.#progress), 0o600);
    this.#deps.logger.info("root rotation", { phase });
    if (phase !== "idle") await this.#deps.onChange();
  }

  // Identities in use that have not fetched since the phase began. Those whose pods are gone wait for nothing.
  #outstanding(): readonly string[] {
    const { issuer, pods } = this.#deps;
    return issuer
      .current()
      .filter((issued) => issued.issuedAt <= this.#progress.since)
      .map((issued) => issued.identity)
      .filter((identity) => {
        const id = parseSpiffeId(identity);
        if (id === undefined) return false;
        return id.namespace === this.#options.systemNamespace || pods.runs(id.namespace, id.serviceAccount);
      });
  }
}

const DETAILS: Readonly<Record<Phase, string>> = {
  idle: "one root is trusted and signs",
  distribute: "both roots are trusted, the old one signs",
  sign: "both roots are trusted, the new one signs",
  retire: "only the new root is trusted",
};
