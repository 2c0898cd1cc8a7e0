import type { Workload } from "@ambit/model/workload.ts";
import type { ConnectionFacts, DerivedSource, ResponseFlag } from "./connection-facts.ts";

/** Label names of Istio's TCP metrics, in their order (ambient.md 9.1). */
export const TRAFFIC_LABELS = [
  "reporter",
  "source_workload",
  "source_canonical_service",
  "source_canonical_revision",
  "source_workload_namespace",
  "source_principal",
  "source_app",
  "source_version",
  "source_cluster",
  "destination_service",
  "destination_service_namespace",
  "destination_service_name",
  "destination_workload",
  "destination_canonical_service",
  "destination_canonical_revision",
  "destination_workload_namespace",
  "destination_principal",
  "destination_app",
  "destination_version",
  "destination_cluster",
  "request_protocol",
  "response_flags",
  "connection_security_policy",
  "source_region",
  "source_zone",
  "destination_region",
  "destination_zone",
] as const;

/** The values for one connection, in the order of TRAFFIC_LABELS; what is not known is `unknown`. */
export function trafficLabels(facts: ConnectionFacts, flag: ResponseFlag): string[] {
  const { direction, service } = facts;
  const source = facts.source === undefined ? facts.derivedSource : partsOf(facts.source);
  const destination = facts.destination === undefined ? undefined : partsOf(facts.destination);
  const isMutual = facts.sourceIdentity !== undefined && facts.destinationIdentity !== undefined;
  return [
    direction === "outbound" ? "source" : "destination",
    ...workloadLabels(source, facts.sourceIdentity),
    orUnknown(service?.hostname),
    orUnknown(service?.namespace),
    orUnknown(service?.name),
    ...workloadLabels(destination, facts.destinationIdentity),
    "tcp",
    flag,
    isMutual ? "mutual_tls" : "unknown",
    orUnknown(source?.region),
    orUnknown(source?.zone),
    orUnknown(destination?.region),
    orUnknown(destination?.zone),
  ];
}

function partsOf(workload: Workload): DerivedSource {
  return {
    workloadName: workload.workloadName,
    namespace: workload.namespace,
    canonicalName: workload.canonicalName,
    canonicalRevision: workload.canonicalRevision,
    clusterId: workload.clusterId,
    region: workload.locality.region,
    zone: workload.locality.zone,
  };
}

function workloadLabels(parts: DerivedSource | undefined, principal: string | undefined): string[] {
  const name = orUnknown(parts?.canonicalName);
  // Istio answers "latest" for a revision nobody set.
  const revision = parts === undefined ? "unknown" : parts.canonicalRevision || "latest";
  return [
    orUnknown(parts?.workloadName),
    name,
    revision,
    orUnknown(parts?.namespace),
    orUnknown(principal),
    name,
    revision,
    orUnknown(parts?.clusterId),
  ];
}

function orUnknown(text: string | undefined): string {
  return text === undefined || text === "" ? "unknown" : text;
}
