import { authorizationPolicyDefinition, type AuthorizationPolicy } from "./authorization-policy.ts";
import type { Definition } from "./definition.ts";
import { deploymentDefinition, type Deployment } from "./deployment.ts";
import { endpointSliceDefinition, type EndpointSlice } from "./endpoint-slice.ts";
import { namespaceDefinition, type Namespace } from "./namespace.ts";
import { nodeDefinition, type Node } from "./node.ts";
import { peerAuthenticationDefinition, type PeerAuthentication } from "./peer-authentication.ts";
import { podDefinition, type Pod } from "./pod.ts";
import { serviceAccountDefinition, type ServiceAccount } from "./service-account.ts";
import { serviceEntryDefinition, type ServiceEntry } from "./service-entry.ts";
import { serviceDefinition, type Service } from "./service.ts";
import { statefulSetDefinition, type StatefulSet } from "./stateful-set.ts";
import { workloadEntryDefinition, type WorkloadEntry } from "./workload-entry.ts";

/** Every kind the mesh reads, by name. */
export interface KindMap {
  readonly AuthorizationPolicy: AuthorizationPolicy;
  readonly Deployment: Deployment;
  readonly EndpointSlice: EndpointSlice;
  readonly Namespace: Namespace;
  readonly Node: Node;
  readonly PeerAuthentication: PeerAuthentication;
  readonly Pod: Pod;
  readonly Service: Service;
  readonly ServiceAccount: ServiceAccount;
  readonly ServiceEntry: ServiceEntry;
  readonly StatefulSet: StatefulSet;
  readonly WorkloadEntry: WorkloadEntry;
}

export type Kind = keyof KindMap;

/** Any resource the mesh reads; `kind` tells which. */
export type KubeObject = KindMap[Kind];

type AnyDefinition = { [K in Kind]: Definition<KindMap[K]> }[Kind];

const DEFINITIONS: ReadonlyMap<string, AnyDefinition> = new Map<string, AnyDefinition>(
  [
    authorizationPolicyDefinition,
    deploymentDefinition,
    endpointSliceDefinition,
    namespaceDefinition,
    nodeDefinition,
    peerAuthenticationDefinition,
    podDefinition,
    serviceDefinition,
    serviceAccountDefinition,
    serviceEntryDefinition,
    statefulSetDefinition,
    workloadEntryDefinition,
  ].map((definition: AnyDefinition) => [definition.kind, definition]),
);

/** The definition of a kind of an API group the mesh knows; undefined for every other. */
export function findDefinition(kind: string, apiVersion: string): AnyDefinition | undefined {
  const definition = DEFINITIONS.get(kind);
  return definition !== undefined && sameGroup(definition.apiVersions, apiVersion) ? definition : undefined;
}

// Other groups reuse kind names (Knative's Service, for one); those are unknown kinds, not faulty ones.
function sameGroup(known: readonly string[], apiVersion: string): boolean {
  const group = groupOf(apiVersion);
  return known.some((version) => groupOf(version) === group);
}

function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf("/");
  return slash < 0 ? "" : apiVersion.slice(0, slash);
}

/** `Kind/namespace/name`, the key of a resource everywhere in the control plane. */
export function resourceKey(resource: {
  readonly kind: string;
  readonly metadata: { readonly namespace: string; readonly name: string };
}): string {
  return `${resource.kind}/${resource.metadata.namespace}/${resource.metadata.name}`;
}
