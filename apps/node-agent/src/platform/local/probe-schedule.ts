import type { Clock, Timer } from "@ambit/base/clock.ts";
import type { Container, Probe } from "@ambit/kube/resources/pod-spec.ts";

/**
 * Until a container is ready for the first time it is asked this often, whatever its period: on a laptop nobody wants to
 * wait for the next full second.
 */
const FIRST_READY_MS = 200;

export type ProbeKind = "startup" | "readiness" | "liveness";

export interface ProbeScheduleOptions {
  /** Asks once; never rejects. */
  readonly run: (probe: Probe, signal: AbortSignal) => Promise<boolean>;
  /** `started` or `ready` changed. */
  readonly onChange: () => void;
  /** The container must be restarted. */
  readonly onUnhealthy: (kind: ProbeKind) => void;
}

/**
 * The probes of one run of a container, by the kubelet's rules: readiness and liveness wait for the startup probe, each
 * needs its thresholds in a row. A container without a probe counts as started and ready at once.
 */
export class ProbeSchedule {
  readonly #clock: Clock;
  readonly #options: ProbeScheduleOptions;
  readonly #container: Container;
  readonly #timers = new Set<Timer>();
  readonly #stop = new AbortController();
  #started = false;
  #ready = false;

  constructor(container: Container, options: ProbeScheduleOptions, clock: Clock) {
    this.#container = container;
    this.#options = options;
    this.#clock = clock;
  }

  get started(): boolean {
    return this.#started;
  }

  get ready(): boolean {
    return this.#ready;
  }

  /** Begins to ask; the container's process runs. */
  start(): void {
    const { startupProbe } = this.#container;
    if (startupProbe === undefined) this.#begin();
    else this.#repeat("startup", startupProbe);
  }

  stop(): void {
    this.#stop.abort();
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    this.#started = false;
    this.#ready = false;
  }

  #begin(): void {
    this.#started = true;
    const { readinessProbe, livenessProbe } = this.#container;
    if (readinessProbe === undefined) this.#ready = true;
    else this.#repeat("readiness", readinessProbe);
    if (livenessProbe !== undefined) this.#repeat("liveness", livenessProbe);
    this.#options.onChange();
  }

  #repeat(kind: ProbeKind, probe: Probe): void {
    let good = 0;
    let bad = 0;
    let everReady = false;
    const ask = async (): Promise<void> => {
      const timeout = new AbortController();
      const timer = this.#after(Math.max(1, probe.timeoutSeconds) * 1000, () => timeout.abort());
      const signal = AbortSignal.any([timeout.signal, this.#stop.signal]);
      const result = await Promise.race([this.#options.run(probe, signal), aborted(signal)]);
      timer.cancel();
      if (this.#stop.signal.aborted) return;
      good = result ? good + 1 : 0;
      bad = result ? 0 : bad + 1;
      if (!this.#judge(kind, probe, good, bad)) return;
      everReady ||= this.#ready;
      const periodMs = Math.max(1, probe.periodSeconds) * 1000;
      this.#after(kind === "readiness" && !everReady ? Math.min(periodMs, FIRST_READY_MS) : periodMs, again);
    };
    const again = (): void => void ask();
    this.#after(probe.initialDelaySeconds * 1000, again);
  }

  /** True when the probe goes on. */
  #judge(kind: ProbeKind, probe: Probe, good: number, bad: number): boolean {
    const passed = good >= Math.max(1, probe.successThreshold);
    const failed = bad >= Math.max(1, probe.failureThreshold);
    if (kind === "readiness") {
      const ready = passed ? true : failed ? false : this.#ready;
      if (ready !== this.#ready) {
        this.#ready = ready;
        this.#options.onChange();
      }
      return true;
    }
    if (kind === "startup" && passed) {
      this.#begin();
      return false;
    }
    if (!failed) return true;
    this.#options.onUnhealthy(kind);
    return false;
  }

  #after(delayMs: number, run: () => void): Timer {
    const timer = this.#clock.after(delayMs, () => {
      this.#timers.delete(timer);
      run();
    });
    this.#timers.add(timer);
    return timer;
  }
}

function aborted(signal: AbortSignal): Promise<false> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(false);
    else signal.addEventListener("abort", () => resolve(false), { once: true });
  });
}
