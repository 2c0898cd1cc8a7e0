import type { SourceDiagnostic } from "@ambit/contract/admin-api.ts";
import { formatResourceName, type Diagnostic } from "@ambit/kube/diagnostics.ts";

/** A diagnostic as the commands and the admin server show it; line 1 when the whole file is meant. */
export function toReport(diagnostic: Diagnostic): SourceDiagnostic & { readonly resource?: string } {
  const { code, severity, message, origin, field, remedy, resource } = diagnostic;
  return {
    code,
    severity,
    message,
    file: origin?.file ?? "",
    line: Math.max(1, origin?.line ?? 1),
    field,
    remedy,
    ...(resource === undefined ? {} : { resource: formatResourceName(resource) }),
  };
}
