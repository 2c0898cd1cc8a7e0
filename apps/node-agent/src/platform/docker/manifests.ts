import { ANNOTATIONS, LABELS } from "@ambit/contract/labels.ts";
import type { EarlySend } from "@ambit/contract/admin-api.ts";
import type { Redirection } from "../platform.ts";
import type { ContainerPod, NamedPort } from "./container-pod.ts";
import { DOCKER_LABELS } from "./docker-labels.ts";
import { formatEarlySend } from "./early-send.ts";

type Manifest = Record<string, unknown>;

/** What a Pod object says beside who it is. */
export interface PodState {
  readonly node: string;
  readonly hostIp: string;
  readonly image: string;
  /** ISO time. */
  readonly startedAt: string;
  readonly ready: boolean;
  readonly redirection: Redirection;
  readonly early?: EarlySend | undefined;
}

/** The Pod object of a running container, as a cluster's API server would show it. */
export function podManifest(pod: ContainerPod, state: PodState): Manifest {
  const { [ANNOTATIONS.redirection]: _, [ANNOTATIONS.earlySend]: __, ...annotations } = pod.annotations;
  const condition = (type: string, holds: boolean): Manifest => ({ type, status: holds ? "True" : "False" });
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: pod.name,
      namespace: pod.namespace,
      uid: pod.uid,
      creationTimestamp: state.startedAt,
      labels: { ...pod.labels },
      annotations: {
        ...annotations,
        ...(state.redirection === "" ? {} : { [ANNOTATIONS.redirection]: state.redirection }),
        ...(state.early === undefined ? {} : { [ANNOTATIONS.earlySend]: formatEarlySend(state.early) }),
      },
      ownerReferences: [
        {
          apiVersion: "compose-spec.io/v1",
          kind: "Service",
          name: pod.owner,
          uid: `${pod.namespace}-${pod.owner}`,
          controller: true,
        },
      ],
    },
    spec: {
      nodeName: state.node,
      serviceAccountName: pod.serviceAccount,
      containers: [{ name: pod.owner, image: state.image }],
    },
    status: {
      phase: "Running",
      conditions: [condition("Ready", state.ready), condition("ContainersReady", state.ready)],
      hostIP: state.hostIp,
      ...(pod.ips[0] === undefined ? {} : { podIP: pod.ips[0], podIPs: pod.ips.map((ip) => ({ ip })) }),
    },
  };
}

/**
 * The Service of the containers of one compose service. Without a known port it has no virtual address: its name then
 * leads to the containers themselves, whatever they will listen on.
 */
export function serviceManifest(namespace: string, name: string, ports: readonly NamedPort[]): Manifest {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace, labels: { [LABELS.app]: name } },
    spec: {
      selector: { [DOCKER_LABELS.service]: name },
      ...(ports.length === 0 ? { clusterIP: "None" } : {}),
      ports: ports.map(({ protocol, port }) => ({
        name: `${protocol}-${port}`,
        port,
        targetPort: port,
        protocol: "TCP",
      })),
    },
  };
}

/** The account of containers' identities. */
export function serviceAccountManifest(namespace: string, name: string): Manifest {
  return { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace } };
}

/** A namespace without labels: containers join the mesh by labels of their own. */
export function namespaceManifest(name: string): Manifest {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name } };
}

/** The engine's host as a node. */
export function nodeManifest(name: string, hostIp: string): Manifest {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      labels: {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        [LABELS.region]: "local",
        [LABELS.zone]: `local-${name}`,
      },
    },
    spec: {},
    status: {
      addresses: [
        { type: "InternalIP", address: hostIp },
        { type: "Hostname", address: name },
      ],
      conditions: [{ type: "Ready", status: "True" }],
    },
  };
}
