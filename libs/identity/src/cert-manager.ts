import { Backoff } from "@ambit/base/backoff.ts";
import type { Clock, Timer } from "@ambit/base/clock.ts";
import { describeError } from "@ambit/base/errors.ts";
import type { Logger } from "@ambit/base/logger.ts";
import type { Random } from "@ambit/base/random.ts";
import type { CertificateSource } from "./ca-client.ts";
import type { WorkloadCertificate } from "./certificate.ts";
import { IdentityError } from "./identity-error.ts";

/** Waiting connections first, then new workloads, then renewals. */
export type FetchPriority = "real-time" | "warmup" | "background";

const PRIORITIES: readonly FetchPriority[] = ["real-time", "warmup", "background"];

/** Calls to the authority at once. */
const PARALLEL_FETCHES = 8;

const BACKOFF = { initialMs: 1_000, maxMs: 150_000, jitter: 0.2 } as const;

/** Share of the lifetime's half that renewals of one moment are spread over. */
const RENEWAL_JITTER = 0.1;

/** A wall clock that jumped is noticed after this long. */
const CLOCK_CHECK_MS = 10_000;

/** A jump of the wall clock against the monotonic one beyond this is acted on. */
const CLOCK_JUMP_MS = 5_000;

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

interface Entry {
  readonly identity: string;
  readonly backoff: Backoff;
  certificate: WorkloadCertificate | undefined;
  error: string;
  timer: Timer | undefined;
  queued: FetchPriority | undefined;
  fetching: boolean;
  waiters: { resolve: (certificate: WorkloadCertificate) => void; reject: (error: unknown) => void }[];
}

/**
 * Keeps one certificate per identity: fetched on demand, renewed at half life with jitter, retried with back-off while
 * the old one serves. An expired certificate is never handed out.
 */
export class CertManager {
  readonly #deps: CertManagerDeps;
  readonly #entries = new Map<string, Entry>();
  readonly #queues: Record<FetchPriority, Entry[]> = { "real-time": [], warmup: [], background: [] };
  readonly #watch: Timer;
  #skew: number;
  #running = 0;
  #stopped = false;

  constructor(deps: CertManagerDeps) {
    this.#deps = deps;
    this.#skew = deps.clock.now() - deps.clock.monotonic();
    this.#watch = deps.clock.every(CLOCK_CHECK_MS, () => this.#checkClock(), true);
  }

  /** The certificate of an identity, fetching it first when there is none that is valid. Rejects with the failure. */
  request(identity: string): Promise<WorkloadCertificate> {
    const entry = this.#entry(identity);
    const valid = this.#valid(entry);
    if (valid !== undefined) return Promise.resolve(valid);
    return new Promise((resolve, reject) => {
      if (this.#stopped) {
        reject(new IdentityError("stopped", "Certificates are no longer fetched"));
        return;
      }
      entry.waiters.push({ resolve, reject });
      // Whoever waits does not wait for a back-off that was meant for renewals.
      this.#enqueue(entry, "real-time");
    });
  }

  /** The certificate when it is there and valid. */
  peek(identity: string): WorkloadCertificate | undefined {
    const entry = this.#entries.get(identity);
    return entry === undefined ? undefined : this.#valid(entry);
  }

  /** Fetches ahead of the first use. */
  warm(identity: string): void {
    const entry = this.#entry(identity);
    if (this.#valid(entry) === undefined && entry.timer === undefined) this.#enqueue(entry, "warmup");
  }

  /** Forgets an identity nobody uses any more; its waiters fail. */
  forget(identity: string): void {
    const entry = this.#entries.get(identity);
    if (entry === undefined) return;
    entry.timer?.cancel();
    this.#entries.delete(identity);
    for (const waiter of entry.waiters)
      waiter.reject(new IdentityError("stopped", `${identity} is no longer used here`));
    entry.waiters = [];
  }

  /** Fetches every identity again, spread over `withinMs`: new roots arrive with new certificates only. */
  refetchAll(withinMs: number): void {
    for (const entry of this.#entries.values()) this.#schedule(entry, this.#deps.random.next() * withinMs);
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
        error: "",
        timer: undefined,
        queued: undefined,
        fetching: false,
        waiters: [],
      };
      this.#entries.set(identity, entry);
    }
    return entry;
  }

  #valid(entry: Entry): WorkloadCertificate | undefined {
    const { certificate } = entry;
    return certificate !== undefined && certificate.notAfter > this.#deps.clock.now()
      ? certificate
      : undefined;
  }

  #enqueue(entry: Entry, priority: FetchPriority): void {
    if (this.#stopped || entry.fetching) return;
    if (entry.queued !== undefined) {
      if (PRIORITIES.indexOf(entry.queued) <= PRIORITIES.indexOf(priority)) return;
      const queue = this.#queues[entry.queued];
      queue.splice(queue.indexOf(entry), 1);
    }
    entry.timer?.cancel();
    entry.timer = undefined;
    entry.queued = priority;
    this.#queues[priority].push(entry);
    this.#pump();
  }

  #pump(): void {
    while (this.#running < PARALLEL_FETCHES) {
      const queue = PRIORITIES.map((priority) => this.#queues[priority]).find(
        (candidate) => candidate.length > 0,
      );
      const entry = queue?.shift();
      if (entry === undefined) return;
      entry.queued = undefined;
      if (this.#entries.get(entry.identity) === entry) void this.#fetch(entry);
    }
  }

  async #fetch(entry: Entry): Promise<void> {
    this.#running++;
    entry.fetching = true;
    try {
      const certificate = await this.#deps.source.fetch(entry.identity);
      entry.fetching = false;
      if (this.#entries.get(entry.identity) === entry) this.#arrived(entry, certificate);
    } catch (thrown) {
      entry.fetching = false;
      if (this.#entries.get(entry.identity) === entry) this.#failed(entry, thrown);
    } finally {
      this.#running--;
      this.#pump();
    }
  }

  #arrived(entry: Entry, certificate: WorkloadCertificate): void {
    const { clock, random, onCertificate } = this.#deps;
    entry.certificate = certificate;
    entry.error = "";
    entry.backoff.reset();
    const lifetime = certificate.notAfter - certificate.notBefore;
    const halfLife = certificate.notBefore + lifetime / 2 - clock.now();
    // Never in a tight loop, however short the lifetime: at the earliest after a tenth of it.
    const delay = Math.max(halfLife * (1 - RENEWAL_JITTER * random.next()), lifetime / 10, 100);
    this.#schedule(entry, delay);
    onCertificate(certificate);
    const { waiters } = entry;
    entry.waiters = [];
    for (const waiter of waiters) waiter.resolve(certificate);
  }

  #failed(entry: Entry, thrown: unknown): void {
    const { clock, logger } = this.#deps;
    entry.error = describeError(thrown);
    logger.warn("certificate not fetched", { identity: entry.identity, error: entry.error });
    const { waiters } = entry;
    entry.waiters = [];
    for (const waiter of waiters) waiter.reject(thrown);
    let delay = entry.backoff.next();
    const left = (entry.certificate?.notAfter ?? 0) - clock.now();
    // While the old one still serves, the next try comes before it ends.
    if (left > 0) delay = Math.min(delay, Math.max(left / 2, 100));
    this.#schedule(entry, delay);
  }

  #schedule(entry: Entry, delayMs: number): void {
    entry.timer?.cancel();
    entry.timer = this.#deps.clock.after(
      delayMs,
      () => {
        entry.timer = undefined;
        this.#enqueue(entry, "background");
      },
      true,
    );
  }

  // Timers run on the monotonic clock; a wall clock set forward would otherwise let certificates expire unnoticed.
  #checkClock(): void {
    const { clock, logger } = this.#deps;
    const skew = clock.now() - clock.monotonic();
    const jump = skew - this.#skew;
    this.#skew = skew;
    if (Math.abs(jump) < CLOCK_JUMP_MS) return;
    logger.warn("the wall clock jumped, renewing certificates", { jumpMs: Math.round(jump) });
    this.refetchAll(1_000);
  }
}
