import { integer } from "../scalars.ts";
import { record, required, withDefault } from "../schema.ts";
import type { Definition, Resource } from "./definition.ts";
import { labelSelector, type LabelSelector } from "./label-selector.ts";
import { podTemplate, type PodTemplate } from "./pod-spec.ts";

/** apps/v1 Deployment. */
export interface Deployment extends Resource<"Deployment"> {
  readonly spec: {
    /** @default 1 */
    readonly replicas: number;
    readonly selector: LabelSelector;
    readonly template: PodTemplate;
  };
}

export const deploymentDefinition: Definition<Deployment> = {
  kind: "Deployment",
  apiVersions: ["apps/v1"],
  namespaced: true,
  strict: false,
  body: record(
    {
      spec: required(
        record(
          {
            replicas: withDefault(integer({ min: 0, max: 10_000 }), () => 1),
            selector: required(labelSelector),
            template: required(podTemplate),
          },
          {
            ignored: [
              "minReadySeconds",
              "paused",
              "progressDeadlineSeconds",
              "revisionHistoryLimit",
              "strategy",
            ],
          },
        ),
      ),
    },
    { ignored: ["status"] },
  ),
};
