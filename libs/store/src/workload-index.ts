import type { Workload } from "@ambit/model/workload.ts";
import { ClaimIndex } from "./claims.ts";

/** Workloads by uid, address, pod name and hostname. */
export class WorkloadIndex {
  readonly #byUid = new Map<string, Workload>();
  readonly #byAddress = new ClaimIndex<Workload>();
  readonly #byName = new ClaimIndex<Workload>();
  readonly #byHostname = new ClaimIndex<Workload>();

  get size(): number {
    return this.#byUid.size;
  }

  get addresses(): number {
    return this.#byAddress.size;
  }

  get(uid: string): Workload | undefined {
    return this.#byUid.get(uid);
  }

  at(network: string, ip: string): Workload | undefined {
    return this.#byAddress.first(network, ip);
  }

  named(namespace: string, name: string): readonly Workload[] {
    return this.#byName.all(namespace, name);
  }

  byHostname(hostname: string): Workload | undefined {
    return this.#byHostname.first("", hostname);
  }

  values(): IterableIterator<Workload> {
    return this.#byUid.values();
  }

  /** The uid must be free. */
  add(workload: Workload): void {
    this.#byUid.set(workload.uid, workload);
    this.#byName.add(workload.namespace, workload.name, workload, newestFirst);
    if (workload.hostname !== "") this.#byHostname.add("", workload.hostname, workload, newestFirst);
    // A host-network pod shares its node's address with others, so the address does not name it.
    if (workload.hostNetwork) return;
    for (const ip of workload.addresses) this.#byAddress.add(workload.network, ip, workload, outranks);
  }

  /** Removes exactly this object. */
  remove(workload: Workload): void {
    this.#byUid.delete(workload.uid);
    this.#byName.remove(workload.namespace, workload.name, workload);
    if (workload.hostname !== "") this.#byHostname.remove("", workload.hostname, workload);
    if (workload.hostNetwork) return;
    for (const ip of workload.addresses) this.#byAddress.remove(workload.network, ip, workload);
  }
}

/** Pods in the mesh, pods, other members of the mesh, the rest (ambient.md 2.8). */
function rank(workload: Workload): number {
  const pod = workload.uid.includes("//Pod/") ? 2 : 0;
  return pod + (workload.tunnelProtocol === "HBONE" ? 1 : 0);
}

function outranks(value: Workload, other: Workload): boolean {
  return rank(value) >= rank(other);
}

function newestFirst(): boolean {
  return true;
}
