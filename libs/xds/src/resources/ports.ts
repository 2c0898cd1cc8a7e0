import type { istio } from "@ambit/contract/gen/ambit.js";
import type { AppProtocol, PortMapping } from "@ambit/model/workload.ts";
import { decodePortNumber, enumName } from "./decoded.ts";

const APP_PROTOCOLS: readonly AppProtocol[] = ["UNKNOWN", "HTTP11", "HTTP2", "GRPC", "TCP", "TLS"];

type Wire = istio.workload.Port.$Properties;

export function decodePort(wire: Wire): PortMapping {
  return {
    servicePort: decodePortNumber(wire.servicePort, "service_port"),
    targetPort: decodePortNumber(wire.targetPort, "target_port"),
    appProtocol: enumName(APP_PROTOCOLS, wire.appProtocol, "app_protocol"),
  };
}

export function encodePort(port: PortMapping): Wire {
  return {
    servicePort: port.servicePort,
    targetPort: port.targetPort,
    appProtocol: APP_PROTOCOLS.indexOf(port.appProtocol),
  };
}
