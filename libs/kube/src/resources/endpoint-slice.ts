import { flag, list, oneOf, port, text } from "../scalars.ts";
import { optional, record, required, withDefault, type Schema } from "../schema.ts";
import type { Definition, Resource } from "./definition.ts";

/** The label that says which service a slice belongs to. */
export const SERVICE_NAME_LABEL = "kubernetes.io/service-name";

export interface SliceEndpoint {
  readonly addresses: readonly string[];
  /** @default true */
  readonly ready: boolean;
  readonly nodeName: string;
  /** `namespace/name` of the pod behind it; undefined when it is none. */
  readonly pod: string | undefined;
}

export interface SlicePort {
  readonly name: string;
  readonly port: number;
  readonly protocol: "TCP" | "UDP" | "SCTP";
}

/** discovery.k8s.io/v1 EndpointSlice. */
export interface EndpointSlice extends Resource<"EndpointSlice"> {
  readonly addressType: "IPv4" | "IPv6" | "FQDN";
  readonly endpoints: readonly SliceEndpoint[];
  readonly ports: readonly SlicePort[];
}

const endpoint: Schema<SliceEndpoint> = (value, path, report) => {
  const read = record(
    {
      addresses: required(list(text(), { min: 1 })),
      conditions: optional(record({ ready: optional(flag) }, { ignored: ["serving", "terminating"] })),
      nodeName: withDefault(text(), () => ""),
      targetRef: optional(
        record(
          {
            kind: withDefault(text(), () => ""),
            name: withDefault(text(), () => ""),
            namespace: withDefault(text(), () => ""),
          },
          { ignored: ["uid", "apiVersion", "resourceVersion", "fieldPath"] },
        ),
      ),
    },
    { ignored: ["hostname", "zone", "hints", "deprecatedTopology"] },
  )(value, path, report);
  if (read === undefined) return undefined;
  const { targetRef } = read;
  return {
    addresses: read.addresses,
    ready: read.conditions?.ready ?? true,
    nodeName: read.nodeName,
    pod: targetRef?.kind === "Pod" ? `${targetRef.namespace}/${targetRef.name}` : undefined,
  };
};

export const endpointSliceDefinition: Definition<EndpointSlice> = {
  kind: "EndpointSlice",
  apiVersions: ["discovery.k8s.io/v1"],
  namespaced: true,
  strict: false,
  body: record({
    addressType: required(oneOf(["IPv4", "IPv6", "FQDN"])),
    endpoints: withDefault(list(endpoint), () => []),
    ports: withDefault(
      list(
        record(
          {
            name: withDefault(text(), () => ""),
            port: required(port),
            protocol: withDefault(oneOf(["TCP", "UDP", "SCTP"]), () => "TCP" as const),
          },
          { ignored: ["appProtocol"] },
        ),
      ),
      () => [],
    ),
  }),
};
