import type { Origin } from "@ambit/kube/diagnostics.ts";
import type { Kind, KindMap, KubeObject } from "@ambit/kube/resources/registry.ts";
import type { SourceEvent } from "@ambit/kube/source.ts";
import type { Collection } from "./collection.ts";
import type { Graph } from "./graph.ts";

type InputMap = { readonly [K in Kind]: Collection<KindMap[K]> };

/** The resources as the sources tell them, one collection per kind, keyed `namespace/name`. */
export class Inputs {
  readonly AuthorizationPolicy: InputMap["AuthorizationPolicy"];
  readonly Deployment: InputMap["Deployment"];
  readonly EndpointSlice: InputMap["EndpointSlice"];
  readonly Namespace: InputMap["Namespace"];
  readonly Node: InputMap["Node"];
  readonly PeerAuthentication: InputMap["PeerAuthentication"];
  readonly Pod: InputMap["Pod"];
  readonly Service: InputMap["Service"];
  readonly ServiceAccount: InputMap["ServiceAccount"];
  readonly ServiceEntry: InputMap["ServiceEntry"];
  readonly StatefulSet: InputMap["StatefulSet"];
  readonly WorkloadEntry: InputMap["WorkloadEntry"];
  readonly #origins = new Map<string, Origin>();

  constructor(graph: Graph) {
    this.AuthorizationPolicy = graph.input("AuthorizationPolicy");
    this.Deployment = graph.input("Deployment");
    this.EndpointSlice = graph.input("EndpointSlice");
    this.Namespace = graph.input("Namespace");
    this.Node = graph.input("Node");
    this.PeerAuthentication = graph.input("PeerAuthentication");
    this.Pod = graph.input("Pod");
    this.Service = graph.input("Service");
    this.ServiceAccount = graph.input("ServiceAccount");
    this.ServiceEntry = graph.input("ServiceEntry");
    this.StatefulSet = graph.input("StatefulSet");
    this.WorkloadEntry = graph.input("WorkloadEntry");
  }

  /** Takes events over; nothing is derived before the next flush. */
  apply(events: readonly SourceEvent[]): void {
    for (const event of events) {
      const key = inputKey(event.namespace, event.name);
      const after: KubeObject | undefined = event.type === "put" ? event.object : undefined;
      if (event.type === "put") this.#origins.set([event.kind, key].join("/"), event.origin);
      else this.#origins.delete(`${event.kind}/${key}`);
      // The event's kind and its object's kind are the same; the type system cannot carry that through the index.
      (this[event.kind] as Collection<KubeObject>).assign(key, after);
    }
  }

  /** Where a resource is written; undefined when its source does not say. */
  origin(kind: Kind, namespace: string, name: string): Origin | undefined {
    return this.#origins.get(`${kind}/${inputKey(namespace, name)}`);
  }
}

/** Key of a resource within its kind; cluster-wide kinds have an empty namespace. */
export function inputKey(namespace: string, name: string): string {
  return [namespace, name].join("/");
}
