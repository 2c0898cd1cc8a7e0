import { envoy } from "@ambit/contract/gen/ambit.js";
import type {
  DeltaRequest,
  DeltaRequestProperties,
  DeltaResponse,
  DeltaResponseProperties,
} from "@ambit/contract/grpc-services.ts";

const { DeltaDiscoveryRequest, DeltaDiscoveryResponse } = envoy.service.discovery.v3;

/** A request as it is read from the wire. */
export function deltaRequest(properties: DeltaRequestProperties): DeltaRequest {
  return DeltaDiscoveryRequest.decode(DeltaDiscoveryRequest.encode(properties).finish());
}

/** A response as it is read from the wire. */
function deltaResponse(properties: DeltaResponseProperties): DeltaResponse {
  return DeltaDiscoveryResponse.decode(DeltaDiscoveryResponse.encode(properties).finish());
}
