import type { Command } from "commander";
import { formatTable } from "../format/table.ts";
import { print, printAs, type OutputFormat } from "../format/output.ts";
import { outputOf, runningMesh, withOutput } from "./context.ts";
import type {
  ConfigDump,
  DumpCertificate,
  DumpPolicy,
  DumpService,
  DumpWorkload,
} from "@ambit/contract/admin-api.ts";

type Section = "workload" | "service" | "policy" | "certificate" | "connections";

const SECTIONS: readonly Section[] = ["workload", "service", "policy", "certificate", "connections"];

/** `ambit ztunnel-config {workload,service,policy,certificate,connections,all}` with Istio's columns. */
export function registerZtunnelConfig(program: Command): void {
  const group = program.command("ztunnel-config").alias("zc").description("what a node proxy knows and does");
  for (const section of [...SECTIONS, "all"] as const) {
    const command = group
      .command(section)
      .description(section === "all" ? "everything" : `the proxy's ${section} table`)
      .option("--node <name>", "ask this node's proxy (default: the first)");
    withOutput(command).action(async (options: { node?: string }, self: Command) => {
      const { admin, record } = runningMesh(self);
      const node = options.node ?? record.nodes[0] ?? "";
      if (!record.nodes.includes(node))
        self.error(`error: no node "${node}"; nodes: ${record.nodes.join(", ")}`);
      const dump = await admin(`ztunnel-${node}`).getJson<ConfigDump>("/config_dump");
      const format = outputOf(self);
      if (section === "all") printAll(dump, format);
      else printAs(format, sectionData(dump, section), () => sectionTable(dump, section));
    });
  }
}

function printAll(dump: ConfigDump, format: OutputFormat): void {
  if (format !== "short") {
    printAs(format, dump, () => "");
    return;
  }
  for (const section of SECTIONS) print(`${sectionTable(dump, section)}\n`);
}

function sectionData(dump: ConfigDump, section: Section): unknown {
  switch (section) {
    case "workload":
      return dump.workloads;
    case "service":
      return dump.services;
    case "policy":
      return dump.policies;
    case "certificate":
      return dump.certificates;
    case "connections":
      return dump.workloadState;
  }
}

function sectionTable(dump: ConfigDump, section: Section): string {
  switch (section) {
    case "workload":
      return workloadTable(dump.workloads);
    case "service":
      return serviceTable(dump.services);
    case "policy":
      return policyTable(dump.policies);
    case "certificate":
      return certificateTable(dump.certificates);
    case "connections":
      return connectionTable(dump);
  }
}

function byNamespaceAndName<Item extends { namespace: string; name: string }>(
  items: readonly Item[],
): Item[] {
  return items.toSorted((left, right) =>
    `${left.namespace}/${left.name}`.localeCompare(`${right.namespace}/${right.name}`),
  );
}

function workloadTable(workloads: readonly DumpWorkload[]): string {
  return formatTable(
    ["NAMESPACE", "POD NAME", "ADDRESS", "NODE", "WAYPOINT", "PROTOCOL"],
    byNamespaceAndName(workloads).map((workload) => [
      workload.namespace,
      workload.name,
      workload.workloadIps.join(","),
      workload.node ?? "",
      workload.waypoint?.destination ?? "None",
      workload.protocol,
    ]),
  );
}

function serviceTable(services: readonly DumpService[]): string {
  return formatTable(
    ["NAMESPACE", "SERVICE NAME", "SERVICE VIP", "WAYPOINT", "ENDPOINTS"],
    byNamespaceAndName(services).map((service) => {
      const endpoints = Object.values(service.endpoints);
      const healthy = endpoints.filter((endpoint) => endpoint.status === "Healthy").length;
      return [
        service.namespace,
        service.name,
        service.vips.map((vip) => vip.slice(vip.indexOf("/") + 1)).join(","),
        service.waypoint?.destination ?? "None",
        `${healthy}/${endpoints.length}`,
      ];
    }),
  );
}

function policyTable(policies: readonly DumpPolicy[]): string {
  return formatTable(
    ["NAMESPACE", "POLICY NAME", "ACTION", "SCOPE"],
    byNamespaceAndName(policies).map((policy) => [
      policy.namespace,
      policy.name,
      policy.action,
      policy.scope,
    ]),
  );
}

function certificateTable(certificates: readonly DumpCertificate[]): string {
  const rows: string[][] = [];
  for (const entry of certificates) {
    const chain = [
      ...entry.certChain.map(
        (certificate, index) => [index === 0 ? "Leaf" : "Intermediate", certificate] as const,
      ),
      ...entry.rootCerts.map((certificate) => ["Root", certificate] as const),
    ];
    if (chain.length === 0) rows.push([entry.identity, "Leaf", entry.state, "false", "", "", ""]);
    for (const [kind, certificate] of chain) {
      const valid = Date.parse(certificate.expirationTime) > Date.parse(new Date().toISOString());
      rows.push([
        entry.identity,
        kind,
        entry.state,
        String(valid),
        certificate.serialNumber,
        certificate.expirationTime,
        certificate.validFrom,
      ]);
    }
  }
  return formatTable(
    ["CERTIFICATE NAME", "TYPE", "STATUS", "VALID CERT", "SERIAL NUMBER", "NOT AFTER", "NOT BEFORE"],
    rows,
  );
}

function connectionTable(dump: ConfigDump): string {
  const rows: string[][] = [];
  for (const pod of Object.values(dump.workloadState)) {
    const name = `${pod.info.name}.${pod.info.namespace}`;
    for (const open of pod.connections?.inbound ?? []) {
      rows.push([name, "Inbound", open.actualDst, open.src, open.originalDst ?? "", open.protocol]);
    }
    for (const open of pod.connections?.outbound ?? []) {
      rows.push([name, "Outbound", open.src, open.actualDst, open.originalDst ?? "", open.protocol]);
    }
  }
  return formatTable(["WORKLOAD", "DIRECTION", "LOCAL", "REMOTE", "REMOTE TARGET", "PROTOCOL"], rows);
}
