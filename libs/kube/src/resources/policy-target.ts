import { dictionary, text } from "../scalars.ts";
import { record, required, withDefault, type Schema } from "../schema.ts";
import { noLabels } from "./metadata.ts";

/** Istio's WorkloadSelector: equality of labels only. */
export interface PolicySelector {
  readonly matchLabels: Readonly<Record<string, string>>;
}

/** The resource a policy is attached to. */
export interface TargetRef {
  readonly group: string;
  readonly kind: string;
  readonly name: string;
  /** Empty for the policy's own namespace. */
  readonly namespace: string;
}

/** Reads `selector`; wildcards are refused because they would be compared literally. */
export const policySelector: Schema<PolicySelector> = (value, path, report) => {
  const read = record({ matchLabels: withDefault(dictionary(text()), noLabels) })(value, path, report);
  if (read === undefined) return undefined;
  for (const [key, label] of Object.entries(read.matchLabels)) {
    if (key !== "" && !key.includes("*") && !label.includes("*")) continue;
    const at = { parent: { parent: path, key: "matchLabels" }, key };
    return report.add("AMB0007", at, "a selector takes whole labels, no wildcard", "write the label out");
  }
  return read;
};

export const targetRef: Schema<TargetRef> = record({
  group: withDefault(text(), () => ""),
  kind: required(text({ allowEmpty: false, expected: "a kind" })),
  name: required(text({ allowEmpty: false, expected: "a name" })),
  namespace: withDefault(text(), () => ""),
});
