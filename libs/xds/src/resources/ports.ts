import type { istio } from "@ambit/contract/gen/ambit.js";
import type { AppProtocol, PortMapping } from "@ambit/model/workload.ts";
import { enumName } from "./decoded.ts";

const APP_PROTOCOLS: readonly AppProtocol[] = ["UNKNOWN", "HTTP11", "HTTP2", "GRPC", "TCP", "TLS"];

type Wire = istio.workload.Port.$Properties;

export function decodePort(wire: Wire): PortMapping {
  return {
    servicePort: wire.servicePort ?? 0,
    targetPort: wire.targetPort ?? 0,
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
