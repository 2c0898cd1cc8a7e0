import { policyKey, type Policy } from "@ambit/model/policy.ts";
import type { Workload } from "@ambit/model/workload.ts";
import type { Change } from "@ambit/config/collections/collection.ts";

/** Counts things by key and tells when one appears or disappears. */
class Counts {
  readonly #counts = new Map<string, number>();

  has(key: string): boolean {
    return this.#counts.has(key);
  }

  /** True when the key is new. */
  add(key: string): boolean {
    const count = this.#counts.get(key) ?? 0;
    this.#counts.set(key, count + 1);
    return count === 0;
  }

  /** True when the key is gone. */
  remove(key: string): boolean {
    const count = this.#counts.get(key) ?? 0;
    if (count > 1) this.#counts.set(key, count - 1);
    else this.#counts.delete(key);
    return count <= 1;
  }
}

/**
 * Which policies the proxy of each node needs: global ones, those of the namespaces its workloads are in, and selector
 * policies that its workloads name. A stolen node credential reads no other policies. Kept with every change.
 */
export class NodeView {
  // Terms are `node|n|namespace` and `node|p|policy`; nodes are few and terms are short.
  readonly #counts = new Counts();
  readonly #policies = new Map<string, Policy>();
  readonly #byNamespace = new Map<string, Set<string>>();

  /** Takes changes over; returns keys of policies that some node may read from now on, or no longer. */
  apply(workloads: Iterable<Change<Workload>>, policies: Iterable<Change<Policy>>): ReadonlySet<string> {
    const touched = new Set<string>();
    for (const { key, before, after } of policies) {
      if (before !== undefined) this.#forget(key, before);
      if (after !== undefined) this.#remember(key, after);
    }
    for (const { before, after } of workloads) {
      // Added before removed, so that a change in place does not look like a disappearance.
      if (after !== undefined) this.#step(after, (term) => this.#counts.add(term), touched);
      if (before !== undefined) this.#step(before, (term) => this.#counts.remove(term), touched);
    }
    return touched;
  }

  /** True when the proxy of `node` may read the policy; an empty node stands for a proxy bound to none. */
  mayRead(node: string, key: string): boolean {
    const policy = this.#policies.get(key);
    if (policy === undefined) return false;
    if (node === "" || policy.scope === "GLOBAL") return true;
    if (policy.scope === "NAMESPACE") return this.#counts.has(`${node}|n|${policy.namespace}`);
    return this.#counts.has(`${node}|p|${key}`);
  }

  #step(workload: Workload, count: (term: string) => boolean, touched: Set<string>): void {
    const { node, namespace } = workload;
    if (count(`${node}|n|${namespace}`)) {
      for (const key of this.#byNamespace.get(namespace) ?? []) touched.add(key);
    }
    for (const key of workload.authorizationPolicies) if (count(`${node}|p|${key}`)) touched.add(key);
  }

  #remember(key: string, policy: Policy): void {
    this.#policies.set(key, policy);
    if (policy.scope !== "NAMESPACE") return;
    const keys = this.#byNamespace.get(policy.namespace) ?? new Set();
    this.#byNamespace.set(policy.namespace, keys.add(policyKey(policy)));
  }

  #forget(key: string, policy: Policy): void {
    this.#policies.delete(key);
    const keys = this.#byNamespace.get(policy.namespace);
    keys?.delete(key);
    if (keys?.size === 0) this.#byNamespace.delete(policy.namespace);
  }
}
