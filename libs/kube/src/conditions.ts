/** A status condition as Kubernetes has them. */
export interface Condition {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  /** One word in CamelCase for programs. */
  readonly reason: string;
  /** A sentence for people. */
  readonly message: string;
  /** RFC 3339; when `status` last changed. */
  readonly lastTransitionTime: string;
  readonly observedGeneration?: number;
}

/** A condition before it is known since when it holds. */
export type ConditionDraft = Omit<Condition, "lastTransitionTime">;

/** Condition types the mesh writes; Istio's names where Istio has one. */
export const CONDITIONS = {
  /** Anything the mesh reads: whether it was understood. */
  accepted: "ambit.dev/Accepted",
  ztunnelAccepted: "ZtunnelAccepted",
  waypointAccepted: "WaypointAccepted",
  waypointBound: "istio.io/WaypointBound",
  /** A policy: whether it concerns any workload. */
  attached: "ambit.dev/Attached",
} as const;

/** Adds transition times: kept from `before` where the status is the same, `nowMs` where it is not. */
export function stampConditions(
  drafts: readonly ConditionDraft[],
  before: readonly Condition[],
  nowMs: number,
): Condition[] {
  const now = new Date(nowMs).toISOString();
  return drafts.map((draft) => {
    const old = before.find((condition) => condition.type === draft.type);
    const lastTransitionTime = old?.status === draft.status ? old.lastTransitionTime : now;
    return { ...draft, lastTransitionTime };
  });
}
