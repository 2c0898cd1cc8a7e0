import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { formatIp } from "@ambit/base/ip.ts";
import { policyKey, type Clause, type Match } from "@ambit/model/policy.ts";
import { serviceKey } from "@ambit/model/service.ts";
import type { GatewayAddress, PortMapping } from "@ambit/model/workload.ts";
import { meshFindings } from "./analyze/findings.ts";
import type { Mesh } from "./mesh.ts";
import { meshFrom } from "./testing/mesh-from-yaml.ts";

// `tools/golden.ts` sets this to rewrite the expected files; the diff is the review.
const rewrite = process.env["AMBIT_GOLDEN"] === "rewrite";
const folder = join(import.meta.dirname, "../testdata");
const cases = readdirSync(folder)
  .filter((name) => name.endsWith(".in.yaml"))
  .sort();

test.each(cases)("what the proxies get of %s", (name) => {
  const mesh = meshFrom(readFileSync(join(folder, name), "utf8"));
  const text = stringify(outcome(mesh), { lineWidth: 140 });
  const path = join(folder, name.replace(".in.yaml", ".out.yaml"));
  if (rewrite) writeFileSync(path, text);
  expect(existsSync(path)).toBe(true);
  expect(text).toBe(readFileSync(path, "utf8"));
});

test("every expected file has its input", () => {
  const inputs = new Set(cases.map((name) => name.replace(".in.yaml", "")));
  const outputs = readdirSync(folder).filter((name) => name.endsWith(".out.yaml"));
  expect(outputs.filter((name) => !inputs.has(name.replace(".out.yaml", "")))).toEqual([]);
  expect(cases.length).toBeGreaterThan(0);
});

/** The outcome in a form for readers: what is at its default is left out. */
function outcome(mesh: Mesh): object {
  return pruned({
    services: byKey(
      [...mesh.services.services.values()].map(({ service }) => [serviceKey(service), service]),
      (service) => ({
        addresses: service.addresses.map(({ ip, length }) => (length === undefined ? ip : `${ip}/${length}`)),
        ports: service.ports.map(portText),
        subjectAltNames: service.subjectAltNames,
        waypoint: gatewayText(service.waypoint),
        loadBalancing: service.loadBalancing,
        ipFamilies: service.ipFamilies === "AUTOMATIC" ? undefined : service.ipFamilies,
        canonical: service.canonical,
        visibility: service.visibility === "PUBLIC" ? undefined : service.visibility,
      }),
    ),
    workloads: byKey(
      [...mesh.workloads.all()].map((workload) => [workload.uid, workload]),
      (workload) => ({
        addresses: workload.addresses,
        hostname: workload.hostname,
        network: workload.network,
        protocol: workload.tunnelProtocol,
        native: workload.nativeTunnel || undefined,
        account: `${workload.namespace}/${workload.serviceAccount}`,
        node: workload.node,
        locality: Object.values(workload.locality).some((part) => part !== "")
          ? workload.locality
          : undefined,
        canonical: `${workload.canonicalName} ${workload.canonicalRevision}`,
        workloadName: workload.workloadName,
        waypoint: gatewayText(workload.waypoint),
        status: workload.status,
        hostNetwork: workload.hostNetwork || undefined,
        capacity: workload.capacity === 1 ? undefined : workload.capacity,
        policies: workload.authorizationPolicies,
        services: Object.fromEntries(
          [...workload.services].map(([key, ports]) => [key, ports.map(portText).join(", ")]),
        ),
      }),
    ),
    policies: byKey(
      [...mesh.policies.all()].map((policy) => [policyKey(policy), policy]),
      (policy) => ({
        scope: policy.scope,
        action: policy.action,
        dryRun: policy.dryRun || undefined,
        groups: policy.groups.map((group) => (group.length === 0 ? "always" : group.map(clauseText))),
      }),
    ),
    findings: meshFindings(mesh, () => undefined).map(
      ({ code, resource, field, message }) =>
        `${code} ${resource?.kind} ${resource?.name} ${field}: ${message}`,
    ),
  });
}

function byKey<V>(entries: readonly (readonly [string, V])[], show: (value: V) => object): object {
  const sorted = [...entries].sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(sorted.map(([key, value]) => [key, show(value)]));
}

function pruned(value: object): object {
  return JSON.parse(
    JSON.stringify(value, (key, entry: unknown) => {
      const empty = entry === "" || (Array.isArray(entry) && entry.length === 0 && key !== "groups");
      return empty || isEmptyRecord(entry) ? undefined : entry;
    }),
  ) as object;
}

function isEmptyRecord(value: unknown): boolean {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length === 0
  );
}

function portText({ servicePort, targetPort, appProtocol }: PortMapping): string {
  return `${servicePort}->${targetPort}${appProtocol === "UNKNOWN" ? "" : ` ${appProtocol}`}`;
}

function gatewayText(gateway: GatewayAddress | undefined): string | undefined {
  if (gateway === undefined) return undefined;
  const where = gateway.kind === "hostname" ? `${gateway.namespace}/${gateway.hostname}` : gateway.address.ip;
  return `${where}:${gateway.hbonePort}`;
}

function clauseText(clause: Clause): string {
  return clause.length === 0 ? "always" : clause.map(matchText).join(" OR ");
}

function matchText(match: Match): string {
  const parts = Object.entries(match).flatMap(([field, values]) => {
    const list = values as readonly unknown[];
    return list.length === 0 ? [] : [`${field} ${list.map(valueText).join("|")}`];
  });
  return parts.length === 0 ? "never" : parts.join(" AND ");
}

function valueText(value: unknown): string {
  if (typeof value === "number") return String(value);
  const entry = value as {
    kind?: string;
    value?: string;
    bytes?: Uint8Array;
    length?: number;
    namespace?: string;
    serviceAccount?: string;
  };
  if (entry.bytes !== undefined) return `${formatIp(entry.bytes)}/${entry.length}`;
  if (entry.kind === undefined) return `${entry.namespace}/${entry.serviceAccount}`;
  if (entry.kind === "presence") return "*";
  return `${entry.kind === "suffix" ? "*" : ""}${entry.value}${entry.kind === "prefix" ? "*" : ""}`;
}
