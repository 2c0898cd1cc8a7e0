import type { Policy } from "@ambit/model/policy.ts";
import { policyKey } from "@ambit/model/policy.ts";
import type { Service } from "@ambit/model/service.ts";
import { serviceKey } from "@ambit/model/service.ts";
import type { Workload } from "@ambit/model/workload.ts";
import type { CidrHit } from "./cidr-trie.ts";
import { PolicyIndex } from "./policy-index.ts";
import type { WorkloadPolicies } from "./policy-index.ts";
import { ServiceIndex } from "./service-index.ts";
import type { KnownService, ServiceRecord } from "./service-index.ts";
import { WorkloadIndex } from "./workload-index.ts";

/** One applied delta; `before` and `after` are undefined for an addition and a removal. */
export type StoreChange =
  | {
      readonly kind: "workload";
      readonly key: string;
      readonly before: Workload | undefined;
      readonly after: Workload | undefined;
    }
  | {
      readonly kind: "service";
      readonly key: string;
      readonly before: Service | undefined;
      readonly after: Service | undefined;
    }
  | {
      readonly kind: "policy";
      readonly key: string;
      readonly before: Policy | undefined;
      readonly after: Policy | undefined;
    };

/** Numbers for metrics and the admin page. */
export interface StoreStats {
  readonly workloads: number;
  readonly services: number;
  readonly policies: number;
  readonly workloadAddresses: number;
  readonly serviceAddresses: number;
  /** Endpoints of known services, unhealthy ones too. */
  readonly endpoints: number;
  /** Endpoints that wait for their service. */
  readonly stagedEndpoints: number;
}

/**
 * What a proxy knows about the mesh (ambient.md 2.8). One writer applies deltas, in any order of kinds; readers get
 * immutable values. Each delta costs what it touches. Never throws: the values were validated when they were decoded.
 */
export class MeshStore {
  readonly #workloads = new WorkloadIndex();
  readonly #services = new ServiceIndex();
  readonly #policies = new PolicyIndex();
  readonly #listeners = new Set<(change: StoreChange) => void>();

  /** Replaces the workload of that uid everywhere. */
  upsertWorkload(workload: Workload): void {
    // Counted before the old one is dropped: a name used by both never looks unused in between.
    this.#policies.countNames(workload, 1);
    const before = this.#dropWorkload(workload.uid);
    this.#workloads.add(workload);
    this.#services.attach(workload);
    this.#announce({ kind: "workload", key: workload.uid, before, after: workload });
  }

  /** Replaces the service of that `namespace/hostname`; its endpoints stay. */
  upsertService(service: Service): void {
    const before = this.#services.put(service);
    this.#announce({ kind: "service", key: serviceKey(service), before, after: service });
  }

  /**
   * Removes by resource name: a workload uid first, then `namespace/hostname` unless the hostname part has a slash.
   * False when nothing had that name.
   */
  removeAddress(name: string): boolean {
    const workload = this.#dropWorkload(name);
    if (workload !== undefined) {
      this.#announce({ kind: "workload", key: name, before: workload, after: undefined });
      return true;
    }
    const slash = name.indexOf("/");
    if (slash < 0 || name.includes("/", slash + 1)) return false;
    const service = this.#services.remove(name);
    if (service === undefined) return false;
    this.#announce({ kind: "service", key: name, before: service, after: undefined });
    return true;
  }

  upsertPolicy(policy: Policy): void {
    const before = this.#policies.put(policy);
    this.#announce({ kind: "policy", key: policyKey(policy), before, after: policy });
  }

  /** Removes by `namespace/name`; false when there was none. */
  removePolicy(key: string): boolean {
    const before = this.#policies.remove(key);
    if (before === undefined) return false;
    this.#announce({ kind: "policy", key, before, after: undefined });
    return true;
  }

  /** Calls `listener` after each applied delta until the returned function is called. */
  subscribe(listener: (change: StoreChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  workload(uid: string): Workload | undefined {
    return this.#workloads.get(uid);
  }

  /** The workload in front of all that claim the address; host-network workloads never do. */
  workloadAt(network: string, ip: string): Workload | undefined {
    return this.#workloads.at(network, ip);
  }

  /** Workloads of that name: one for a pod, several where clusters share names. */
  workloadsNamed(namespace: string, name: string): readonly Workload[] {
    return this.#workloads.named(namespace, name);
  }

  /** The workload that is reached by resolving this hostname. */
  workloadByHostname(hostname: string): Workload | undefined {
    return this.#workloads.byHostname(hostname);
  }

  service(key: string): KnownService | undefined {
    return this.#services.get(key);
  }

  servicesByHostname(hostname: string): readonly KnownService[] {
    return this.#services.byHostname(hostname);
  }

  /** Services that own exactly this virtual address. */
  servicesAt(network: string, ip: string): readonly KnownService[] {
    return this.#services.byAddress(network, ip);
  }

  /** Services that own a block around this address, longest block first. */
  serviceBlocksAt(network: string, ip: string): readonly CidrHit<KnownService>[] {
    return this.#services.byBlock(network, ip);
  }

  policy(key: string): Policy | undefined {
    return this.#policies.get(key);
  }

  /** GLOBAL policies, those of the workload's namespace and those it names; plus the names that have not arrived. */
  policiesFor(workload: Workload): WorkloadPolicies {
    return this.#policies.for(workload);
  }

  workloads(): IterableIterator<Workload> {
    return this.#workloads.values();
  }

  /** All services; records without `service` only stage endpoints. */
  serviceRecords(): IterableIterator<ServiceRecord> {
    return this.#services.records();
  }

  policies(): IterableIterator<Policy> {
    return this.#policies.values();
  }

  /** Counts endpoints by walking the services: for scrapes, not for the data path. */
  stats(): StoreStats {
    let endpoints = 0;
    let stagedEndpoints = 0;
    for (const record of this.#services.records()) {
      if (record.service === undefined) stagedEndpoints += record.endpoints.size(true);
      else endpoints += record.endpoints.size(true);
    }
    return {
      workloads: this.#workloads.size,
      services: this.#services.size,
      policies: this.#policies.size,
      workloadAddresses: this.#workloads.addresses,
      serviceAddresses: this.#services.addresses,
      endpoints,
      stagedEndpoints,
    };
  }

  #dropWorkload(uid: string): Workload | undefined {
    const before = this.#workloads.get(uid);
    if (before === undefined) return undefined;
    this.#workloads.remove(before);
    this.#services.detach(before);
    this.#policies.countNames(before, -1);
    return before;
  }

  #announce(change: StoreChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}
