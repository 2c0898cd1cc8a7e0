import type { Schema } from "../schema.ts";
import type { ObjectMeta } from "./metadata.ts";

/** What every resource has. */
export interface Resource<Kind extends string> {
  readonly kind: Kind;
  readonly metadata: ObjectMeta;
}

/** How a kind is recognised and read. */
export interface Definition<T extends Resource<string>> {
  readonly kind: T["kind"];
  /** Accepted `apiVersion` values, the preferred one first. */
  readonly apiVersions: readonly string[];
  readonly namespaced: boolean;
  /** Unknown fields and empty values are errors: the kind decides about access. */
  readonly strict: boolean;
  /** Reads everything beside apiVersion, kind and metadata. */
  readonly body: Schema<Omit<T, "kind" | "metadata">>;
}
