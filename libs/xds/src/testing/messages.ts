import { envoy } from "@ambit/contract/gen/ambit.js";
import type { DeltaRequest, DeltaRequestProperties } from "@ambit/contract/grpc-services.ts";

const { DeltaDiscoveryRequest } = envoy.service.discovery.v3;

/** A request as it is read from the wire. */
export function deltaRequest(properties: DeltaRequestProperties): DeltaRequest {
  return DeltaDiscoveryRequest.decode(DeltaDiscoveryRequest.encode(properties).finish());
}
