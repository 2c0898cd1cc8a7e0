import { Backoff } from "@ambit/base/backoff.ts";
import type { Clock, Timer } from "@ambit/base/clock.ts";
import { describeError } from "@ambit/base/errors.ts";
import type { Logger } from "@ambit/base/logger.ts";
import type { Random } from "@ambit/base/random.ts";
import type { CertificateSource } from "./ca-client.ts";
import type { WorkloadCertificate } from "./certificate.ts";
import { FetchQueue, type FetchPriority } from "./fetch-queue.ts";
import { IdentityError } from "./identity-error.ts";

/** Calls to the authority at once. */
const PARALLEL_FETCHES = 8;

const BACKOFF = { initialMs: 1_000, maxMs: 150_000, jitter: 0.2 } as const;

/** Connections that wait are not kept for a long back-off, but cause no more than one call in this time either. */
const DEMAND_FLOOR_MS = 1_000;

/**
 * A certificate that begins later than this from now was made by a clock that is ahead of ours: it serves, as ours may be
 * the one that is wrong, and another one is fetched in this time, until one has begun.
 */
const EARLY_MS = 3_000;

/** Share of the lifetime's half that renewals of one moment are spread over. */
const RENEWAL_JITTER = 0.1;

/** Soonest any planned fetch happens. */
const SOONEST_MS = 100;

/** A wall clock that jumped is noticed after this long. */
const CLOCK_CHECK_MS = 1_000;

/** A jump of the wall clock against the monotonic one beyond this is acted on, within this time. */
const CLOCK_JUMP_MS = 5_000;
const JUMP_SPREAD_MS = 1_000;

export interface CertificateState {
  readonly identity: string;
  readonly certificate: WorkloadCertificate | undefined;
  /** Text of the last failure; empty after a success. */
  readonly error: string;
}

export interface CertManagerDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly source: CertificateSource;
  /** Called with every certificate that arrives. */
  readonly onCertificate: (certificate: WorkloadCertificate) => void;
}

interface Plan {
  readonly timer: Timer;
  /** Monotonic time. */
  readonly at: number;
  priority: FetchPriority;
}

interface Entry {
  readonly identity: string;
  readonly backoff: Backoff;
  certificate: WorkloadCertificate | undefined;
  /** Monotonic time the certificate ends at: a wall clock set back does not revive it. */
  endsAt: number;
  error: string;
  plan: Plan | undefined;
  fetching: boolean;
  /** Set while a fetch is under way whose answer may be from before a change: fetch again within this time. */
  againWithinMs: number | undefined;
  /** Monotonic time of the last failure; -Infinity after a success. */
  failedAt: number;
  waiters: { resolve: (certificate: WorkloadCertificate) => void; reject: (error: unknown) => void }[];
}

/**
 * Keeps one certificate per identity: fetched on demand, renewed at half life with jitter, retried with back-off while
 * the old one serves. An expired certificate is never handed out, by wall clock or by monotonic clock.
 */
export class CertManager {
  readonly #deps: CertManagerDeps;
  readonly #entries = new Map<string, Entry>();
  readonly #queue = new FetchQueue(PARALLEL_FETCHES, (identity) => this.#fetch(identity));
  readonly #watch: Timer;
  #skew: number;
  #stopped = false;

  constructor(deps: CertManagerDeps) {
    this.#deps = deps;
    this.#skew = deps.clock.now() - deps.clock.monotonic();
    this.#watch = deps.clock.every(CLOCK_CHECK_MS, () => this.#checkClock(), true);
  }

  /**
   * The certificate of an identity, fetching it first when there is none that is valid. Rejects with the failure.
   * After a failure the next call to the authority is brought forward, to one second after it at the earliest.
   */
  request(identity: string): Promise<WorkloadCertificate> {
    if (this.#stopped)
      return Promise.reject(new IdentityError("stopped", "Certificates are no longer fetched"));
    const entry = this.#entry(identity);
    const valid = this.#valid(entry);
    if (valid !== undefined) return Promise.resolve(valid);
    return new Promise((resolve, reject) => {
      entry.waiters.push({ resolve, reject });
      if (entry.fetching) return;
      const wait = entry.failedAt + DEMAND_FLOOR_MS - this.#deps.clock.monotonic();
      if (wait <= 0 || this.#queue.has(identity)) this.#enqueue(entry, "real-time");
      else this.#schedule(entry, wait, "real-time");
    });
  }

  /** The certificate when it is there and valid. */
  peek(identity: string): WorkloadCertificate | undefined {
    const entry = this.#entries.get(identity);
    return entry === undefined ? undefined : this.#valid(entry);
  }

  /** Fetches ahead of the first use. */
  warm(identity: string): void {
    if (this.#stopped) return;
    const entry = this.#entry(identity);
    if (this.#valid(entry) === undefined && entry.plan === undefined) this.#enqueue(entry, "warmup");
  }

  /** Forgets an identity nobody uses any more; its waiters fail. */
  forget(identity: string): void {
    const entry = this.#entries.get(identity);
    if (entry === undefined) return;
    entry.plan?.timer.cancel();
    this.#queue.remove(identity);
    this.#entries.delete(identity);
    const gone = new IdentityError("stopped", `${identity} is no longer used here`);
    for (const waiter of entry.waiters.splice(0)) waiter.reject(gone);
  }

  /** Fetches every identity again, spread over `withinMs`: new roots arrive with new certificates only. */
  refetchAll(withinMs: number): void {
    for (const entry of this.#entries.values()) {
      if (entry.fetching) entry.againWithinMs = withinMs;
      else if (!this.#queue.has(entry.identity)) this.#scheduleWithin(entry, withinMs);
    }
  }

  list(): readonly CertificateState[] {
    return [...this.#entries.values()].map(({ identity, certificate, error }) => ({
      identity,
      certificate,
      error,
    }));
  }

  stop(): void {
    this.#stopped = true;
    this.#watch.cancel();
    for (const identity of [...this.#entries.keys()]) this.forget(identity);
  }

  #entry(identity: string): Entry {
    let entry = this.#entries.get(identity);
    if (entry === undefined) {
      entry = {
        identity,
        backoff: new Backoff(BACKOFF, this.#deps.random),
        certificate: undefined,
        endsAt: 0,
        error: "",
        plan: undefined,
        fetching: false,
        againWithinMs: undefined,
        failedAt: -Infinity,
        waiters: [],
      };
      this.#entries.set(identity, entry);
    }
    return entry;
  }

  #valid(entry: Entry): WorkloadCertificate | undefined {
    const { certificate } = entry;
    const { clock } = this.#deps;
    if (certificate === undefined) return undefined;
    return certificate.notAfter > clock.now() && entry.endsAt > clock.monotonic() ? certificate : undefined;
  }

  #enqueue(entry: Entry, priority: FetchPriority): void {
    if (this.#stopped || entry.fetching) return;
    entry.plan?.timer.cancel();
    entry.plan = undefined;
    this.#queue.add(entry.identity, priority);
  }

  async #fetch(identity: string): Promise<void> {
    const entry = this.#entries.get(identity);
    if (entry === undefined) return;
    entry.fetching = true;
    try {
      const certificate = await this.#deps.source.fetch(identity);
      entry.fetching = false;
      if (this.#entries.get(identity) === entry) this.#arrived(entry, certificate);
    } catch (thrown) {
      entry.fetching = false;
      if (this.#entries.get(identity) === entry) this.#failed(entry, thrown);
    }
  }

  #arrived(entry: Entry, certificate: WorkloadCertificate): void {
    const { clock, random, logger, onCertificate } = this.#deps;
    const left = certificate.notAfter - clock.now();
    if (left <= 0) {
      const late = "The CA's certificate has expired on arrival: its clock or ours is wrong";
      this.#failed(entry, new IdentityError("ca-refused", late));
      return;
    }
    entry.certificate = certificate;
    entry.endsAt = clock.monotonic() + left;
    entry.error = "";
    entry.failedAt = -Infinity;
    entry.backoff.reset();
    const again = entry.againWithinMs;
    entry.againWithinMs = undefined;
    if (certificate.notBefore - clock.now() > EARLY_MS) {
      const facts = { identity: entry.identity, notBefore: new Date(certificate.notBefore).toISOString() };
      logger.warn("the certificate is not valid yet: the CA's clock or ours is wrong", facts);
      this.#schedule(entry, EARLY_MS * (1 - RENEWAL_JITTER * random.next()), "background");
    } else if (again === undefined) {
      const lifetime = certificate.notAfter - certificate.notBefore;
      const halfLife = certificate.notBefore + lifetime / 2 - clock.now();
      // Never in a tight loop, however short the lifetime: at the earliest after a tenth of it.
      const delay = Math.max(halfLife * (1 - RENEWAL_JITTER * random.next()), lifetime / 10, SOONEST_MS);
      this.#schedule(entry, delay, "background");
    } else this.#scheduleWithin(entry, again);
    onCertificate(certificate);
    for (const waiter of entry.waiters.splice(0)) waiter.resolve(certificate);
  }

  #failed(entry: Entry, thrown: unknown): void {
    const { clock, logger } = this.#deps;
    entry.error = describeError(thrown);
    entry.failedAt = clock.monotonic();
    entry.againWithinMs = undefined;
    logger.warn("certificate not fetched", { identity: entry.identity, error: entry.error });
    let delay = entry.backoff.next();
    const left = entry.endsAt - clock.monotonic();
    // While the old one still serves, the next try comes before it ends.
    if (left > 0) delay = Math.min(delay, Math.max(left / 2, SOONEST_MS));
    this.#schedule(entry, delay, "background");
    for (const waiter of entry.waiters.splice(0)) waiter.reject(thrown);
  }

  #scheduleWithin(entry: Entry, withinMs: number): void {
    this.#schedule(entry, this.#deps.random.next() * withinMs, "background");
  }

  // Plans a fetch; a plan that comes sooner stays, and an urgent one stays urgent.
  #schedule(entry: Entry, delayMs: number, priority: FetchPriority): void {
    const { clock } = this.#deps;
    const at = clock.monotonic() + delayMs;
    const { plan } = entry;
    if (plan !== undefined && plan.at <= at) {
      if (priority === "real-time") plan.priority = priority;
      return;
    }
    plan?.timer.cancel();
    const next: Plan = {
      at,
      priority: plan?.priority === "real-time" ? "real-time" : priority,
      timer: clock.after(delayMs, () => this.#enqueue(entry, next.priority), true),
    };
    entry.plan = next;
  }

  // Timers run on the monotonic clock; a wall clock set forward would otherwise let certificates expire unnoticed.
  #checkClock(): void {
    const { clock, logger } = this.#deps;
    const skew = clock.now() - clock.monotonic();
    const jump = skew - this.#skew;
    this.#skew = skew;
    if (Math.abs(jump) < CLOCK_JUMP_MS) return;
    logger.warn("the wall clock jumped, renewing certificates", { jumpMs: Math.round(jump) });
    this.refetchAll(JUMP_SPREAD_MS);
  }
}
