import { dirname } from "node:path";
import type { SourceEvent } from "@ambit/kube/source.ts";
import type { Namespace } from "@ambit/kube/resources/namespace.ts";
import type { PodSpec } from "@ambit/kube/resources/pod-spec.ts";
import type { Service } from "@ambit/kube/resources/service.ts";
import { revisionOf, workloadKey, type Workload } from "./workload.ts";

/** What the directory says, as far as the local platform is concerned. */
export class Inventory {
  readonly #workloads = new Map<string, Workload>();
  readonly #namespaces = new Map<string, Namespace>();
  readonly #services = new Map<string, Service>();

  /** Takes a batch of changes in. */
  apply(events: readonly SourceEvent[]): void {
    for (const event of events) {
      if (event.type === "put") this.#put(event);
      else this.#delete(event);
    }
  }

  workloads(): readonly Workload[] {
    return [...this.#workloads.values()].toSorted((left, right) =>
      workloadKey(left) < workloadKey(right) ? -1 : 1,
    );
  }

  workload(key: string): Workload | undefined {
    return this.#workloads.get(key);
  }

  services(): readonly Service[] {
    return [...this.#services.values()];
  }

  namespaceLabels(name: string): Readonly<Record<string, string>> {
    return this.#namespaces.get(name)?.metadata.labels ?? {};
  }

  #put(event: SourceEvent & { type: "put" }): void {
    const { kind, namespace, name } = event;
    if (kind === "Deployment" || kind === "StatefulSet") {
      const { replicas, template } = event.object.spec;
      this.#remember(event, kind, replicas, template.metadata, template.spec);
    } else if (kind === "Pod") this.#remember(event, kind, 1, event.object.metadata, event.object.spec);
    else if (kind === "Namespace") this.#namespaces.set(name, event.object);
    else if (kind === "Service") this.#services.set(`${namespace}/${name}`, event.object);
  }

  #remember(
    event: SourceEvent & { type: "put" },
    kind: Workload["kind"],
    replicas: number,
    metadata: Pick<Workload, "labels" | "annotations">,
    spec: PodSpec,
  ): void {
    const { namespace, name, origin } = event;
    this.#workloads.set(`${kind}/${namespace}/${name}`, {
      kind,
      namespace,
      name,
      replicas,
      labels: metadata.labels,
      annotations: metadata.annotations,
      spec,
      serviceName: event.kind === "StatefulSet" ? event.object.spec.serviceName : "",
      folder: dirname(origin.file),
      revision: revisionOf(spec),
    });
  }

  #delete({ kind, namespace, name }: SourceEvent): void {
    if (kind === "Namespace") this.#namespaces.delete(name);
    else if (kind === "Service") this.#services.delete(`${namespace}/${name}`);
    else this.#workloads.delete(`${kind}/${namespace}/${name}`);
  }
}
