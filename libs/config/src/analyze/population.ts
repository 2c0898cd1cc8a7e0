import { ANNOTATIONS, LABELS } from "@ambit/contract/labels.ts";
import type { Deployment } from "@ambit/kube/resources/deployment.ts";
import type { StatefulSet } from "@ambit/kube/resources/stateful-set.ts";
import { inputKey } from "../collections/inputs.ts";
import type { Mesh } from "../mesh.ts";

type Labels = Readonly<Record<string, string>>;

/** Something a selector can choose: a running pod, a workload entry, or the template of pods to come. */
export interface Inhabitant {
  readonly kind: "Pod" | "WorkloadEntry" | "Deployment" | "StatefulSet";
  readonly namespace: string;
  readonly name: string;
  readonly labels: Labels;
  readonly serviceAccount: string;
  /** True when the node agent says that its traffic is captured. */
  readonly captured: boolean;
  /** Port names of its containers. */
  readonly portNames: readonly string[];
}

/** Everything a selector chooses; `*` looks in every namespace. Templates count, so that it works offline, too. */
export function* selectedInhabitants(mesh: Mesh, namespace: string, selector: Labels): Generator<Inhabitant> {
  const everyone = Object.keys(selector).length === 0;
  if (everyone && namespace === "*") {
    yield* everybody(mesh);
    return;
  }
  const { workloads } = mesh;
  for (const key of everyone ? workloads.inNamespace(namespace) : workloads.selected(namespace, selector)) {
    const one = inhabitant(mesh, key);
    if (one !== undefined) yield one;
  }
  const found = everyone
    ? mesh.templates.inNamespace(namespace)
    : mesh.templates.selected(namespace, selector);
  for (const controller of found) yield fromTemplate(controller);
}

/** Pods, workload entries and templates. */
function* everybody(mesh: Mesh): Generator<Inhabitant> {
  for (const [key] of mesh.inputs.Pod.entries()) yield* some(inhabitant(mesh, `Pod/${key}`));
  for (const [key] of mesh.inputs.WorkloadEntry.entries())
    yield* some(inhabitant(mesh, `WorkloadEntry/${key}`));
  yield* templates(mesh);
}

/** Every namespace somebody lives in. */
export function populatedNamespaces(mesh: Mesh): ReadonlySet<string> {
  const found = new Set(mesh.workloads.namespaces());
  for (const namespace of mesh.templates.namespaces()) found.add(namespace);
  return found;
}

/** Pods that controllers are to create. */
export function* templates(mesh: Mesh): Generator<Inhabitant> {
  for (const controller of mesh.templates.all()) yield fromTemplate(controller);
}

function fromTemplate({ kind, metadata, spec }: Deployment | StatefulSet): Inhabitant {
  return {
    kind,
    namespace: metadata.namespace,
    name: metadata.name,
    labels: spec.template.metadata.labels,
    captured: false,
    serviceAccount: spec.template.spec.serviceAccountName,
    portNames: spec.template.spec.containers.flatMap((one) => one.ports.map((port) => port.name)),
  };
}

/** True when the node proxies take care of its traffic, or are about to: its own label decides, else its namespace's. */
export function isEnrolled(mesh: Mesh, one: Inhabitant): boolean {
  if (one.captured) return true;
  const own = one.labels[LABELS.dataplaneMode];
  if (own !== undefined) return own === "ambient";
  const namespace = mesh.inputs.Namespace.get(inputKey("", one.namespace));
  return namespace?.metadata.labels[LABELS.dataplaneMode] === "ambient";
}

function inhabitant(mesh: Mesh, key: string): Inhabitant | undefined {
  const slash = key.indexOf("/");
  const rest = key.slice(slash + 1);
  if (key.startsWith("Pod/")) {
    const pod = mesh.inputs.Pod.get(rest);
    if (pod === undefined) return undefined;
    return {
      kind: "Pod",
      namespace: pod.metadata.namespace,
      name: pod.metadata.name,
      labels: pod.metadata.labels,
      captured: pod.metadata.annotations[ANNOTATIONS.redirection] === "enabled",
      serviceAccount: pod.spec.serviceAccountName,
      portNames: pod.spec.containers.flatMap((one) => one.ports.map((port) => port.name)),
    };
  }
  const entry = mesh.inputs.WorkloadEntry.get(rest);
  if (entry === undefined) return undefined;
  return {
    kind: "WorkloadEntry",
    namespace: entry.metadata.namespace,
    name: entry.metadata.name,
    labels: { ...entry.metadata.labels, ...entry.spec.labels },
    captured: false,
    serviceAccount: entry.spec.serviceAccount,
    portNames: Object.keys(entry.spec.ports),
  };
}

function* some<T>(value: T | undefined): Generator<T> {
  if (value !== undefined) yield value;
}
