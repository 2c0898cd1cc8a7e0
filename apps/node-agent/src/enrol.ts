import { isDeepStrictEqual } from "node:util";
import { closeSync } from "node:fs";
import { Backoff } from "@ambit/base/backoff.ts";
import { sleep, type Clock } from "@ambit/base/clock.ts";
import { AmbitError, describeError } from "@ambit/base/errors.ts";
import type { Logger } from "@ambit/base/logger.ts";
import type { Random } from "@ambit/base/random.ts";
import { captureOptions, wantsCapture } from "./capture-policy.ts";
import type { PodEvents, PodSandbox, Redirection } from "./platform/platform.ts";
import type { CaptureOptions } from "./rules-nft.ts";
import type { RulesLoader } from "./rules-loader.ts";
import type { ZdsPod } from "./zds-connection.ts";
import type { ZdsServer } from "./zds-server.ts";

/** Between two attempts to give a pod to its proxy. */
const RETRY = { initialMs: 50, maxMs: 5_000 } as const;
/**
 * A pod that leaves the mesh keeps its proxy this long after it was announced, so that its peers have stopped sending it
 * tunnels before nobody answers them.
 */
const LEAVE_MS = 1_000;

export interface EnrolmentDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly rules: RulesLoader;
  /** The proxy's server of a node. */
  readonly zds: (
    node: string,
  ) => Pick<ZdsServer, "add" | "remove" | "onceConnected" | "connected"> | undefined;
  readonly annotate: (uid: string, redirection: Redirection) => void;
  /** Opens a pod's namespace; the caller closes the descriptor. */
  readonly openNamespace: (path: string) => number;
}

export interface EnrolmentOptions {
  readonly dnsCapture: boolean;
  readonly ipv6: boolean;
}

interface Entry {
  pod: PodSandbox;
  netnsFd: number | undefined;
  /** The rules that are in the pod now. */
  rules: CaptureOptions | undefined;
  redirection: Redirection;
  /** True from the moment the proxy is to know the pod. */
  served: boolean;
  removed: boolean;
  running: Promise<void> | undefined;
  /** Woken when the wish changes, so that no retry stands in the way. */
  wake: AbortController;
  readonly admitted: { readonly promise: Promise<void>; resolve(): void };
}

/**
 * Brings pods into the mesh and out of it, live. A pod whose processes have not started gets its rules first and waits for
 * the proxy; a running one is given to the proxy first, so that no connection is refused, unless no proxy is there:
 * then the rules go in at once. Either way nothing leaves a pod of the mesh in plaintext past its proxy.
 */
export class Enrolment implements PodEvents {
  readonly #options: EnrolmentOptions;
  readonly #deps: EnrolmentDeps;
  readonly #entries = new Map<string, Entry>();

  constructor(options: EnrolmentOptions, deps: EnrolmentDeps) {
    this.#options = options;
    this.#deps = deps;
  }

  /** The pods a node's proxy has to serve. */
  servedOn(node: string): readonly ZdsPod[] {
    return [...this.#entries.values()].filter((entry) => entry.served && entry.pod.node === node).map(zdsPod);
  }

  added(pod: PodSandbox): Promise<void> {
    const entry: Entry = {
      pod,
      netnsFd: undefined,
      rules: undefined,
      redirection: "",
      served: false,
      removed: false,
      running: undefined,
      wake: new AbortController(),
      admitted: Promise.withResolvers<void>(),
    };
    this.#entries.set(pod.uid, entry);
    this.#reconcile(entry);
    return entry.admitted.promise;
  }

  changed(pod: PodSandbox): void {
    const entry = this.#entries.get(pod.uid);
    if (entry === undefined || entry.removed) return;
    const before = entry.pod;
    entry.pod = pod;
    const same =
      wantsCapture(before) === wantsCapture(pod) &&
      isDeepStrictEqual(captureOptions(before, this.#options), captureOptions(pod, this.#options));
    if (!same) this.#reconcile(entry);
  }

  async removed(uid: string): Promise<void> {
    const entry = this.#entries.get(uid);
    if (entry === undefined) return;
    entry.removed = true;
    entry.admitted.resolve();
    this.#reconcile(entry);
    await entry.running;
    this.#entries.delete(uid);
  }

  /** Starts to bring the entry to what is wanted, or makes the run that goes on look again. */
  #reconcile(entry: Entry): void {
    entry.wake.abort();
    entry.wake = new AbortController();
    entry.running ??= this.#run(entry).finally(() => {
      entry.running = undefined;
    });
  }

  async #run(entry: Entry): Promise<void> {
    const backoff = new Backoff(RETRY, this.#deps.random);
    for (;;) {
      const { signal } = entry.wake;
      try {
        await this.#attempt(entry);
        if (!signal.aborted) return;
        backoff.reset();
      } catch (thrown) {
        this.#failed(entry, thrown);
        await this.#pause(entry, backoff.next(), signal);
      }
    }
  }

  /** One pass towards what is wanted now; rejects when a step failed. */
  async #attempt(entry: Entry): Promise<void> {
    if (entry.removed) return this.#forget(entry);
    if (wantsCapture(entry.pod)) return this.#capture(entry);
    await this.#release(entry);
    entry.admitted.resolve();
  }

  async #capture(entry: Entry): Promise<void> {
    const { zds, openNamespace, logger } = this.#deps;
    const { pod } = entry;
    const options = captureOptions(pod, this.#options);
    const server = zds(pod.node);
    entry.netnsFd ??= openNamespace(pod.netnsPath);
    entry.served = true;
    // Nothing runs in it yet, or nobody would answer anyway: then safe is better than seamless.
    if (!pod.started || server?.connected !== true) await this.#putRules(entry, options);
    if (server === undefined) throw new RangeError(`Node ${pod.node} has no proxy server`);
    await server.add(zdsPod(entry));
    await this.#putRules(entry, options);
    if (entry.removed || !wantsCapture(entry.pod)) return;
    if (entry.redirection !== "enabled")
      logger.info("pod is captured", { pod: `${pod.namespace}/${pod.name}` });
    this.#announce(entry, "enabled");
    entry.admitted.resolve();
  }

  async #putRules(entry: Entry, options: CaptureOptions): Promise<void> {
    if (isDeepStrictEqual(entry.rules, options)) return;
    await this.#deps.rules.apply(entry.pod.netnsPath, options);
    entry.rules = options;
  }

  /** Out of the mesh, the reverse way: peers first, then the rules, then the proxy. */
  async #release(entry: Entry): Promise<void> {
    const { clock, logger, rules } = this.#deps;
    const { pod } = entry;
    if (!entry.served && entry.rules === undefined) return;
    if (entry.redirection !== "") {
      this.#announce(entry, "");
      await sleep(clock, LEAVE_MS, entry.wake.signal).catch(() => undefined);
      if (entry.removed || wantsCapture(entry.pod)) return;
    }
    if (entry.rules !== undefined) await rules.remove(pod.netnsPath, entry.rules);
    entry.rules = undefined;
    logger.info("pod is released", { pod: `${pod.namespace}/${pod.name}` });
    await this.#unserve(entry);
  }

  /** The pod is gone: its rules go with its namespace. */
  async #forget(entry: Entry): Promise<void> {
    await this.#unserve(entry);
    entry.rules = undefined;
  }

  async #unserve(entry: Entry): Promise<void> {
    if (!entry.served) return;
    entry.served = false;
    await this.#deps.zds(entry.pod.node)?.remove(entry.pod.uid);
    if (entry.netnsFd !== undefined) closeSync(entry.netnsFd);
    entry.netnsFd = undefined;
  }

  #announce(entry: Entry, redirection: Redirection): void {
    if (entry.redirection === redirection) return;
    entry.redirection = redirection;
    this.#deps.annotate(entry.pod.uid, redirection);
  }

  #failed(entry: Entry, thrown: unknown): void {
    const { pod } = entry;
    const waits = thrown instanceof AmbitError && thrown.code === "no-proxy";
    const fields = { pod: `${pod.namespace}/${pod.name}`, error: describeError(thrown) };
    if (waits) this.#deps.logger.debug("pod waits for its proxy", fields);
    else this.#deps.logger.warn("capture failed, trying again", fields);
    if (entry.rules !== undefined && !entry.removed && wantsCapture(entry.pod))
      this.#announce(entry, "pending");
  }

  /** Until the delay is over, a proxy connects, or something else is wanted. */
  #pause(entry: Entry, delayMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        timer.cancel();
        forget?.();
        signal.removeEventListener("abort", end);
        resolve();
      };
      const timer = this.#deps.clock.after(delayMs, end);
      const forget = this.#deps.zds(entry.pod.node)?.onceConnected(end);
      signal.addEventListener("abort", end);
      if (signal.aborted) end();
    });
  }
}

function zdsPod(entry: Entry): ZdsPod {
  const { uid, name, namespace, serviceAccount } = entry.pod;
  return { uid, name, namespace, serviceAccount, netnsFd: entry.netnsFd };
}
