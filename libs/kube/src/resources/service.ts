import { dictionary, flag, list, numberOrText, oneOf, port, text, integer } from "../scalars.ts";
import { optional, record, required, withDefault, type Schema } from "../schema.ts";
import type { Definition, Resource } from "./definition.ts";
import { noLabels } from "./metadata.ts";

export interface ServicePort {
  /** Empty when the port has no name. */
  readonly name: string;
  readonly port: number;
  /** A number, or the name of a container port; the port itself when left out. */
  readonly targetPort: number | string;
  readonly protocol: "TCP" | "UDP" | "SCTP";
  readonly appProtocol: string | undefined;
}

/** The trafficDistribution values Kubernetes knows. */
export type TrafficDistribution = "PreferClose" | "PreferSameZone" | "PreferSameNode";

/** v1 Service. */
export interface Service extends Resource<"Service"> {
  readonly spec: {
    readonly type: "ClusterIP" | "NodePort" | "LoadBalancer" | "ExternalName";
    /** Empty when nothing is selected: endpoints come from EndpointSlices. */
    readonly selector: Readonly<Record<string, string>>;
    readonly ports: readonly ServicePort[];
    /** Explicit addresses; "None" for headless; empty when one is to be allocated. */
    readonly clusterIPs: readonly string[];
    readonly ipFamilies: readonly ("IPv4" | "IPv6")[];
    readonly ipFamilyPolicy: "SingleStack" | "PreferDualStack" | "RequireDualStack" | undefined;
    readonly externalName: string | undefined;
    readonly internalTrafficPolicy: "Cluster" | "Local";
    readonly trafficDistribution: TrafficDistribution | undefined;
    readonly publishNotReadyAddresses: boolean;
  };
}

const servicePort: Schema<ServicePort> = (value, path, report) => {
  const read = record(
    {
      name: withDefault(text(), () => ""),
      port: required(port),
      targetPort: optional(numberOrText(port, text({ allowEmpty: false, expected: "a port name" }))),
      protocol: withDefault(oneOf(["TCP", "UDP", "SCTP"]), () => "TCP" as const),
      appProtocol: optional(text()),
    },
    { ignored: ["nodePort"] },
  )(value, path, report);
  return read === undefined ? undefined : { ...read, targetPort: read.targetPort ?? read.port };
};

const specFields = record(
  {
    type: withDefault(
      oneOf(["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"]),
      () => "ClusterIP" as const,
    ),
    selector: withDefault(dictionary(text()), noLabels),
    ports: withDefault(list(servicePort), () => []),
    clusterIP: optional(text()),
    clusterIPs: withDefault(list(text()), () => []),
    ipFamilies: withDefault(list(oneOf(["IPv4", "IPv6"])), () => []),
    ipFamilyPolicy: optional(oneOf(["SingleStack", "PreferDualStack", "RequireDualStack"])),
    externalName: optional(text()),
    internalTrafficPolicy: withDefault(oneOf(["Cluster", "Local"]), () => "Cluster" as const),
    trafficDistribution: optional(oneOf(["PreferClose", "PreferSameZone", "PreferSameNode"])),
    publishNotReadyAddresses: withDefault(flag, () => false),
    healthCheckNodePort: optional(integer({ min: 0, max: 65_535 })),
  },
  {
    ignored: [
      "allocateLoadBalancerNodePorts",
      "externalIPs",
      "externalTrafficPolicy",
      "loadBalancerClass",
      "loadBalancerIP",
      "loadBalancerSourceRanges",
      "sessionAffinity",
      "sessionAffinityConfig",
    ],
  },
);

const spec: Schema<Service["spec"]> = (value, path, report) => {
  const read = specFields(value, path, report);
  if (read === undefined) return undefined;
  const { clusterIP, healthCheckNodePort: _, ...rest } = read;
  const explicit = rest.clusterIPs.length > 0 ? rest.clusterIPs : clusterIP === undefined ? [] : [clusterIP];
  if (rest.type === "ExternalName" && (rest.externalName ?? "") === "") {
    return report.add(
      "AMB0005",
      path,
      'a service of type ExternalName needs "externalName"',
      "add spec.externalName",
    );
  }
  const names = rest.ports.map((entry) => entry.name);
  if (rest.ports.length > 1 && names.includes("")) {
    return report.add(
      "AMB0005",
      path,
      "a service with several ports needs a name for each",
      "add spec.ports[].name",
    );
  }
  if (new Set(names).size < names.length) {
    return report.add("AMB0007", path, "two ports of the service have the same name", "rename one of them");
  }
  return { ...rest, clusterIPs: explicit.filter((address) => address !== "") };
};

export const serviceDefinition: Definition<Service> = {
  kind: "Service",
  apiVersions: ["v1"],
  namespaced: true,
  strict: false,
  body: record({ spec: required(spec) }, { ignored: ["status"] }),
};

/** True when the service has no virtual address: its names resolve to the workloads themselves. */
export function isHeadless(service: Service): boolean {
  return service.spec.clusterIPs[0] === "None";
}
