import { dictionary, isDnsSubdomain, labels, list, text, flag } from "../scalars.ts";
import { optional, record, shared, withDefault, type Schema } from "../schema.ts";

/** An owner as the garbage collector knows it. */
export interface OwnerReference {
  readonly kind: string;
  readonly name: string;
  readonly controller: boolean;
}

/** The metadata the mesh reads; everything else of a Kubernetes ObjectMeta is accepted and dropped. */
export interface ObjectMeta {
  readonly name: string;
  /** Empty for cluster-wide kinds, "default" when left out. */
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly uid: string;
  /** RFC 3339, as written; undefined when the source knows none. */
  readonly creationTimestamp: string | undefined;
  readonly deletionTimestamp: string | undefined;
  readonly generation: number | undefined;
  readonly ownerReferences: readonly OwnerReference[];
}

const NONE: Readonly<Record<string, string>> = Object.freeze(Object.create(null) as Record<string, string>);
const NO_OWNERS: readonly OwnerReference[] = Object.freeze([]);

const name: Schema<string> = (value, path, report) => {
  const found = text()(value, path, report);
  if (found === undefined || isDnsSubdomain(found)) return found;
  return report.add(
    "AMB0014",
    path,
    `"${found.slice(0, 80)}" is no valid name`,
    "use lower-case letters, digits, '-' and '.', at most 253 characters",
  );
};

const ownerReference: Schema<OwnerReference> = record(
  {
    kind: withDefault(text(), () => ""),
    name: withDefault(text(), () => ""),
    controller: withDefault(flag, () => false),
  },
  { ignored: ["apiVersion", "uid", "blockOwnerDeletion"] },
);

/** An empty set of labels or annotations. */
export const noLabels = (): Readonly<Record<string, string>> => NONE;

/** Reads `metadata`. The namespace is empty when absent; the caller fills in the default. */
export const objectMeta: Schema<ObjectMeta> = record(
  {
    name: { schema: name, required: true, fallback: () => "" },
    namespace: withDefault(name, () => ""),
    labels: withDefault(shared(labels), noLabels),
    annotations: withDefault(shared(dictionary(text())), noLabels),
    uid: withDefault(text(), () => ""),
    creationTimestamp: optional(text()),
    deletionTimestamp: optional(text()),
    generation: optional((value, path, report) =>
      typeof value === "number" ? value : report.add("AMB0006", path, "expected a number", "write a number"),
    ),
    ownerReferences: withDefault(shared(list(ownerReference)), () => NO_OWNERS),
  },
  {
    ignored: [
      "resourceVersion",
      "generateName",
      "managedFields",
      "finalizers",
      "selfLink",
      "deletionGracePeriodSeconds",
    ],
  },
);

/** Metadata of a pod template: no name is needed there. */
export interface TemplateMeta {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export const templateMeta: Schema<TemplateMeta> = record(
  {
    labels: withDefault(labels, noLabels),
    annotations: withDefault(dictionary(text()), noLabels),
  },
  { ignored: ["name", "namespace", "creationTimestamp", "generateName", "finalizers"] },
);
