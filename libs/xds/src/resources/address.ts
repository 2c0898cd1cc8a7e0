import { istio } from "@ambit/contract/gen/ambit.js";
import type { Service } from "@ambit/model/service.ts";
import type { Workload } from "@ambit/model/workload.ts";
import { decoding, Rejection, type Decoded } from "./decoded.ts";
import { decodeService, encodeService } from "./service.ts";
import { decodeWorkload, encodeWorkload } from "./workload.ts";

/** One resource of the workload stream. */
export type MeshAddress =
  | { readonly kind: "workload"; readonly workload: Workload }
  | { readonly kind: "service"; readonly service: Service };

/** Decodes one `istio.workload.Address`. */
export function decodeAddress(bytes: Uint8Array): Decoded<MeshAddress> {
  return decoding(() => {
    const wire = istio.workload.Address.decode(bytes);
    if (wire.workload !== null && wire.workload !== undefined) {
      return { kind: "workload", workload: decodeWorkload(wire.workload) };
    }
    if (wire.service !== null && wire.service !== undefined) {
      return { kind: "service", service: decodeService(wire.service) };
    }
    throw new Rejection("neither a workload nor a service");
  });
}

/** The bytes of one `istio.workload.Address`. */
export function encodeAddress(address: MeshAddress): Uint8Array {
  return istio.workload.Address.encode(
    address.kind === "workload"
      ? { workload: encodeWorkload(address.workload) }
      : { service: encodeService(address.service) },
  ).finish();
}
