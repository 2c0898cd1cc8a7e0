import type { envoy } from "@ambit/contract/gen/ambit.js";
import { parseIp } from "@ambit/base/ip.ts";

type WireNode = envoy.service.discovery.v3.Node.$Properties;

/** The parts of a proxy's node id: `type~ip~name.namespace~domain`. */
export interface NodeId {
  readonly type: string;
  readonly ip: string;
  readonly name: string;
  readonly namespace: string;
  readonly domain: string;
}

/** Undefined unless there are four parts, the ip is one and the name carries its namespace. */
export function parseNodeId(text: string): NodeId | undefined {
  const parts = text.split("~");
  if (parts.length !== 4) return undefined;
  const [type = "", ip = "", fullName = "", domain = ""] = parts;
  const dot = fullName.lastIndexOf(".");
  if (parseIp(ip) === undefined || dot <= 0 || dot === fullName.length - 1) return undefined;
  return { type, ip, name: fullName.slice(0, dot), namespace: fullName.slice(dot + 1), domain };
}

export function formatNodeId(id: NodeId): string {
  return `${id.type}~${id.ip}~${id.name}.${id.namespace}~${id.domain}`;
}

/** The string values of a node's metadata. */
export function stringMetadata(node: WireNode): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const [key, value] of Object.entries(node.metadata?.fields ?? {})) {
    if (typeof value.stringValue === "string") values.set(key, value.stringValue);
  }
  return values;
}
