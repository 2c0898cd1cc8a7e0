import { SERVICE_NAME_LABEL } from "@ambit/kube/resources/endpoint-slice.ts";
import type { ObjectMeta } from "@ambit/kube/resources/metadata.ts";
import type { Namespace } from "@ambit/kube/resources/namespace.ts";
import type { Pod } from "@ambit/kube/resources/pod.ts";
import type { WorkloadEntry } from "@ambit/kube/resources/workload-entry.ts";
import { matchesLabels } from "@ambit/kube/selector.ts";
import type { Workload } from "@ambit/model/workload.ts";
import type { MeshOptions } from "../options.ts";
import type { OfferedService } from "../translate/offer.ts";
import { serviceHostname } from "../translate/service.ts";
import { waypointWish } from "../translate/waypoint.ts";
import {
  translateEndpointSlice,
  translatePod,
  translateServiceEntryEndpoints,
  translateWorkloadEntry,
  type WorkloadContext,
} from "../translate/workload.ts";
import type { Change, Collection } from "./collection.ts";
import { on, type Graph, type Trigger } from "./graph.ts";
import { inputKey, type Inputs } from "./inputs.ts";
import type { Index, KeyLookup } from "./keyed-index.ts";
import { labelTerms, selectorCandidates } from "./label-terms.ts";
import type { Policies, Reach, Subject } from "./policies.ts";
import type { Services } from "./services.ts";

/** A resource with labels that selectors look at. */
interface Labelled {
  readonly metadata: ObjectMeta;
}

/** A resource kind whose objects are chosen by labels, with the ways to find them. */
class Selectable<V extends Labelled> {
  readonly prefix: string;
  readonly byNamespace: Index<V>;
  readonly byLabel: KeyLookup;
  readonly byWaypoint: KeyLookup;
  readonly #labelsOf: (key: string) => Readonly<Record<string, string>> | undefined;

  constructor(
    prefix: string,
    collection: Collection<V>,
    labels: (value: V) => Readonly<Record<string, string>>,
  ) {
    this.prefix = prefix;
    this.#labelsOf = (key) => {
      const value = collection.get(key);
      return value === undefined ? undefined : labels(value);
    };
    this.byNamespace = collection.index((value) => [value.metadata.namespace]);
    // Under its namespace for selectors of that namespace, under `*` for selectors of the root namespace.
    this.byLabel = collection.index(function* (value) {
      yield* labelTerms(value.metadata.namespace, labels(value));
      yield* labelTerms("*", labels(value));
    });
    this.byWaypoint = collection.index((value) => {
      const wish = waypointWish(labels(value), {}, value.metadata.namespace);
      return wish === undefined ? [] : [wish];
    });
  }

  *selected(namespace: string, selector: Readonly<Record<string, string>>): Generator<string> {
    for (const key of selectorCandidates(this.byLabel, namespace, selector)) {
      const labels = this.#labelsOf(key);
      if (labels !== undefined && matchesLabels(selector, labels)) yield `${this.prefix}/${key}`;
    }
  }
}

/** Workloads of every origin. Keyed `Kind/namespace/name` of the resource; a resource may stand for several. */
export class Workloads {
  readonly collection: Collection<readonly Workload[]>;
  /** By address, canonical text. */
  readonly byAddress: Index<readonly Workload[]>;
  /** By `namespace/hostname` of the services they belong to. */
  readonly byService: Index<readonly Workload[]>;
  readonly byNode: Index<readonly Workload[]>;
  readonly #inputs: Inputs;
  readonly #services: Services;
  readonly #policies: Policies;
  readonly #options: MeshOptions;
  readonly #selectables: readonly [Selectable<Pod>, Selectable<WorkloadEntry>];

  constructor(graph: Graph, inputs: Inputs, services: Services, policies: Policies, options: MeshOptions) {
    this.#inputs = inputs;
    this.#services = services;
    this.#policies = policies;
    this.#options = options;
    this.#selectables = [
      new Selectable("Pod", inputs.Pod, (pod) => pod.metadata.labels),
      new Selectable("WorkloadEntry", inputs.WorkloadEntry, entryLabels),
    ];
    this.collection = graph.derive("workloads", (key) => this.#compute(key), this.#triggers());
    this.byAddress = this.collection.index((workloads) =>
      workloads.flatMap((workload) => (workload.hostNetwork ? [] : workload.addresses)),
    );
    this.byService = this.collection.index(
      (workloads) => new Set(workloads.flatMap((one) => [...one.services.keys()])),
    );
    this.byNode = this.collection.index((workloads) => new Set(workloads.map((workload) => workload.node)));
  }

  /** Every workload. */
  *all(): Generator<Workload> {
    for (const workloads of this.collection.values()) yield* workloads;
  }

  /** Keys of the pods and workload entries a selector chooses; `*` looks in every namespace. */
  *selected(namespace: string, selector: Readonly<Record<string, string>>): Generator<string> {
    for (const selectable of this.#selectables) yield* selectable.selected(namespace, selector);
  }

  /** Keys of the pods and workload entries of a namespace. */
  *inNamespace(namespace: string): Generator<string> {
    for (const { prefix, byNamespace } of this.#selectables)
      yield* prefixed(prefix, byNamespace.keys(namespace));
  }

  /** Namespaces with a pod or a workload entry. */
  namespaces(): ReadonlySet<string> {
    return new Set(this.#selectables.flatMap(({ byNamespace }) => [...byNamespace.terms()]));
  }

  /** The changes of this flush, by uid. */
  *changes(): Generator<Change<Workload>> {
    for (const { before = [], after = [] } of this.collection.changes()) {
      const old = new Map(before.map((workload) => [workload.uid, workload]));
      for (const workload of after) {
        yield { key: workload.uid, before: old.get(workload.uid), after: workload };
        old.delete(workload.uid);
      }
      for (const [uid, workload] of old) yield { key: uid, before: workload, after: undefined };
    }
  }

  #compute(key: string): readonly Workload[] | undefined {
    const slash = key.indexOf("/");
    const found = this.#translate(key.slice(0, slash), key.slice(slash + 1));
    return found.length === 0 ? undefined : found;
  }

  #translate(kind: string, key: string): readonly Workload[] {
    const { Pod, WorkloadEntry, ServiceEntry, EndpointSlice, Node } = this.#inputs;
    if (kind === "Pod") {
      const pod = Pod.get(key);
      if (pod === undefined) return [];
      const node = Node.get(inputKey("", pod.spec.nodeName));
      const workload = translatePod(pod, { ...this.#context(pod.metadata), node });
      return workload === undefined ? [] : [workload];
    }
    if (kind === "WorkloadEntry") {
      const entry = WorkloadEntry.get(key);
      if (entry === undefined) return [];
      const subject = { namespace: entry.metadata.namespace, labels: entryLabels(entry) };
      return [translateWorkloadEntry(entry, this.#context(subject))];
    }
    if (kind === "ServiceEntry") {
      const entry = ServiceEntry.get(key);
      if (entry === undefined) return [];
      const own = [...this.#services.byOwner.values(`ServiceEntry/${key}`)];
      const context = {
        options: this.#options,
        services: [],
        policies: [],
        waypoint: undefined,
        node: undefined,
      };
      return translateServiceEntryEndpoints(entry, own, context);
    }
    const slice = EndpointSlice.get(key);
    const service =
      slice === undefined ? undefined : this.#services.services.get(this.#sliceService(slice.metadata));
    if (slice === undefined || service === undefined) return [];
    const context = {
      options: this.#options,
      services: [],
      policies: [],
      waypoint: undefined,
      node: undefined,
    };
    return translateEndpointSlice(slice, service, context);
  }

  #sliceService(metadata: ObjectMeta): string {
    const name = metadata.labels[SERVICE_NAME_LABEL] ?? "";
    return `${metadata.namespace}/${serviceHostname(metadata.namespace, name, this.#options.clusterDomain)}`;
  }

  #context(subject: Subject): WorkloadContext {
    return {
      options: this.#options,
      services: this.#selecting(subject),
      policies: this.#policies.keysFor(subject),
      waypoint: this.#services.waypointFor(subject.labels, subject.namespace, "forWorkloads"),
      node: undefined,
    };
  }

  #selecting({ namespace, labels }: Subject): readonly OfferedService[] {
    const found: OfferedService[] = [];
    for (const term of labelTerms(namespace, labels)) {
      for (const offered of this.#services.bySelector.values(term)) {
        const { selector } = offered.offer;
        if (selector !== undefined && matchesLabels(selector, labels)) found.push(offered);
      }
    }
    return found;
  }

  #triggers(): readonly Trigger[] {
    const { Pod, WorkloadEntry, ServiceEntry, EndpointSlice, Node, Namespace } = this.#inputs;
    const owned = (kind: string) => (change: { readonly key: string }) => [[kind, change.key].join("/")];
    const podsByNode = Pod.index((pod) => [pod.spec.nodeName]);
    const slicesByService = EndpointSlice.index((slice) => [this.#sliceService(slice.metadata)]);
    const namespacesByWish = Namespace.index(({ metadata }) => {
      const wish = waypointWish(metadata.labels, {}, metadata.name);
      return wish === undefined ? [] : [wish];
    });
    return [
      on(Pod, owned("Pod")),
      on(WorkloadEntry, owned("WorkloadEntry")),
      on(ServiceEntry, owned("ServiceEntry")),
      on(EndpointSlice, owned("EndpointSlice")),
      on(Node, ({ before, after }) =>
        prefixed("Pod", podsByNode.keys((after ?? before)?.metadata.name ?? "")),
      ),
      // Only the waypoint label of a namespace reaches its workloads.
      on(Namespace, ({ before, after }) => {
        const name = (after ?? before)?.metadata.name ?? "";
        const wish = (labels = {}): string | undefined => waypointWish(labels, {}, name);
        return wish(before?.metadata.labels) === wish(after?.metadata.labels) ? [] : this.inNamespace(name);
      }),
      on(this.#services.waypoints, (change) => this.#usingWaypoint(change.key, namespacesByWish)),
      on(this.#services.services, (change) => this.#ofService(change, slicesByService)),
      this.#policyTrigger(),
    ];
  }

  *#ofService(change: Change<OfferedService>, slicesByService: KeyLookup): Generator<string> {
    for (const key of slicesByService.keys(change.key)) yield `EndpointSlice/${key}`;
    for (const offered of [change.before, change.after]) {
      if (offered === undefined) continue;
      const { owner, selector, namespace } = offered.offer;
      if (owner.startsWith("ServiceEntry/")) yield owner;
      if (selector !== undefined) yield* this.selected(namespace, selector);
    }
  }

  *#usingWaypoint(waypoint: string, namespaces: Index<Namespace>): Generator<string> {
    for (const { prefix, byWaypoint } of this.#selectables)
      yield* prefixed(prefix, byWaypoint.keys(waypoint));
    for (const namespace of namespaces.values(waypoint)) yield* this.inNamespace(namespace.metadata.name);
  }

  #policyTrigger(): Trigger {
    const policies = this.#policies;
    const reached = (reach: Reach): Iterable<string> => this.#reached(reach);
    return {
      changed: () => policies.authorization.changed || policies.peers.changed,
      *keys() {
        for (const reach of policies.reaches()) yield* reached(reach);
      },
    };
  }

  *#reached({ namespace, selector }: Reach): Generator<string> {
    if (selector !== undefined) yield* this.selected(namespace, selector);
    else if (namespace !== "*") yield* this.inNamespace(namespace);
    else {
      for (const [key] of this.#inputs.Pod.entries()) yield `Pod/${key}`;
      for (const [key] of this.#inputs.WorkloadEntry.entries()) yield `WorkloadEntry/${key}`;
    }
  }
}

function entryLabels(entry: WorkloadEntry): Readonly<Record<string, string>> {
  return { ...entry.metadata.labels, ...entry.spec.labels };
}

function* prefixed(kind: string, keys: Iterable<string>): Generator<string> {
  for (const key of keys) yield `${kind}/${key}`;
}
