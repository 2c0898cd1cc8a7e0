import { record } from "../schema.ts";
import type { Definition, Resource } from "./definition.ts";

/** v1 ServiceAccount: its existence gives pods an identity. */
export type ServiceAccount = Resource<"ServiceAccount">;

export const serviceAccountDefinition: Definition<ServiceAccount> = {
  kind: "ServiceAccount",
  apiVersions: ["v1"],
  namespaced: true,
  strict: false,
  body: record({}, { ignored: ["secrets", "imagePullSecrets", "automountServiceAccountToken"] }),
};
