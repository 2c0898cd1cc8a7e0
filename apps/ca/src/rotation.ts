import { existsSync, readFileSync } from "node:fs";
import type { Clock, Timer } from "@ambit/base/clock.ts";
import { describeError } from "@ambit/base/errors.ts";
import { writeFileAtomic } from "@ambit/base/files.ts";
import type { Logger } from "@ambit/base/logger.ts";
import type { RotationReport } from "@ambit/contract/admin-api.ts";
import { parseSpiffeId } from "@ambit/model/spiffe-id.ts";
import type { IssuedFacts } from "./audit-log.ts";
import { isAuthority } from "./own-certificate.ts";
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

/** After the last one fetched, it gets this long to put its certificate to use. */
const SETTLE_MS = 1_000;

/** Whoever missed the announcement is told again after this, then after twice as long, and so on. */
const REPEAT_MS = 10_000;

export interface RotationOptions {
  /** File that keeps the progress over restarts. */
  readonly path: string;
  /** A phase ends after this at the latest: by then every certificate from before it has been renewed or has ended. */
  readonly phaseLimitMs: number;
  readonly systemNamespace: string;
  /** Whether `pods` knows all pods there are; without them every certificate counts as used until it ends. */
  readonly podsKnown: boolean;
  /** Holder of this replica's own certificate. */
  readonly ownHolder: string;
}

export interface RotationDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly store: RootStore;
  readonly issuer: Issuer;
  readonly pods: PodDirectory;
  /** The bundle or the signer changed: publish it. May be called again for the same change. */
  readonly onChange: () => Promise<void>;
  /** Tell everybody to fetch again. */
  readonly announce: () => void;
}

/**
 * Replaces the root without a moment in which two peers do not trust each other: everybody learns the new root before
 * anybody is signed by it, and everybody is signed by it before the old one goes. A phase ends when every identity, at
 * every holder that uses it, has fetched its certificate again since the phase began.
 */
export class Rotation {
  readonly #options: RotationOptions;
  readonly #deps: RotationDeps;
  #progress: Progress;
  #timer: Timer | undefined;
  #busy = false;
  #stopped = false;
  /** This replica leads and knows how far it is; until then it only reports. */
  #isResumed = false;
  #isPublished = false;
  // Monotonic times.
  #clearSince: number | undefined;
  #repeatAt = 0;
  #repeatMs = REPEAT_MS;

  /** Throws a CaError `state` when the file that keeps the progress cannot be read. */
  constructor(options: RotationOptions, deps: RotationDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#progress = readProgress(options.path);
  }

  /**
   * This replica leads: it goes on where a restart or the one that led before was interrupted. Throws a CaError `state`.
   */
  resume(): void {
    this.#progress = readProgress(this.#options.path);
    this.#isResumed = true;
    if (this.#progress.phase !== "idle" && !this.#deps.store.pluggedIn) this.#watch();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  /** How far it is, whichever replica leads. Throws a CaError `state`. */
  report(): RotationReport {
    if (!this.#isResumed) this.#progress = readProgress(this.#options.path);
    const { phase } = this.#progress;
    const outstanding = phase === "idle" ? [] : this.#outstanding();
    const names = outstanding.slice(0, 3).map(({ identity, node }) => `${identity}${node && ` on ${node}`}`);
    const waiting =
      outstanding.length === 0 ? "" : `, waiting for ${outstanding.length}: ${names.join(", ")}`;
    return { phase, done: phase === "idle", detail: `${DETAILS[phase]}${waiting}` };
  }

  /** Begins a rotation. Throws a CaError when one is under way, the keys come from outside, or another replica leads. */
  async begin(): Promise<void> {
    const { store } = this.#deps;
    if (!this.#isResumed)
      throw new CaError("state", "This replica does not lead, or not yet", { hint: "ask again in a second" });
    if (store.pluggedIn)
      throw new CaError("state", "The root is plugged in from outside; replace its files instead");
    if (this.#progress.phase !== "idle" || this.#busy)
      throw new CaError("state", "A rotation is under way already");
    this.#busy = true;
    try {
      // A crash may have left a next generation that is trusted already; a second one would help nobody.
      const isPending = store.trusted.at(-1) !== store.signing;
      if (!isPending) {
        const next = await store.createGeneration();
        this.#refuseStopped();
        store.commit(store.signing, [...store.trusted, next]);
      }
      this.#enter("distribute");
      await this.#publish();
    } finally {
      this.#busy = false;
      if (this.#progress.phase !== "idle") this.#watch();
    }
  }

  // Another replica may lead as soon as this one has ended.
  #refuseStopped(): void {
    if (this.#stopped) throw new CaError("state", "This replica is ending");
  }

  #watch(): void {
    this.#timer?.cancel();
    if (this.#stopped) return;
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
    // After a restart, or when it failed before: nobody may be waited for who was not told.
    if (!this.#isPublished) await this.#publish();
    if (this.#stopped || !this.#isOver()) return;
    const { store } = this.#deps;
    const newest = store.trusted.at(-1) ?? store.signing;
    switch (this.#progress.phase) {
      case "distribute":
        store.commit(newest, store.trusted);
        this.#enter("sign");
        break;
      case "sign":
        store.commit(newest, [newest]);
        this.#enter("retire");
        break;
      case "retire":
        this.#enter("idle");
        return;
      case "idle":
        return;
    }
    await this.#publish();
  }

  #isOver(): boolean {
    const { clock, logger } = this.#deps;
    const now = clock.monotonic();
    const outstanding = this.#outstanding();
    if (clock.now() - this.#progress.since > this.#options.phaseLimitMs) {
      if (outstanding.length > 0)
        logger.warn("rotation goes on without everybody", { outstanding: outstanding.length });
      return true;
    }
    if (outstanding.length > 0) {
      this.#clearSince = undefined;
      if (now >= this.#repeatAt) this.#announce();
      return false;
    }
    this.#clearSince ??= now;
    return now - this.#clearSince >= SETTLE_MS;
  }

  #enter(phase: Phase): void {
    const progress = { phase, since: this.#deps.clock.now() };
    writeFileAtomic(this.#options.path, JSON.stringify(progress), 0o600);
    this.#progress = progress;
    this.#isPublished = false;
    this.#clearSince = undefined;
    this.#repeatMs = REPEAT_MS;
    this.#deps.logger.info("root rotation", { phase });
  }

  async #publish(): Promise<void> {
    await this.#deps.onChange();
    this.#isPublished = true;
    this.#announce();
  }

  #announce(): void {
    this.#repeatAt = this.#deps.clock.monotonic() + this.#repeatMs;
    this.#repeatMs *= 2;
    this.#deps.announce();
  }

  // Certificates in use that are from before the phase. Those whose pods are gone wait for nothing.
  #outstanding(): readonly IssuedFacts[] {
    return this.#deps.issuer
      .current()
      .filter((issued) => issued.issuedAt <= this.#progress.since && this.#isUsed(issued));
  }

  #isUsed({ identity, node, holder }: IssuedFacts): boolean {
    const { pods } = this.#deps;
    // Another replica renews its own certificate with the state; one that has gone would be waited for in vain.
    if (isAuthority(holder) && holder !== this.#options.ownHolder) return false;
    const id = parseSpiffeId(identity);
    if (id === undefined) return false;
    if (!this.#options.podsKnown) return true;
    if (node !== "") return pods.runsOn(node, id.namespace, id.serviceAccount);
    return id.namespace === this.#options.systemNamespace || pods.runs(id.namespace, id.serviceAccount);
  }
}

const DETAILS: Readonly<Record<Phase, string>> = {
  idle: "one root is trusted and signs",
  distribute: "both roots are trusted, the old one signs",
  sign: "both roots are trusted, the new one signs",
  retire: "only the new root is trusted",
};

function readProgress(path: string): Progress {
  if (!existsSync(path)) return { phase: "idle", since: 0 };
  try {
    const { phase, since } = JSON.parse(readFileSync(path, "utf8")) as Partial<Progress>;
    if (phase !== undefined && Object.hasOwn(DETAILS, phase) && typeof since === "number")
      return { phase, since };
  } catch (cause) {
    throw new CaError("state", `${path} cannot be read`, { cause });
  }
  throw new CaError("state", `${path} names no step of a rotation`);
}
