import { integer, text } from "../scalars.ts";
import { record, required, withDefault } from "../schema.ts";
import type { Definition, Resource } from "./definition.ts";
import { labelSelector, type LabelSelector } from "./label-selector.ts";
import { podTemplate, type PodTemplate } from "./pod-spec.ts";

/** apps/v1 StatefulSet; its pods are named `<name>-<ordinal>`. */
export interface StatefulSet extends Resource<"StatefulSet"> {
  readonly spec: {
    /** @default 1 */
    readonly replicas: number;
    /** The headless service that gives each pod a host name; empty when there is none. */
    readonly serviceName: string;
    readonly selector: LabelSelector;
    readonly template: PodTemplate;
  };
}

export const statefulSetDefinition: Definition<StatefulSet> = {
  kind: "StatefulSet",
  apiVersions: ["apps/v1"],
  namespaced: true,
  strict: false,
  body: record(
    {
      spec: required(
        record(
          {
            replicas: withDefault(integer({ min: 0, max: 10_000 }), () => 1),
            serviceName: withDefault(text(), () => ""),
            selector: required(labelSelector),
            template: required(podTemplate),
          },
          {
            ignored: [
              "minReadySeconds",
              "ordinals",
              "persistentVolumeClaimRetentionPolicy",
              "podManagementPolicy",
              "revisionHistoryLimit",
              "updateStrategy",
              "volumeClaimTemplates",
            ],
          },
        ),
      ),
    },
    { ignored: ["status"] },
  ),
};
