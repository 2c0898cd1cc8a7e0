import { PORTS } from "@ambit/contract/ports.ts";

/** Ports on which the proxy itself listens in a pod. */
export const OWN_PORTS: ReadonlySet<number> = new Set([
  PORTS.ztunnelOutbound,
  PORTS.ztunnelInboundPlaintext,
  PORTS.hbone,
]);

/** True for 127.0.0.0/8 and ::1 in canonical text. */
export function isLoopback(ip: string): boolean {
  return ip === "::1" || ip.startsWith("127.");
}
