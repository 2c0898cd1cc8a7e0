import type { Policy } from "@ambit/model/policy.ts";
import { EMPTY_MATCH } from "@ambit/model/policy.ts";
import type { Service } from "@ambit/model/service.ts";
import type { Workload } from "@ambit/model/workload.ts";
import type { PodSpec } from "./topology.ts";

/** The service that the scenario's server stands behind. */
export const SERVICE_IP = "10.96.0.7";
export const SERVICE_PORT = 80;
export const SERVER_PORT = 8080;
export const SERVICE_HOST = "server.default.svc.cluster.local";

/** A captured pod as discovery would describe it; its service account is its name. */
export function workloadOf(pod: PodSpec, behind: boolean): Workload {
  return {
    uid: `Kubernetes//Pod/default/${pod.name}`,
    name: pod.name,
    namespace: "default",
    addresses: [pod.ip],
    hostname: "",
    network: "",
    tunnelProtocol: pod.captured ? "HBONE" : "NONE",
    trustDomain: "cluster.local",
    serviceAccount: pod.name,
    waypoint: undefined,
    networkGateway: undefined,
    node: pod.node.name,
    canonicalName: pod.name,
    canonicalRevision: "v1",
    workloadType: "pod",
    workloadName: pod.name,
    nativeTunnel: false,
    applicationTunnel: undefined,
    services: behind
      ? new Map([
          [
            `default/${SERVICE_HOST}`,
            [{ servicePort: SERVICE_PORT, targetPort: SERVER_PORT, appProtocol: "UNKNOWN" }],
          ],
        ])
      : new Map(),
    authorizationPolicies: [],
    status: "HEALTHY",
    clusterId: "Kubernetes",
    locality: { region: "", zone: "", subzone: "" },
    hostNetwork: false,
    capacity: 1,
  };
}

export const SERVICE: Service = {
  name: "server",
  namespace: "default",
  hostname: SERVICE_HOST,
  addresses: [{ network: "", ip: SERVICE_IP, length: undefined }],
  ports: [{ servicePort: SERVICE_PORT, targetPort: SERVER_PORT, appProtocol: "UNKNOWN" }],
  subjectAltNames: [],
  waypoint: undefined,
  weightedWaypoints: [],
  loadBalancing: undefined,
  ipFamilies: "AUTOMATIC",
  canonical: true,
  ingressUseWaypoint: false,
  visibility: "PUBLIC",
};

/** Denies one service account everything in the namespace. */
export function denyAccount(account: string): Policy {
  return {
    name: `no-${account}`,
    namespace: "default",
    scope: "NAMESPACE",
    action: "DENY",
    groups: [
      [
        [
          {
            ...EMPTY_MATCH,
            principals: [{ kind: "exact", value: `cluster.local/ns/default/sa/${account}` }],
          },
        ],
      ],
    ],
    dryRun: false,
  };
}

/** Denies every peer without an identity. */
export const STRICT: Policy = {
  name: "strict",
  namespace: "default",
  scope: "NAMESPACE",
  action: "DENY",
  groups: [[[{ ...EMPTY_MATCH, notPrincipals: [{ kind: "presence" }] }]]],
  dryRun: false,
};
