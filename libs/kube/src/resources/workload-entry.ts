import { dictionary, integer, labels, port, text } from "../scalars.ts";
import { optional, record, required, withDefault, type Schema } from "../schema.ts";
import type { Definition, Resource } from "./definition.ts";
import { noLabels } from "./metadata.ts";

/** The spec of a WorkloadEntry, also used inline as an endpoint of a ServiceEntry. */
export interface WorkloadEntrySpec {
  /** An IP address, or a host name; empty for an endpoint in another network behind its gateway. */
  readonly address: string;
  /** Name of a service port to the port on this workload. */
  readonly ports: Readonly<Record<string, number>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly network: string | undefined;
  /** `region/zone/subzone`. */
  readonly locality: string;
  /** Load balancing weight; undefined means 1. */
  readonly weight: number | undefined;
  readonly serviceAccount: string;
}

/** networking.istio.io WorkloadEntry: a workload outside of Kubernetes. */
export interface WorkloadEntry extends Resource<"WorkloadEntry"> {
  readonly spec: WorkloadEntrySpec;
}

export const workloadEntrySpec: Schema<WorkloadEntrySpec> = record({
  address: withDefault(text({ maxLength: 255 }), () => ""),
  ports: withDefault(dictionary(port), () => Object.create(null) as Record<string, number>),
  labels: withDefault(labels, noLabels),
  network: optional(text()),
  locality: withDefault(text(), () => ""),
  weight: optional(integer({ min: 0, max: 4_294_967_295 })),
  serviceAccount: withDefault(text(), () => ""),
});

export const workloadEntryDefinition: Definition<WorkloadEntry> = {
  kind: "WorkloadEntry",
  apiVersions: ["networking.istio.io/v1", "networking.istio.io/v1beta1", "networking.istio.io/v1alpha3"],
  namespaced: true,
  strict: false,
  body: record({ spec: required(workloadEntrySpec) }, { ignored: ["status"] }),
};
