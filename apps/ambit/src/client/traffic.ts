import type { PodRow } from "@ambit/contract/admin-api.ts";

/** Who talked to whom, as the proxies' access logs tell it. */
export interface TrafficEdge {
  readonly source: string;
  readonly destination: string;
  readonly destinationOwner: string;
  readonly connections: number;
  readonly mutualTls: number;
  readonly failed: number;
  /** Names of the pods that answered. */
  readonly replicas: readonly string[];
  /** Nodes the bytes went between. */
  readonly nodes: readonly (readonly [string, string])[];
}

export interface Traffic {
  readonly edges: readonly TrafficEdge[];
  readonly perSecond: number;
  /** Share of connections with a verified identity at both ends, 0 to 1. */
  readonly mutualTlsShare: number;
  readonly successShare: number;
}

interface Edge {
  source: string;
  destination: string;
  destinationOwner: string;
  connections: number;
  mutualTls: number;
  failed: number;
  replicas: Set<string>;
  nodes: Map<string, readonly [string, string]>;
}

/** Only lines this young count, so that the start-up does not colour the picture. */
const WINDOW_MS = 10_000;

/** Reads outbound lines of access logs (text form); lines of another shape are passed over. */
export function readTraffic(logs: readonly string[], pods: readonly PodRow[], now: number): Traffic {
  const byName = new Map(pods.map((pod) => [`${pod.namespace}/${pod.name}`, pod]));
  const edges = new Map<string, Edge>();
  let connections = 0;
  let mutualTls = 0;
  let failed = 0;
  for (const log of logs) {
    for (const line of log.split("\n")) {
      const fields = outboundFields(line, now);
      if (fields === undefined) continue;
      const edge = edgeFor(edges, fields, byName);
      const isMutual = fields.has("src.identity") && fields.has("dst.identity");
      const isFailed = fields.has("error");
      connections++;
      edge.connections++;
      if (isMutual) {
        mutualTls++;
        edge.mutualTls++;
      }
      if (isFailed) {
        failed++;
        edge.failed++;
      } else edge.replicas.add(fields.get("dst.workload") ?? "");
    }
  }
  return {
    edges: [...edges.values()].map((edge) => ({
      ...edge,
      replicas: [...edge.replicas].toSorted(),
      nodes: [...edge.nodes.values()],
    })),
    perSecond: connections / (WINDOW_MS / 1000),
    mutualTlsShare: connections === 0 ? 0 : mutualTls / connections,
    successShare: connections === 0 ? 0 : (connections - failed) / connections,
  };
}

function outboundFields(line: string, now: number): Map<string, string> | undefined {
  if (!line.includes("\taccess\t") || !line.includes('direction="outbound"')) return undefined;
  const [time = "", , , , rest = ""] = line.split("\t");
  if (now - Date.parse(time) > WINDOW_MS) return undefined;
  const fields = new Map<string, string>();
  for (const match of rest.matchAll(/([a-z_.]+)=(?:"((?:[^"\\]|\\.)*)"|(\S+))/g)) {
    fields.set(match[1] ?? "", match[2] ?? match[3] ?? "");
  }
  return fields.has("dst.workload") || fields.has("dst.service") ? fields : undefined;
}

function edgeFor(edges: Map<string, Edge>, fields: Map<string, string>, pods: Map<string, PodRow>): Edge {
  const sourcePod = pods.get(`${fields.get("src.namespace")}/${fields.get("src.workload")}`);
  const targetPod = pods.get(`${fields.get("dst.namespace")}/${fields.get("dst.workload")}`);
  const source = sourcePod?.owner ?? fields.get("src.workload") ?? "unknown";
  const destinationOwner = targetPod?.owner ?? fields.get("dst.workload") ?? "";
  const destination = fields.get("dst.service")?.split(".")[0] ?? destinationOwner;
  const key = `${source} ${destination}`;
  let edge = edges.get(key);
  if (edge === undefined) {
    edge = {
      source,
      destination,
      destinationOwner,
      connections: 0,
      mutualTls: 0,
      failed: 0,
      replicas: new Set(),
      nodes: new Map(),
    };
    edges.set(key, edge);
  }
  if (destinationOwner !== "") edge.destinationOwner = destinationOwner;
  if (sourcePod !== undefined && targetPod !== undefined) {
    edge.nodes.set(`${sourcePod.node} ${targetPod.node}`, [sourcePod.node, targetPod.node]);
  }
  return edge;
}
