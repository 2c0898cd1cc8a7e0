import { compareDiagnostics, type Diagnostic } from "@ambit/kube/diagnostics.ts";
import type { Mesh } from "../mesh.ts";
import { toDiagnostic, type Locate } from "./finding.ts";
import { policyFindings } from "./policy-findings.ts";
import { serviceFindings } from "./service-findings.ts";

/**
 * Everything to be said about how the resources work together, in the order of files and lines. Costs a pass over
 * policies, services and templates; call it when things have calmed down, not per change.
 */
export function meshFindings(mesh: Mesh, locate: Locate): readonly Diagnostic[] {
  return [...policyFindings(mesh), ...serviceFindings(mesh)]
    .map((finding) => toDiagnostic(mesh, finding, locate))
    .sort(compareDiagnostics);
}
