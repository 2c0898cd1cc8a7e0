import {
  defaultSeverity,
  type Diagnostic,
  type DiagnosticCode,
  type Origin,
  type ResourceName,
  type Severity,
} from "@ambit/kube/diagnostics.ts";
import type { Kind } from "@ambit/kube/resources/registry.ts";
import type { Mesh } from "../mesh.ts";

/** Finds the place of a field in the source; undefined when only the resource's place is known. */
export type Locate = (resource: ResourceName, field: string) => Origin | undefined;

/** What a check says; the rest of a diagnostic follows from it. */
export interface Finding {
  readonly code: DiagnosticCode;
  readonly resource: ResourceName & { readonly kind: Kind };
  readonly field: string;
  readonly message: string;
  readonly remedy: string;
  readonly severity?: Severity;
}

/** A finding with its place. */
export function toDiagnostic(mesh: Mesh, finding: Finding, locate: Locate): Diagnostic {
  const { code, resource, field, message, remedy, severity = defaultSeverity(code) } = finding;
  const origin =
    (field === "" ? undefined : locate(resource, field)) ??
    mesh.inputs.origin(resource.kind, resource.namespace, resource.name);
  return { code, severity, message, origin, field, remedy, resource };
}
