import { labels, list, oneOf, text } from "../scalars.ts";
import { record, required, withDefault, type Schema } from "../schema.ts";
import { noLabels } from "./metadata.ts";

export interface LabelRequirement {
  readonly key: string;
  readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
  readonly values: readonly string[];
}

/** A Kubernetes LabelSelector: all labels and all requirements must hold; an empty one selects everything. */
export interface LabelSelector {
  readonly matchLabels: Readonly<Record<string, string>>;
  readonly matchExpressions: readonly LabelRequirement[];
}

export const labelSelector: Schema<LabelSelector> = record({
  matchLabels: withDefault(labels, noLabels),
  matchExpressions: withDefault(
    list(
      record({
        key: required(text({ allowEmpty: false, expected: "a label key" })),
        operator: required(oneOf(["In", "NotIn", "Exists", "DoesNotExist"])),
        values: withDefault(list(text()), () => []),
      }),
    ),
    () => [],
  ),
});
