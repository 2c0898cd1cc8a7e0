import type { envoy, google } from "@ambit/contract/gen/ambit.js";
import { formatNodeId } from "@ambit/xds/node-id.ts";
import type { Settings } from "../settings.ts";

type WireNode = envoy.service.discovery.v3.Node.$Properties;
type WireValue = google.protobuf.Value.$Properties;

/** The node message of both initial requests (ambient.md 2.3). */
export function wireNode(node: Settings["node"]): WireNode {
  const namespace = node.podNamespace;
  const fields: Record<string, WireValue> = {
    NAME: text(node.podName),
    NAMESPACE: text(namespace),
    SERVICE_ACCOUNT: text(node.serviceAccount),
    INSTANCE_IPS: text(node.instanceIp),
    NODE_NAME: text(node.name),
  };
  for (const [name, value] of node.metadata) fields[name] = toValue(value);
  return {
    id: formatNodeId({
      type: "ztunnel",
      ip: node.instanceIp,
      name: node.podName,
      namespace,
      domain: `${namespace}.svc.cluster.local`,
    }),
    metadata: { fields },
  };
}

function text(value: string): WireValue {
  return { stringValue: value };
}

function toValue(value: unknown): WireValue {
  if (typeof value === "string") return text(value);
  if (typeof value === "number") return { numberValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  if (Array.isArray(value)) return { listValue: { values: value.map(toValue) } };
  if (typeof value === "object" && value !== null) {
    const fields: Record<string, WireValue> = {};
    for (const [name, member] of Object.entries(value)) fields[name] = toValue(member);
    return { structValue: { fields } };
  }
  return { nullValue: 0 };
}
