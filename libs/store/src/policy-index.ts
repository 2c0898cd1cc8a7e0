import { policyKey } from "@ambit/model/policy.ts";
import type { Policy } from "@ambit/model/policy.ts";
import type { Workload } from "@ambit/model/workload.ts";

/** The policies of one workload, as `evaluate` of libs/policy takes them. */
export interface WorkloadPolicies {
  /** Sorted by key, each once. */
  readonly policies: readonly Policy[];
  /** Names in the workload's list that have not arrived. */
  readonly missing: readonly string[];
}

/** Policies by key and by scope (ambient.md 6.1). */
export class PolicyIndex {
  readonly #byKey = new Map<string, Policy>();
  readonly #global = new Set<Policy>();
  readonly #byNamespace = new Map<string, Set<Policy>>();
  /** How many workloads name each policy. */
  readonly #named = new Map<string, number>();
  /** Names that workloads still use although the server removed the policy: it is gone, not late. */
  readonly #removed = new Set<string>();
  // A set per workload object is valid until any policy changes.
  #sets = new WeakMap<Workload, WorkloadPolicies>();

  get size(): number {
    return this.#byKey.size;
  }

  get(key: string): Policy | undefined {
    return this.#byKey.get(key);
  }

  values(): IterableIterator<Policy> {
    return this.#byKey.values();
  }

  /** Adds or replaces; returns the former policy of that key. */
  put(policy: Policy): Policy | undefined {
    const key = policyKey(policy);
    const before = this.#drop(key);
    this.#byKey.set(key, policy);
    this.#removed.delete(key);
    if (policy.scope === "GLOBAL") this.#global.add(policy);
    else if (policy.scope === "NAMESPACE") {
      const held = this.#byNamespace.get(policy.namespace);
      if (held === undefined) this.#byNamespace.set(policy.namespace, new Set([policy]));
      else held.add(policy);
    }
    return before;
  }

  /** Returns the removed policy. The name no longer counts as missing, because the server took the policy back. */
  remove(key: string): Policy | undefined {
    const before = this.#drop(key);
    if (this.#named.has(key)) {
      this.#removed.add(key);
      this.#sets = new WeakMap();
    }
    return before;
  }

  /** A workload came (+1) or went (-1). */
  countNames(workload: Workload, step: 1 | -1): void {
    for (const key of workload.authorizationPolicies) {
      const count = (this.#named.get(key) ?? 0) + step;
      if (count > 0) this.#named.set(key, count);
      else {
        this.#named.delete(key);
        this.#removed.delete(key);
      }
    }
  }

  /** Every policy that applies to the workload. The same object until a policy changes. */
  for(workload: Workload): WorkloadPolicies {
    const known = this.#sets.get(workload);
    if (known !== undefined) return known;
    const fresh = this.#collect(workload);
    this.#sets.set(workload, fresh);
    return fresh;
  }

  #collect(workload: Workload): WorkloadPolicies {
    const chosen = new Map<string, Policy>();
    for (const policy of this.#global) chosen.set(policyKey(policy), policy);
    for (const policy of this.#byNamespace.get(workload.namespace) ?? [])
      chosen.set(policyKey(policy), policy);
    const missing: string[] = [];
    for (const key of workload.authorizationPolicies) {
      const policy = this.#byKey.get(key);
      if (policy !== undefined) chosen.set(key, policy);
      else if (!this.#removed.has(key)) missing.push(key);
    }
    const sorted = [...chosen].sort(([left], [right]) => (left < right ? -1 : 1));
    return { policies: sorted.map(([, policy]) => policy), missing };
  }

  #drop(key: string): Policy | undefined {
    this.#sets = new WeakMap();
    const before = this.#byKey.get(key);
    if (before === undefined) return undefined;
    this.#byKey.delete(key);
    this.#global.delete(before);
    const held = this.#byNamespace.get(before.namespace);
    if (held?.delete(before) === true && held.size === 0) this.#byNamespace.delete(before.namespace);
    return before;
  }
}
