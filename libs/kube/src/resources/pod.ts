import { ipAddress, list, text } from "../scalars.ts";
import { record, required, shared, withDefault, type Schema } from "../schema.ts";
import type { Definition, Resource } from "./definition.ts";
import { podSpec, type PodSpec } from "./pod-spec.ts";

export interface PodCondition {
  readonly type: string;
  readonly status: string;
}

export interface PodStatus {
  /** Pending, Running, Succeeded, Failed or Unknown; Pending when left out. */
  readonly phase: string;
  /** Every address of the pod, the primary one first. */
  readonly podIPs: readonly string[];
  readonly hostIP: string;
  readonly conditions: readonly PodCondition[];
}

/** v1 Pod. */
export interface Pod extends Resource<"Pod"> {
  readonly spec: PodSpec;
  readonly status: PodStatus;
}

const statusFields = record(
  {
    phase: withDefault(text(), () => "Pending"),
    podIP: withDefault(text(), () => ""),
    podIPs: withDefault(list(record({ ip: required(ipAddress) })), () => []),
    hostIP: withDefault(text(), () => ""),
    conditions: withDefault(
      shared(
        list(
          record(
            { type: required(text()), status: required(text()) },
            {
              ignored: ["reason", "message", "lastProbeTime", "lastTransitionTime", "observedGeneration"],
            },
          ),
        ),
      ),
      () => [],
    ),
  },
  {
    ignored: [
      "containerStatuses",
      "ephemeralContainerStatuses",
      "extendedResourceClaimStatus",
      "hostIPs",
      "initContainerStatuses",
      "message",
      "nominatedNodeName",
      "observedGeneration",
      "qosClass",
      "reason",
      "resize",
      "resourceClaimStatuses",
      "startTime",
    ],
  },
);

const podStatus: Schema<PodStatus> = (value, path, report) => {
  const read = statusFields(value, path, report);
  if (read === undefined) return undefined;
  const { podIP, podIPs, ...rest } = read;
  const all = podIPs.map((entry) => entry.ip);
  return { ...rest, podIPs: all.length > 0 || podIP === "" ? all : [podIP] };
};

export const podDefinition: Definition<Pod> = {
  kind: "Pod",
  apiVersions: ["v1"],
  namespaced: true,
  strict: false,
  body: record({
    spec: required(podSpec),
    status: withDefault(podStatus, () => ({ phase: "Pending", podIPs: [], hostIP: "", conditions: [] })),
  }),
};

/** True when the condition Ready says so. */
export function isPodReady(pod: Pod): boolean {
  return pod.status.conditions.some((entry) => entry.type === "Ready" && entry.status === "True");
}

/** True when the pod has ended for good. */
export function isPodFinished(pod: Pod): boolean {
  return pod.status.phase === "Succeeded" || pod.status.phase === "Failed";
}
