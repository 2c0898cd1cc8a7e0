import { AmbitError } from "@ambit/base/errors.ts";
import { formatResourceName, type Diagnostic } from "@ambit/kube/diagnostics.ts";

/** One thing that is known and not to be reported. */
export interface Suppression {
  /** A code, or `*`. */
  readonly code: string;
  /** `Kind name.namespace` with `*` for any text, or undefined for every resource. */
  readonly resource: RegExp | undefined;
}

/** Reads `CODE=Kind name.namespace`, `CODE=*` or `CODE`. Throws an AmbitError for anything else. */
export function parseSuppression(text: string): Suppression {
  const match = /^(AMB[0-9]{4}|\*)(?:=(.+))?$/.exec(text.trim());
  if (match === null) {
    throw new AmbitError("bad-suppression", `"${text.slice(0, 80)}" is no suppression`, {
      hint: 'write for example AMB0104="Service shop.web"',
    });
  }
  const [, code = "*", resource] = match;
  return { code, resource: resource === undefined ? undefined : wildcard(resource.trim()) };
}

/** True when one of the suppressions covers the finding. */
export function isSuppressed(diagnostic: Diagnostic, suppressions: readonly Suppression[]): boolean {
  const name = diagnostic.resource === undefined ? "" : formatResourceName(diagnostic.resource);
  return suppressions.some(
    ({ code, resource }) =>
      (code === "*" || code === diagnostic.code) && (resource === undefined || resource.test(name)),
  );
}

function wildcard(text: string): RegExp {
  const parts = text.split("*").map((part) => part.replaceAll(/[\\^$.+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`);
}
