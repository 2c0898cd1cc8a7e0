import type { Vector } from "./vector.ts";

/** Vectors of `istio.workload.zds`: the packets of the worked example and the other ones. */
export const ZDS_VECTORS: readonly Vector[] = [
  {
    message: "istio.workload.zds.ZdsHello",
    what: "V1",
    value: { version: 1 },
    hex: ["0801"],
  },
  {
    message: "istio.workload.zds.WorkloadRequest",
    what: "add",
    value: {
      add: { uid: "7d1e", workload_info: { name: "cart-1", namespace: "shop", service_account: "cart" } },
    },
    hex: ["0a1c0a043764316512140a06636172742d31120473686f701a0463617274"],
  },
  {
    message: "istio.workload.zds.WorkloadRequest",
    what: "del: uid has number 2",
    value: { del: { uid: "7d1e" } },
    hex: ["1206120437643165"],
  },
  {
    message: "istio.workload.zds.WorkloadRequest",
    what: "snapshot sent",
    value: { snapshot_sent: {} },
    hex: ["1a00"],
  },
  {
    message: "istio.workload.zds.WorkloadRequest",
    what: "keep",
    value: { keep: { uid: "7d1e" } },
    hex: ["2a060a0437643165"],
  },
  {
    message: "istio.workload.zds.WorkloadResponse",
    what: "ack",
    value: { ack: {} },
    hex: ["0a00"],
  },
  {
    message: "istio.workload.zds.WorkloadResponse",
    what: "ack with an error",
    value: { ack: { error: "bind failed" } },
    hex: ["0a0d0a0b62696e64206661696c6564"],
  },
];
