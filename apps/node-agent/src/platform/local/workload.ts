import { createHash } from "node:crypto";
import type { PodSpec } from "@ambit/kube/resources/pod-spec.ts";

type Labels = Readonly<Record<string, string>>;

/** Something in the directory that wants pods. */
export interface Workload {
  readonly kind: "Deployment" | "StatefulSet" | "Pod";
  readonly namespace: string;
  readonly name: string;
  readonly replicas: number;
  /** Labels and annotations of its pods. */
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly spec: PodSpec;
  /** The headless service that names a StatefulSet's pods; empty for everything else. */
  readonly serviceName: string;
  /** Folder of the manifest. */
  readonly folder: string;
  /** Stands for the pods' spec: pods of another revision are replaced. Labels are not part of it, they change in place. */
  readonly revision: string;
}

/** `Kind/namespace/name`. */
export function workloadKey(workload: Pick<Workload, "kind" | "namespace" | "name">): string {
  return `${workload.kind}/${workload.namespace}/${workload.name}`;
}

/** `namespace/name` of a pod. */
export function podKey(pod: { readonly namespace: string; readonly name: string }): string {
  return `${pod.namespace}/${pod.name}`;
}

/** Letters of generated names: no vowels, so that no words arise, and nothing that looks alike. */
const NAME_LETTERS = "bcdfghjklmnpqrstvwxz2456789";

/** `length` letters that depend on `text` alone. */
function nameHash(text: string, length: number): string {
  const digest = createHash("sha256").update(text).digest();
  let out = "";
  for (let index = 0; index < length; index++)
    out += NAME_LETTERS[(digest[index] ?? 0) % NAME_LETTERS.length];
  return out;
}

/** The revision of a pod spec. */
export function revisionOf(spec: PodSpec): string {
  return nameHash(JSON.stringify(spec), 10);
}

/** The name of a workload's pod number `index`: `<name>-<revision>-<suffix>`, `<name>-<ordinal>`, or the Pod's own. */
export function podName(workload: Workload, index: number): string {
  switch (workload.kind) {
    case "Pod":
      return workload.name;
    case "StatefulSet":
      return `${workload.name}-${index}`;
    case "Deployment": {
      const suffix = nameHash(`${workloadKey(workload)}/${workload.revision}/${index}`, 5);
      return `${workload.name.slice(0, 200)}-${workload.revision}-${suffix}`;
    }
  }
}

/** The labels of a workload's pod, as the cluster's controllers would set them. */
export function podLabels(workload: Workload, name: string): Labels {
  switch (workload.kind) {
    case "Pod":
      return workload.labels;
    case "StatefulSet":
      return {
        ...workload.labels,
        "apps.kubernetes.io/pod-index": name.slice(workload.name.length + 1),
        "statefulset.kubernetes.io/pod-name": name,
      };
    case "Deployment":
      return { ...workload.labels, "pod-template-hash": workload.revision };
  }
}
