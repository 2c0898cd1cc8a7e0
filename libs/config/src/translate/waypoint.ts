import { LABELS } from "@ambit/contract/labels.ts";
import { PORTS } from "@ambit/contract/ports.ts";
import type { Service } from "@ambit/kube/resources/service.ts";
import type { GatewayAddress } from "@ambit/model/workload.ts";
import { serviceHostname } from "./service.ts";

type Labels = Readonly<Record<string, string>>;

/** Key `namespace/name` of the waypoint an object asks for: its own label beats the namespace's, `none` opts out. */
export function waypointWish(own: Labels, ofNamespace: Labels, namespace: string): string | undefined {
  const labels = own[LABELS.useWaypoint] === undefined ? ofNamespace : own;
  const name = labels[LABELS.useWaypoint];
  if (name === undefined || name === "none" || name === "") return undefined;
  return `${labels[LABELS.useWaypointNamespace] ?? namespace}/${name}`;
}

/** A proxy that traffic can be sent through. */
export interface Waypoint {
  readonly address: GatewayAddress;
  /** Traffic addressed to services, to workloads, or both. */
  readonly forServices: boolean;
  readonly forWorkloads: boolean;
}

/** A service that takes HBONE can be a waypoint; what it is for is said by its label, services by default. */
export function readWaypoint(service: Service, clusterDomain: string): Waypoint | undefined {
  if (!service.spec.ports.some((port) => port.port === PORTS.hbone)) return undefined;
  const { namespace, name, labels } = service.metadata;
  const traffic = labels[LABELS.waypointFor] ?? "service";
  return {
    address: {
      kind: "hostname",
      namespace,
      hostname: serviceHostname(namespace, name, clusterDomain),
      hbonePort: PORTS.hbone,
    },
    forServices: traffic === "service" || traffic === "all",
    forWorkloads: traffic === "workload" || traffic === "all",
  };
}

/** True for the pods and services of gateways and waypoints, which never get one themselves. */
export function isGatewayObject(labels: Labels): boolean {
  return labels[LABELS.gatewayName] !== undefined;
}
