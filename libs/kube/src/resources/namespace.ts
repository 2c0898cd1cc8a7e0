import { record } from "../schema.ts";
import type { Definition, Resource } from "./definition.ts";

/** v1 Namespace: only its labels and annotations matter to the mesh. */
export type Namespace = Resource<"Namespace">;

export const namespaceDefinition: Definition<Namespace> = {
  kind: "Namespace",
  apiVersions: ["v1"],
  namespaced: false,
  strict: false,
  body: record({}, { ignored: ["spec", "status"] }),
};
