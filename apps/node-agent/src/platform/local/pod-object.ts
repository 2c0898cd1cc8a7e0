import type { Container } from "@ambit/kube/resources/pod-spec.ts";
import { ANNOTATIONS } from "@ambit/contract/labels.ts";
import type { Redirection } from "../platform.ts";
import type { ContainerState } from "./process.ts";
import type { Workload } from "./workload.ts";

/** One container as it stands. */
export interface ContainerReport {
  readonly container: Container;
  readonly state: ContainerState;
  readonly lastExit: Extract<ContainerState, { phase: "terminated" }> | undefined;
  readonly restarts: number;
  readonly started: boolean;
  readonly ready: boolean;
}

/** A pod as it stands. */
export interface PodReport {
  readonly uid: string;
  readonly name: string;
  readonly workload: Workload;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly redirection: Redirection;
  /** Empty while no node fits. */
  readonly node: string;
  readonly hostIp: string;
  readonly ips: readonly string[];
  /** Why the pod's processes have not been started, in the kubelet's words; empty once they were. */
  readonly waiting: string;
  readonly initialized: boolean;
  readonly containers: readonly ContainerReport[];
  /** ISO times. */
  readonly createdAt: string;
  readonly deletedAt: string | undefined;
}

/** The phase by the kubelet's rules. */
export function podPhase(report: Pick<PodReport, "containers" | "initialized" | "waiting">): string {
  if (report.waiting !== "" || !report.initialized || report.containers.length === 0) return "Pending";
  const exits = report.containers.map(({ state }) =>
    state.phase === "terminated" ? state.exitCode : undefined,
  );
  if (exits.every((code) => code === 0)) return "Succeeded";
  if (exits.every((code) => code !== undefined)) return "Failed";
  return report.containers.some(({ state, lastExit }) => state.phase === "running" || lastExit !== undefined)
    ? "Running"
    : "Pending";
}

/** True when every container is ready and the pod is not on its way out. */
export function podReady(report: Pick<PodReport, "containers" | "deletedAt">): boolean {
  return (
    report.deletedAt === undefined &&
    report.containers.length > 0 &&
    report.containers.every((entry) => entry.ready && entry.state.phase === "running")
  );
}

/** The Pod object as the API server would show it. */
export function podObject(report: PodReport): Record<string, unknown> {
  const { workload, ips, redirection } = report;
  const annotations: Record<string, string> = { ...report.annotations };
  if (redirection === "") delete annotations[ANNOTATIONS.redirection];
  else annotations[ANNOTATIONS.redirection] = redirection;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: report.name,
      namespace: workload.namespace,
      uid: report.uid,
      creationTimestamp: report.createdAt,
      ...(report.deletedAt === undefined ? {} : { deletionTimestamp: report.deletedAt }),
      labels: { ...report.labels },
      annotations,
      ...ownerReferences(workload),
    },
    spec: {
      ...(report.node === "" ? {} : { nodeName: report.node }),
      serviceAccountName: workload.spec.serviceAccountName,
      ...(workload.spec.hostNetwork ? { hostNetwork: true } : {}),
      ...(workload.spec.hostname === "" ? {} : { hostname: workload.spec.hostname }),
      ...(workload.spec.subdomain === "" ? {} : { subdomain: workload.spec.subdomain }),
      containers: workload.spec.containers.map((container) => ({
        name: container.name,
        image: container.image,
        ports: container.ports.map((port) => ({
          ...(port.name === "" ? {} : { name: port.name }),
          containerPort: port.containerPort,
          protocol: port.protocol,
        })),
      })),
    },
    status: {
      phase: podPhase(report),
      conditions: conditions(report),
      ...(report.hostIp === "" ? {} : { hostIP: report.hostIp }),
      ...(ips[0] === undefined ? {} : { podIP: ips[0], podIPs: ips.map((ip) => ({ ip })) }),
      startTime: report.createdAt,
      containerStatuses: report.containers.map(containerStatus),
    },
  };
}

// A Deployment's pods belong to a ReplicaSet there; whoever derives workload names from owners expects one.
function ownerReferences(workload: Workload): Record<string, unknown> {
  if (workload.kind === "Pod") return {};
  const deployment = workload.kind === "Deployment";
  const name = deployment ? `${workload.name}-${workload.revision}` : workload.name;
  return {
    ownerReferences: [
      {
        apiVersion: "apps/v1",
        kind: deployment ? "ReplicaSet" : "StatefulSet",
        name,
        uid: `${workload.namespace}-${name}`,
        controller: true,
      },
    ],
  };
}

function conditions(report: PodReport): readonly Record<string, string>[] {
  const scheduled = report.node !== "";
  const ready = podReady(report);
  const condition = (type: string, holds: boolean, reason = ""): Record<string, string> => ({
    type,
    status: holds ? "True" : "False",
    ...(holds || reason === "" ? {} : { reason }),
  });
  return [
    condition("PodScheduled", scheduled, "Unschedulable"),
    condition("Initialized", report.initialized, "ContainersNotInitialized"),
    condition("ContainersReady", ready, "ContainersNotReady"),
    condition("Ready", ready, "ContainersNotReady"),
  ];
}

function containerStatus(report: ContainerReport): Record<string, unknown> {
  const { container, state, lastExit } = report;
  return {
    name: container.name,
    image: container.image,
    imageID: "",
    ready: report.ready,
    started: report.started,
    restartCount: report.restarts,
    state: stateObject(state),
    ...(lastExit === undefined ? {} : { lastState: stateObject(lastExit) }),
  };
}

function stateObject(state: ContainerState): Record<string, unknown> {
  switch (state.phase) {
    case "waiting":
      return {
        waiting: { reason: state.reason, ...(state.message === "" ? {} : { message: state.message }) },
      };
    case "running":
      return { running: { startedAt: new Date(state.startedAt).toISOString() } };
    case "terminated":
      return { terminated: { exitCode: state.exitCode, reason: state.reason } };
  }
}
