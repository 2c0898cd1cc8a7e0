import { isPodFinished, type Pod } from "@ambit/kube/resources/pod.ts";
import type { Source, SourceEvent } from "@ambit/kube/source.ts";

/** What the authority must know of a pod. */
export interface PodFacts {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly serviceAccount: string;
  readonly node: string;
  /** Ended without success: its identity is no longer anybody's on that node. */
  readonly failed: boolean;
}

/** Answers the questions of the node authoriser and of a rotation. */
export interface PodDirectory {
  pod(namespace: string, name: string): PodFacts | undefined;
  /** True when a pod of this account runs on the node. */
  runsOn(node: string, namespace: string, serviceAccount: string): boolean;
  /** True when a pod of this account runs anywhere. */
  runs(namespace: string, serviceAccount: string): boolean;
}

/** Follows the Pod objects of a source. */
export class PodIndex implements PodDirectory {
  readonly #pods = new Map<string, PodFacts>();
  readonly #accounts = new Map<string, Map<string, number>>();

  /** Starts following; the source must be started by the caller. */
  follow(source: Source): () => void {
    return source.subscribe((events) => {
      for (const event of events) this.#take(event);
    });
  }

  pod(namespace: string, name: string): PodFacts | undefined {
    return this.#pods.get(`${namespace}/${name}`);
  }

  runsOn(node: string, namespace: string, serviceAccount: string): boolean {
    return (this.#accounts.get(`${namespace}/${serviceAccount}`)?.get(node) ?? 0) > 0;
  }

  runs(namespace: string, serviceAccount: string): boolean {
    return (this.#accounts.get(`${namespace}/${serviceAccount}`)?.size ?? 0) > 0;
  }

  #take(event: SourceEvent): void {
    if (event.kind !== "Pod") return;
    const key = `${event.namespace}/${event.name}`;
    const before = this.#pods.get(key);
    if (before !== undefined) {
      this.#pods.delete(key);
      if (!before.failed) this.#count(before, -1);
    }
    if (event.type === "delete") return;
    const facts = factsOf(event.object);
    this.#pods.set(key, facts);
    if (!facts.failed) this.#count(facts, 1);
  }

  #count(pod: PodFacts, change: number): void {
    const account = `${pod.namespace}/${pod.serviceAccount}`;
    const nodes = this.#accounts.get(account) ?? new Map<string, number>();
    const count = (nodes.get(pod.node) ?? 0) + change;
    if (count > 0) nodes.set(pod.node, count);
    else nodes.delete(pod.node);
    if (nodes.size > 0) this.#accounts.set(account, nodes);
    else this.#accounts.delete(account);
  }
}

function factsOf(pod: Pod): PodFacts {
  return {
    namespace: pod.metadata.namespace,
    name: pod.metadata.name,
    uid: pod.metadata.uid,
    serviceAccount: pod.spec.serviceAccountName,
    node: pod.spec.nodeName,
    failed: isPodFinished(pod) && pod.status.phase === "Failed",
  };
}
