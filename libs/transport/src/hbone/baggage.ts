/** What a proxy tells the other end about a workload, as far as it is known; empty parts are left out. */
export interface Baggage {
  readonly cluster: string;
  readonly namespace: string;
  /** Kind of the owner: deployment, cronjob, pod or job. */
  readonly workloadType: string;
  readonly workloadName: string;
  readonly serviceName: string;
  readonly serviceVersion: string;
  readonly region: string;
  readonly zone: string;
}

const WORKLOAD_TYPES = ["deployment", "cronjob", "pod", "job"] as const;

/** Longest header value that is looked at. */
const MAX_CHARS = 8_192;
/** No name in Kubernetes is longer (RFC 1123 subdomains); what is longer is no name and would fill logs and metrics. */
const MAX_VALUE_CHARS = 253;

/** What is no octet of a baggage value (W3C Baggage, section 3.3.1), and the marks that this format itself uses. */
const NOT_PLAIN = /[^\x21-\x7e]|[",;=\\%]/gu;

/** The value of a `baggage` header. */
export function encodeBaggage(baggage: Baggage): string {
  const parts: ReadonlyArray<readonly [string, string]> = [
    ["k8s.cluster.name", baggage.cluster],
    ["k8s.namespace.name", baggage.namespace],
    [`k8s.${baggage.workloadType}.name`, baggage.workloadName],
    ["service.name", baggage.serviceName],
    ["service.version", baggage.serviceVersion],
    ["cloud.region", baggage.region],
    ["cloud.availability_zone", baggage.zone],
  ];
  return parts
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `${name}=${value.toWellFormed().replaceAll(NOT_PLAIN, encodeURIComponent)}`)
    .join(",");
}

/** Reads a `baggage` header; what is not understood is passed over, so that it never fails. */
export function decodeBaggage(text: string): Baggage {
  const values = new Map<string, string>();
  for (const member of text.slice(0, MAX_CHARS).split(",")) {
    const equals = member.indexOf("=");
    if (equals <= 0) continue;
    const value = member.slice(equals + 1).split(";")[0] ?? "";
    const decoded = decode(value.trim());
    if (decoded.length <= MAX_VALUE_CHARS) values.set(member.slice(0, equals).trim(), decoded);
  }
  const get = (name: string): string => values.get(name) ?? "";
  const workloadType = WORKLOAD_TYPES.find((type) => values.has(`k8s.${type}.name`)) ?? "";
  return {
    cluster: get("k8s.cluster.name"),
    namespace: get("k8s.namespace.name"),
    workloadType,
    workloadName: workloadType === "" ? "" : get(`k8s.${workloadType}.name`),
    serviceName: get("service.name"),
    serviceVersion: get("service.version"),
    region: get("cloud.region"),
    zone: get("cloud.availability_zone"),
  };
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
