/** Type URLs of the resources on the discovery stream. */
export const TYPE_URLS = {
  address: "type.googleapis.com/istio.workload.Address",
  workload: "type.googleapis.com/istio.workload.Workload",
  authorization: "type.googleapis.com/istio.security.Authorization",
} as const;

export type TypeUrl = (typeof TYPE_URLS)[keyof typeof TYPE_URLS];
