import { systemClock } from "@ambit/base/clock.ts";
import { silentLogger } from "@ambit/base/logger.ts";
import type { SourceDiagnostic } from "@ambit/contract/admin-api.ts";
import { compareDiagnostics } from "@ambit/kube/diagnostics.ts";
import { FileSource } from "@ambit/kube/file-source.ts";
import { Mesh } from "../mesh.ts";
import { DEFAULT_MESH_OPTIONS, type MeshOptions } from "../options.ts";
import { meshFindings } from "./findings.ts";
import { toReport } from "./report.ts";
import { isSuppressed, parseSuppression } from "./suppress.ts";

export interface AnalyzeOptions {
  /** `CODE=Kind name.namespace` each; see `parseSuppression`. */
  readonly suppress?: readonly string[];
  readonly mesh?: Partial<MeshOptions>;
}

/**
 * Reads directories of manifests as the control plane would, once, and returns everything that is wrong with them.
 * Throws an AmbitError for a suppression that cannot be read.
 */
export async function analyzeDirectories(
  dirs: readonly string[],
  options: AnalyzeOptions = {},
): Promise<readonly (SourceDiagnostic & { readonly resource?: string })[]> {
  const suppressions = (options.suppress ?? []).map((text) => parseSuppression(text));
  const source = new FileSource(
    { roots: dirs.map((dir) => ({ dir })) },
    { clock: systemClock, logger: silentLogger },
  );
  const mesh = new Mesh({ ...DEFAULT_MESH_OPTIONS, ...options.mesh });
  source.subscribe((events) => mesh.apply(events));
  try {
    await source.start();
  } finally {
    source.stop();
  }
  mesh.flush();
  return [...source.diagnostics(), ...meshFindings(mesh, (resource, field) => source.locate(resource, field))]
    .filter((diagnostic) => !isSuppressed(diagnostic, suppressions))
    .sort(compareDiagnostics)
    .map(toReport);
}
