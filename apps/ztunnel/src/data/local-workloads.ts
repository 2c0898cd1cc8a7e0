import type { Clock, Timer } from "@ambit/base/clock.ts";
import type { Workload } from "@ambit/model/workload.ts";
import { localWorkload } from "@ambit/store/local-workload.ts";
import type { MeshStore, StoreChange } from "@ambit/store/mesh-store.ts";
import type { Pod } from "./pod.ts";

/** How long a connection waits for discovery to describe its pod (ambient.md 5.1). */
const WAIT_MS = 5_000;

export interface LocalWorkloadsDeps {
  readonly clock: Clock;
  readonly store: MeshStore;
  readonly clusterId: string;
}

type Callback = (workload: Workload | undefined) => void;

interface Waiter {
  readonly pod: Pod;
  readonly callback: Callback;
  readonly timer: Timer;
}

/**
 * Keeps `pod.workload` of every local pod current, lets connections wait for it, and collects which pods a batch of
 * changes may concern, so that their connections are looked at again once the whole batch is in.
 */
export class LocalWorkloads {
  readonly #deps: LocalWorkloadsDeps;
  readonly #byName = new Map<string, Set<Pod>>();
  readonly #waiting = new Set<Waiter>();
  readonly #touched = new Set<Pod>();

  constructor(deps: LocalWorkloadsDeps) {
    this.#deps = deps;
    deps.store.subscribe((change) => this.#onChange(change));
  }

  add(pod: Pod): void {
    const key = nameKey(pod.identity);
    const pods = this.#byName.get(key);
    if (pods === undefined) this.#byName.set(key, new Set([pod]));
    else pods.add(pod);
    this.#refresh(pod);
  }

  remove(pod: Pod): void {
    const key = nameKey(pod.identity);
    const pods = this.#byName.get(key);
    pods?.delete(pod);
    if (pods?.size === 0) this.#byName.delete(key);
    this.#touched.delete(pod);
    for (const waiter of [...this.#waiting]) if (waiter.pod === pod) this.#answer(waiter, undefined);
  }

  /** Calls back at once when the workload is known, else when it gets known, with undefined after five seconds. */
  whenKnown(pod: Pod, callback: Callback): void {
    if (pod.workload !== undefined) {
      callback(pod.workload);
      return;
    }
    const waiter: Waiter = {
      pod,
      callback,
      timer: this.#deps.clock.after(WAIT_MS, () => this.#answer(waiter, undefined)),
    };
    this.#waiting.add(waiter);
  }

  /** Ends a batch: wakes those who waited and returns the pods that the batch may concern. */
  takeTouched(): readonly Pod[] {
    for (const waiter of [...this.#waiting])
      if (waiter.pod.workload !== undefined) this.#answer(waiter, waiter.pod.workload);
    const touched = [...this.#touched];
    this.#touched.clear();
    return touched;
  }

  *#all(): IterableIterator<Pod> {
    for (const pods of this.#byName.values()) yield* pods;
  }

  #answer(waiter: Waiter, workload: Workload | undefined): void {
    if (!this.#waiting.delete(waiter)) return;
    waiter.timer.cancel();
    waiter.callback(workload);
  }

  #refresh(pod: Pod): void {
    // A pod whose entry was withdrawn keeps the last one: its connections stay under its policies until it is gone.
    pod.workload = localWorkload(this.#deps.store, pod.identity, this.#deps.clusterId) ?? pod.workload;
  }

  #onChange(change: StoreChange): void {
    if (change.kind === "workload") {
      for (const workload of [change.before, change.after]) {
        if (workload === undefined) continue;
        for (const pod of this.#byName.get(nameKey(workload)) ?? []) {
          this.#refresh(pod);
          this.#touched.add(pod);
        }
      }
    } else if (change.kind === "policy") {
      for (const policy of [change.before, change.after]) {
        if (policy === undefined) continue;
        for (const pod of this.#all()) {
          if (policy.scope === "GLOBAL" || isConcerned(pod, change.key, policy.namespace))
            this.#touched.add(pod);
        }
      }
    }
  }
}

// A policy may have changed its scope, so both ways of reaching a workload count.
function isConcerned(pod: Pod, key: string, namespace: string): boolean {
  return pod.identity.namespace === namespace || pod.workload?.authorizationPolicies.includes(key) === true;
}

function nameKey(named: { readonly namespace: string; readonly name: string }): string {
  return `${named.namespace}/${named.name}`;
}
