import type { SourceEvent } from "@ambit/kube/source.ts";
import { serviceKey, type Service } from "@ambit/model/service.ts";
import { policyKey, type Policy } from "@ambit/model/policy.ts";
import type { PolicySet } from "@ambit/policy/rbac-l4.ts";
import type { Workload } from "@ambit/model/workload.ts";
import { Addresses } from "./collections/addresses.ts";
import type { Change } from "./collections/collection.ts";
import { Graph } from "./collections/graph.ts";
import { Inputs } from "./collections/inputs.ts";
import { Policies } from "./collections/policies.ts";
import { Services } from "./collections/services.ts";
import { Templates } from "./collections/templates.ts";
import { Workloads } from "./collections/workloads.ts";
import type { MeshOptions } from "./options.ts";

/** What one flush changed, each key once, by the keys of the wire. */
export interface MeshChanges {
  readonly workloads: readonly Change<Workload>[];
  readonly services: readonly Change<Service>[];
  readonly policies: readonly Change<Policy>[];
}

/** The whole mesh as derived from its resources: fed with events, flushed, read. */
export class Mesh {
  readonly options: MeshOptions;
  readonly inputs: Inputs;
  readonly services: Services;
  readonly policies: Policies;
  readonly workloads: Workloads;
  /** What is to run but need not run yet. */
  readonly templates: Templates;
  readonly #graph = new Graph();
  readonly #addresses: Addresses;

  constructor(options: MeshOptions) {
    this.options = options;
    this.inputs = new Inputs(this.#graph);
    this.templates = new Templates(this.inputs);
    this.#addresses = new Addresses(this.#graph, this.inputs);
    this.services = new Services(this.#graph, this.inputs, this.#addresses, options);
    this.policies = new Policies(this.#graph, this.inputs, options);
    this.workloads = new Workloads(this.#graph, this.inputs, this.services, this.policies, options);
  }

  /** Takes events over; call `flush` afterwards. */
  apply(events: readonly SourceEvent[]): void {
    this.inputs.apply(events);
  }

  /** Derives what the events touched and returns what came out differently. */
  flush(): MeshChanges {
    this.#addresses.update();
    this.#graph.flush();
    const changes = {
      workloads: [...this.workloads.changes()].filter(differs),
      services: [...this.services.services.changes()].flatMap(({ key, before, after }) => {
        const step = { key, before: before?.service, after: after?.service };
        return differs(step) ? [step] : [];
      }),
      policies: [...this.policies.changes()],
    };
    this.#graph.settle();
    return changes;
  }

  /** Every policy a workload's proxy evaluates: global ones, its namespace's, and those the workload names. */
  policySet(workload: Workload): PolicySet {
    const found = new Map<string, Policy>();
    for (const policy of this.policies.all()) {
      const concerns =
        policy.scope === "GLOBAL" ||
        (policy.scope === "NAMESPACE" && policy.namespace === workload.namespace) ||
        workload.authorizationPolicies.includes(policyKey(policy));
      if (concerns) found.set(policyKey(policy), policy);
    }
    const missing = workload.authorizationPolicies.filter((key) => !found.has(key));
    const policies = [...found]
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([, policy]) => policy);
    return { policies, missing };
  }

  /** A service by `namespace/hostname`. */
  service(key: string): Service | undefined {
    return this.services.services.get(key)?.service;
  }

  /** Services that own an address. */
  servicesByAddress(ip: string): readonly Service[] {
    return [...this.services.byAddress.values(ip)].map((offered) => offered.service);
  }

  /** Workloads that have an address; host-network ones are found by name only. */
  workloadsByAddress(ip: string): readonly Workload[] {
    return [...this.workloads.byAddress.values(ip)]
      .flat()
      .filter((workload) => workload.addresses.includes(ip));
  }

  /** Workloads behind a service. */
  workloadsOf(service: Service): readonly Workload[] {
    const key = serviceKey(service);
    return [...this.workloads.byService.values(key)].flat().filter((workload) => workload.services.has(key));
  }
}

function differs<V>(change: Change<V>): boolean {
  return change.before !== change.after;
}
