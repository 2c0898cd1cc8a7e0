import type { AppProtocol } from "@ambit/model/workload.ts";

const BY_WORD: Readonly<Record<string, AppProtocol>> = {
  http: "HTTP11",
  http2: "HTTP2",
  grpc: "GRPC",
  "grpc-web": "GRPC",
  tcp: "TCP",
  tls: "TLS",
  https: "TLS",
  hbone: "TCP",
  mongo: "TCP",
  mysql: "TCP",
  redis: "TCP",
  "kubernetes.io/h2c": "HTTP2",
  "kubernetes.io/ws": "HTTP11",
  "kubernetes.io/wss": "TLS",
};

/** The protocol of a port: `appProtocol` first, else the part of the name before its first dash. */
export function appProtocolOf(appProtocol: string | undefined, name: string): AppProtocol {
  const explicit = appProtocol === undefined ? undefined : BY_WORD[appProtocol.toLowerCase()];
  if (explicit !== undefined) return explicit;
  const lower = name.toLowerCase();
  if (lower === "grpc-web" || lower.startsWith("grpc-web-")) return "GRPC";
  return BY_WORD[lower.split("-", 1)[0] ?? ""] ?? "UNKNOWN";
}
