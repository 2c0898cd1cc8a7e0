import { istio } from "@ambit/contract/gen/ambit.js";
import type { PodIdentity } from "@ambit/store/local-workload.ts";

const zds = istio.workload.zds;

/** What the node agent asks for (ambient.md 1.4). */
export type ZdsRequest =
  | { readonly kind: "add"; readonly uid: string; readonly identity: PodIdentity }
  | { readonly kind: "keep"; readonly uid: string }
  | { readonly kind: "del"; readonly uid: string }
  | { readonly kind: "snapshot-sent" };

/** The first packet of a connection. */
export function encodeHello(): Uint8Array {
  return zds.ZdsHello.encode({ version: zds.Version.V1 }).finish();
}

/** The answer to one request; empty means that it went well. Cut to what a packet holds, and never within a character. */
export function encodeAck(error: string): Uint8Array {
  return zds.WorkloadResponse.encode({ ack: { error: error.slice(0, 400).toWellFormed() } }).finish();
}

/** Reads one request; a text that says what is wrong with it when it is none. */
export function decodeRequest(bytes: Uint8Array): ZdsRequest | string {
  let wire: istio.workload.zds.WorkloadRequest;
  try {
    wire = zds.WorkloadRequest.decode(bytes);
  } catch {
    return "the packet is no WorkloadRequest";
  }
  if (wire.add !== null && wire.add !== undefined) {
    const { uid, workloadInfo } = wire.add;
    if (workloadInfo === null || workloadInfo === undefined) return "Add without workload_info";
    if (uid === null || uid === undefined || uid === "") return "Add without uid";
    const { name, namespace, serviceAccount } = workloadInfo;
    return {
      kind: "add",
      uid,
      identity: { name: name ?? "", namespace: namespace ?? "", serviceAccount: serviceAccount ?? "" },
    };
  }
  if (wire.keep !== null && wire.keep !== undefined) return { kind: "keep", uid: wire.keep.uid ?? "" };
  if (wire.del !== null && wire.del !== undefined) return { kind: "del", uid: wire.del.uid ?? "" };
  if (wire.snapshotSent !== null && wire.snapshotSent !== undefined) return { kind: "snapshot-sent" };
  return "a request without payload";
}
