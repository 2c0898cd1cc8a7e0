import { seededRandom } from "@ambit/base/random.ts";
import type { Service } from "@ambit/model/service.ts";
import type { Workload } from "@ambit/model/workload.ts";
import { MeshStore } from "../mesh-store.ts";
import type { OutboundDecision } from "../outbound-decision.ts";
import { resolveOutbound } from "../outbound.ts";
import { byHostname, port, serves, service, vip, workload } from "./build.ts";

export const web = workload("web", { namespace: "web", addresses: ["10.0.0.5"] });
export const cart = workload("cart", { addresses: ["10.0.1.8"], services: serves("cart") });
export const cartService = service("cart", { addresses: [vip("10.96.0.7")], canonical: true });
export const proxy = workload("proxy", { addresses: ["10.0.2.2"], services: serves("proxy") });
export const proxyService = service("proxy", { addresses: [vip("10.96.0.9")], ports: [port(15008, 15008)] });
export const gateway = workload("gw", { addresses: ["192.0.2.1"], network: "west", services: serves("gw") });
export const gatewayService = service("gw", {
  ports: [port(15008, 15009)],
  subjectAltNames: ["spiffe://td/ns/gw/sa/gw"],
});

/** What the proxy knows; the source is `web/web` at 10.0.0.5 unless given. */
export interface Mesh {
  readonly workloads?: readonly Workload[];
  readonly services?: readonly Service[];
  readonly source?: Workload;
}

/** The decision for a connection of the source to an address. */
export function ask(mesh: Mesh, ip: string, to: number): OutboundDecision {
  const store = new MeshStore();
  const source = mesh.source ?? web;
  for (const item of [source, ...(mesh.workloads ?? [])]) store.upsertWorkload(item);
  for (const item of mesh.services ?? []) store.upsertService(item);
  const from = { workload: source, ip: source.addresses[0] ?? "" };
  return resolveOutbound(store, from, { ip, port: to }, { random: seededRandom(1) });
}

/** Only what a table row promises. */
export function essence(decision: OutboundDecision): Record<string, unknown> {
  const { row, kind } = decision;
  switch (decision.kind) {
    case "refuse":
    case "fail":
      return { row, kind, reason: decision.reason };
    case "passthrough":
    case "tcp":
      return { row, kind, to: `${decision.target.ip} ${decision.target.port}` };
    case "resolve":
      return { row, kind, hostname: decision.hostname };
    case "hbone":
    case "waypoint":
    case "double-hbone":
      return {
        row,
        kind,
        to: `${decision.target.ip} ${decision.target.port}`,
        authority: decision.authority,
      };
  }
}

export const REMOTE: Partial<Workload> = { network: "west", addresses: [], networkGateway: byHostname("gw") };
