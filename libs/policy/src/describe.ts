import { formatIp } from "@ambit/base/ip.ts";
import type { Cidr } from "@ambit/base/ip.ts";
import type { Match, ServiceAccountMatch, StringMatch } from "@ambit/model/policy.ts";
import type { MatchField } from "./compile.ts";
import type { Subject } from "./connection.ts";

/** The values of one field of a match as a reader writes them: `a, b*, 10.0.0.0/8`; `none of ...` for a negation. */
export function describeValues(match: Match, field: MatchField): string {
  const values: readonly (StringMatch | ServiceAccountMatch | Cidr | number)[] = match[field];
  const text = values.map((value) => describeValue(value)).join(", ");
  return field.startsWith("not") ? `none of ${text}` : text;
}

/** What the connection has where the field looks. */
export function describeActual(subject: Subject, field: MatchField): string {
  switch (field) {
    case "namespaces":
    case "notNamespaces":
      return subject.identity === undefined ? "no identity" : subject.namespace;
    case "principals":
    case "notPrincipals":
      return subject.principal ?? "no identity";
    case "serviceAccounts":
    case "notServiceAccounts":
      return subject.account ?? "no identity";
    case "sourceIps":
    case "notSourceIps":
      return formatIp(subject.sourceIp);
    case "destinationIps":
    case "notDestinationIps":
      return formatIp(subject.destinationIp);
    case "destinationPorts":
    case "notDestinationPorts":
      return String(subject.destinationPort);
  }
}

function describeValue(value: StringMatch | ServiceAccountMatch | Cidr | number): string {
  if (typeof value === "number") return String(value);
  if ("bytes" in value) return `${formatIp(value.bytes)}/${value.length}`;
  if ("serviceAccount" in value) return `${value.namespace}/${value.serviceAccount}`;
  switch (value.kind) {
    case "exact":
      return value.value;
    case "prefix":
      return `${value.value}*`;
    case "suffix":
      return `*${value.value}`;
    case "presence":
      return "*";
  }
}
