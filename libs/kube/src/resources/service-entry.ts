import { ipBlock, labels, list, oneOf, port, text } from "../scalars.ts";
import { optional, record, required, withDefault, type Schema } from "../schema.ts";
import type { Definition, Resource } from "./definition.ts";
import { workloadEntrySpec, type WorkloadEntrySpec } from "./workload-entry.ts";

export interface ServiceEntryPort {
  readonly number: number;
  readonly name: string;
  readonly protocol: string;
  readonly targetPort: number | undefined;
}

export type Resolution = "NONE" | "STATIC" | "DNS" | "DNS_ROUND_ROBIN" | "DYNAMIC_DNS";

/** networking.istio.io ServiceEntry: a service the platform does not know. */
export interface ServiceEntry extends Resource<"ServiceEntry"> {
  readonly spec: {
    readonly hosts: readonly string[];
    /** IP addresses or blocks. */
    readonly addresses: readonly string[];
    readonly ports: readonly ServiceEntryPort[];
    readonly location: "MESH_EXTERNAL" | "MESH_INTERNAL";
    readonly resolution: Resolution;
    readonly endpoints: readonly WorkloadEntrySpec[];
    readonly workloadSelector: { readonly labels: Readonly<Record<string, string>> } | undefined;
    readonly exportTo: readonly string[];
    readonly subjectAltNames: readonly string[];
  };
}

const HOST =
  /^(\*\.)?([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/;

const specFields = record({
  hosts: required(list(text({ pattern: HOST, maxLength: 255, expected: "a host name" }), { min: 1 })),
  addresses: withDefault(list(ipBlock), () => []),
  ports: withDefault(
    list(
      record({
        number: required(port),
        name: withDefault(text(), () => ""),
        protocol: withDefault(text(), () => ""),
        targetPort: optional(port),
      }),
    ),
    () => [],
  ),
  location: withDefault(oneOf(["MESH_EXTERNAL", "MESH_INTERNAL"]), () => "MESH_EXTERNAL" as const),
  resolution: withDefault(
    oneOf(["NONE", "STATIC", "DNS", "DNS_ROUND_ROBIN", "DYNAMIC_DNS"]),
    () => "NONE" as const,
  ),
  endpoints: withDefault(list(workloadEntrySpec), () => []),
  workloadSelector: optional(record({ labels: required(labels) })),
  exportTo: withDefault(list(text()), () => []),
  subjectAltNames: withDefault(list(text()), () => []),
});

const spec: Schema<ServiceEntry["spec"]> = (value, path, report) => {
  const read = specFields(value, path, report);
  if (read === undefined) return undefined;
  if (read.workloadSelector !== undefined && read.endpoints.length > 0) {
    return report.add(
      "AMB0007",
      { parent: path, key: "workloadSelector" },
      "workloadSelector and endpoints cannot be used together",
      "keep one of them",
      { at: "key" },
    );
  }
  return read;
};

export const serviceEntryDefinition: Definition<ServiceEntry> = {
  kind: "ServiceEntry",
  apiVersions: ["networking.istio.io/v1", "networking.istio.io/v1beta1", "networking.istio.io/v1alpha3"],
  namespaced: true,
  strict: false,
  body: record({ spec: required(spec) }, { ignored: ["status"] }),
};
