import type { FastifyInstance } from "fastify";
import { AmbitError } from "@ambit/base/errors.ts";
import type { DiscoveryStatus, ProxyRow, WhoisAnswer } from "@ambit/contract/admin-api.ts";
import { toReport } from "@ambit/config/analyze/report.ts";
import type { Mesh } from "@ambit/config/mesh.ts";
import { formatSpiffeId } from "@ambit/model/spiffe-id.ts";
import type { StreamReport } from "@ambit/xds/server/stream.ts";
import { shortTypeName } from "../discovery-metrics.ts";
import type { Reporter } from "../reporter.ts";
import { explainConnection } from "./explain.ts";
import { find } from "./find.ts";

export interface AdminView {
  readonly mesh: Mesh;
  readonly reporter: Pick<Reporter, "diagnostics" | "statuses">;
  readonly connections: () => readonly StreamReport[];
}

const DUMP_TYPES = ["workloads", "services", "policies"] as const;

/** Routes of discovery's admin server; the answers' forms are in libs/contract/admin-api.ts. */
export function adminRoutes(view: AdminView): (server: FastifyInstance) => void {
  const { mesh, reporter } = view;
  return (server) => {
    server.get("/status", (): DiscoveryStatus => ({
      resources: reporter.statuses.map(({ resource, conditions }) => ({ ...resource, conditions })),
      diagnostics: reporter.diagnostics.map(toReport),
    }));
    server.get("/diagnostics", () => reporter.diagnostics.map(toReport));
    server.get("/proxies", () => view.connections().map(proxyRow));
    server.get("/whois", (request) => {
      const query = request.query as Readonly<Record<string, string | undefined>>;
      return whois(mesh, query["q"] ?? query["ip"] ?? "");
    });
    server.get("/dump", async (request, reply) => {
      const { type } = request.query as Readonly<Record<string, string | undefined>>;
      const wanted = DUMP_TYPES.find((name) => name === type);
      if (wanted === undefined)
        return reply.code(400).send({ error: `type is one of ${DUMP_TYPES.join(", ")}` });
      return reply.send(dump(mesh, wanted));
    });
    server.post("/explain", async (request, reply) => {
      const question = readQuestion(request.body);
      if (question === undefined) return reply.code(400).send({ error: "the body needs from, to and port" });
      try {
        return await reply.send(explainConnection(mesh, question));
      } catch (thrown) {
        if (!(thrown instanceof AmbitError)) throw thrown;
        return reply.code(404).send({ error: thrown.message, hint: thrown.hint });
      }
    });
  };
}

function proxyRow(stream: StreamReport): ProxyRow {
  return {
    name: stream.id,
    cluster: stream.cluster,
    // Proxies do not say it on the stream yet.
    version: "-",
    types: stream.types.map((type) => ({
      name: shortTypeName(type.typeUrl),
      state: streamState(type),
      ...(type.lastNack === "" ? {} : { nack: type.lastNack }),
    })),
  };
}

function streamState(type: StreamReport["types"][number]): string {
  if (type.lastNack !== "" && type.ackedNonce !== type.sentNonce) return "NACKED";
  if (type.pending > 0) return "STALE";
  return type.sentNonce === type.ackedNonce ? "SYNCED" : "SENT";
}

function whois(mesh: Mesh, text: string): readonly WhoisAnswer[] {
  if (text === "") return [];
  const { services, workloads } = find(mesh, text);
  const servers = services.map((service): WhoisAnswer => ({
    kind: "service",
    name: service.name,
    namespace: service.namespace,
    addresses: service.addresses.map(({ ip, length }) => (length === undefined ? ip : `${ip}/${length}`)),
    services: [service.hostname],
  }));
  const members = workloads.map((workload): WhoisAnswer => ({
    kind: "workload",
    name: workload.name,
    namespace: workload.namespace,
    identity: formatSpiffeId(workload),
    node: workload.node,
    addresses: workload.addresses,
    protocol: workload.tunnelProtocol === "HBONE" ? "HBONE" : "TCP",
    services: [...workload.services.keys()].map((key) => key.slice(key.indexOf("/") + 1)),
    policies: mesh.policySet(workload).policies.map((policy) => `${policy.namespace}/${policy.name}`),
  }));
  return [...servers, ...members];
}

function dump(mesh: Mesh, type: (typeof DUMP_TYPES)[number]): readonly unknown[] {
  switch (type) {
    case "workloads":
      return [...mesh.workloads.all()].map((workload) => ({
        ...workload,
        services: Object.fromEntries(workload.services),
      }));
    case "services":
      return [...mesh.services.services.values()].map((offered) => offered.service);
    case "policies":
      return [...mesh.policies.all()];
  }
}

function readQuestion(body: unknown): { from: string; to: string; port: number } | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  const { from, to, port } = body as Readonly<Record<string, unknown>>;
  if (typeof from !== "string" || typeof to !== "string" || typeof port !== "number") return undefined;
  return Number.isInteger(port) && port >= 1 && port <= 65_535 ? { from, to, port } : undefined;
}
