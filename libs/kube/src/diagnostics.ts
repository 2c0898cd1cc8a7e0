/** How much a finding matters: errors stop a resource from taking effect, warnings do not, infos only tell. */
export type Severity = "error" | "warning" | "info";

interface CodeEntry {
  readonly severity: Severity;
  /** What the code stands for, for `ambit analyze --list`. */
  readonly title: string;
}

/**
 * Every code there is. A code never changes its meaning and is never used again for another one: suppressions,
 * scripts and search engines hold on to it. 00xx concern a file or one resource, 01xx how resources work together.
 */
export const DIAGNOSTIC_CODES = {
  AMB0001: { severity: "error", title: "The YAML or JSON text cannot be parsed" },
  AMB0002: { severity: "error", title: "A document is no Kubernetes object" },
  AMB0003: { severity: "info", title: "The kind is not used by the mesh" },
  AMB0004: { severity: "warning", title: "A field is not known" },
  AMB0005: { severity: "error", title: "A required field is missing" },
  AMB0006: { severity: "error", title: "A value has the wrong type" },
  AMB0007: { severity: "error", title: "A value is not allowed" },
  AMB0008: { severity: "error", title: "The resource is defined twice" },
  AMB0009: { severity: "error", title: "A key appears twice in one mapping" },
  AMB0010: { severity: "error", title: "YAML aliases expand to too much" },
  AMB0011: { severity: "error", title: "The file is too large" },
  AMB0012: { severity: "error", title: "The file cannot be read" },
  AMB0013: { severity: "error", title: "A key is forbidden" },
  AMB0014: { severity: "error", title: "The name is no valid Kubernetes name" },
  AMB0015: { severity: "error", title: "The API version is not supported" },
  AMB0016: { severity: "error", title: "The document is nested too deeply" },
  AMB0101: { severity: "warning", title: "A policy selects no workload" },
  AMB0102: { severity: "warning", title: "Part of a policy needs layer 7 and no waypoint enforces it" },
  AMB0103: { severity: "error", title: "The policy's action is not enforced by node proxies" },
  AMB0104: { severity: "warning", title: "A service has no endpoint" },
  AMB0105: { severity: "warning", title: "A policy is attached to a target the mesh does not know" },
  AMB0106: { severity: "warning", title: "The waypoint named by a label is not there" },
  AMB0107: { severity: "info", title: "The namespace is not defined" },
  AMB0108: { severity: "warning", title: "No selected workload has the named target port" },
  AMB0109: { severity: "warning", title: "Several policies of one kind compete and only one counts" },
  AMB0110: { severity: "warning", title: "A setting has no effect" },
  AMB0111: { severity: "warning", title: "A policy selects workloads that are not in the mesh" },
  AMB0112: { severity: "error", title: "A policy was rejected and is not in force" },
  AMB0113: { severity: "warning", title: "The service account is not defined" },
  AMB0114: { severity: "warning", title: "Two services claim one address or host name" },
  AMB0115: { severity: "warning", title: "A policy is only a dry run" },
} as const satisfies Record<string, CodeEntry>;

export type DiagnosticCode = keyof typeof DIAGNOSTIC_CODES;

/** Where something was written: file, and the line counted from 1 (0 when the whole file is meant). */
export interface Origin {
  readonly file: string;
  readonly line: number;
}

/** A resource as messages and suppressions name it. */
export interface ResourceName {
  readonly kind: string;
  /** Empty for cluster-wide kinds. */
  readonly namespace: string;
  readonly name: string;
}

/** One finding about the user's configuration. */
export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  /** What is wrong, without a full stop. */
  readonly message: string;
  readonly origin: Origin | undefined;
  /** Path such as `spec.ports[0].port`; empty when the whole document is meant. */
  readonly field: string;
  /** What to do about it; empty when there is nothing to say. */
  readonly remedy: string;
  /** The resource it is about, when it could be read. */
  readonly resource: ResourceName | undefined;
}

/** `file:line: error AMB0004 spec.x: message (remedy)`, the form of editors and compilers. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { origin, severity, code, field, message, remedy, resource } = diagnostic;
  const place = origin === undefined ? "" : `${origin.file}:${origin.line === 0 ? 1 : origin.line}: `;
  const subject = resource === undefined ? "" : ` ${formatResourceName(resource)}`;
  return `${place}${severity} ${code}${subject}${field === "" ? "" : ` ${field}`}: ${message}${remedy === "" ? "" : ` (${remedy})`}`;
}

/** `Kind name.namespace`, the form of suppressions; `Kind name` for cluster-wide kinds. */
export function formatResourceName(resource: ResourceName): string {
  const scope = resource.namespace === "" ? "" : `.${resource.namespace}`;
  return `${resource.kind} ${resource.name}${scope}`;
}

/** The severity a code has unless the place where it is found says otherwise. */
export function defaultSeverity(code: DiagnosticCode): Severity {
  return DIAGNOSTIC_CODES[code].severity;
}

/** Order of lists: by file, line, then code, so that two runs print the same. */
export function compareDiagnostics(left: Diagnostic, right: Diagnostic): number {
  return (
    compareText(left.origin?.file ?? "", right.origin?.file ?? "") ||
    (left.origin?.line ?? 0) - (right.origin?.line ?? 0) ||
    compareText(left.code, right.code) ||
    compareText(left.field, right.field) ||
    compareText(left.message, right.message)
  );
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
