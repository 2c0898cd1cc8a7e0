import { join } from "node:path";
import { sleep, type Clock, type Timer } from "@ambit/base/clock.ts";
import { describeError } from "@ambit/base/errors.ts";
import type { Logger } from "@ambit/base/logger.ts";
import { CaError } from "./ca-error.ts";
import { FileLock, type Lock } from "./file-lock.ts";
import { securedDirectory } from "./secure-files.ts";

/** More replicas than this on one folder are a mistake. */
const MAX_SLOTS = 16;
/** How often a replica looks whether the one that leads has gone, and what it has changed. */
const LOOK_MS = 250;
/** How often one that starts looks for the state that another makes. */
const AWAIT_MS = 50;

export interface ReplicaDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  /** @default a FileLock */
  readonly lock?: (path: string) => Lock;
}

/** What a replica does beside its requests. Both may reject: they are tried again. */
export interface ReplicaDuties {
  /** The duties of the one that leads are this one's from now on. */
  lead(): Promise<void>;
  /** Takes in what the one that leads has changed, if it has. */
  follow(): Promise<void>;
}

/**
 * This process among those that share the folder of the state. Each has a slot, and files of its own by it. One of them
 * leads: it alone changes the state. Both are locks that the kernel frees with the process, so that a killed one is
 * followed at once and a stopped one is never doubled.
 */
export class Replica {
  readonly slot: number;
  readonly #deps: ReplicaDeps;
  readonly #own: Lock;
  readonly #lead: Lock;
  #leads = false;
  #hasDuties = false;
  #timer: Timer | undefined;
  #stopped = false;

  private constructor(slot: number, own: Lock, lead: Lock, deps: ReplicaDeps) {
    this.slot = slot;
    this.#own = own;
    this.#lead = lead;
    this.#deps = deps;
    this.tryLead();
  }

  /** Takes the first free slot, and the lead when nobody has it. Throws a CaError `state`. */
  static open(stateDir: string, deps: ReplicaDeps): Replica {
    securedDirectory(stateDir);
    const lock = deps.lock ?? ((path: string): Lock => new FileLock(path));
    for (let slot = 1; slot <= MAX_SLOTS; slot++) {
      const own = lock(join(stateDir, `replica-${slot}.lock`));
      if (own.tryTake()) return new Replica(slot, own, lock(join(stateDir, "leader.lock")), deps);
      own.release();
    }
    throw new CaError("state", `${stateDir} has ${MAX_SLOTS} replicas already`);
  }

  get leads(): boolean {
    return this.#leads;
  }

  /** Takes the lead if nobody has it. Throws a CaError `state`. */
  tryLead(): boolean {
    this.#leads ||= this.#lead.tryTake();
    return this.#leads;
  }

  /** Resolves when this replica leads or another one has made the state. */
  async awaitState(exists: () => boolean): Promise<void> {
    while (!this.tryLead() && !exists()) await sleep(this.#deps.clock, AWAIT_MS);
  }

  /** Does the duties of the present role now, and of the role there is from then on until `stop`. */
  async start(duties: ReplicaDuties): Promise<void> {
    const { slot } = this;
    this.#deps.logger.info(this.#leads ? "this replica leads" : "another replica leads", { slot });
    if (this.#leads) await this.#takeDuties(duties);
    this.#watch(duties);
  }

  /** No more duties; slot and lead stay this one's, so that nobody takes over what is still being done. */
  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  /** Gives slot and lead back. */
  release(): void {
    this.#leads = false;
    this.#lead.release();
    this.#own.release();
  }

  #watch(duties: ReplicaDuties): void {
    if (this.#stopped) return;
    this.#timer = this.#deps.clock.after(
      LOOK_MS,
      () => {
        this.#look(duties)
          .catch((thrown: unknown) =>
            this.#deps.logger.error("replica's duties not done", { error: describeError(thrown) }),
          )
          .finally(() => this.#watch(duties));
      },
      true,
    );
  }

  async #look(duties: ReplicaDuties): Promise<void> {
    if (!this.#leads && this.tryLead()) this.#deps.logger.info("this replica leads now", { slot: this.slot });
    await duties.follow();
    if (this.#leads && !this.#hasDuties) await this.#takeDuties(duties);
  }

  async #takeDuties(duties: ReplicaDuties): Promise<void> {
    await duties.lead();
    this.#hasDuties = true;
  }
}
