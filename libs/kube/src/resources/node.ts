import { list, text } from "../scalars.ts";
import { optional, record, withDefault } from "../schema.ts";
import type { Definition, Resource } from "./definition.ts";

export interface NodeAddress {
  readonly type: string;
  readonly address: string;
}

/** v1 Node: its topology labels and its addresses. */
export interface Node extends Resource<"Node"> {
  readonly spec: { readonly podCIDR: string | undefined };
  readonly status: { readonly addresses: readonly NodeAddress[] };
}

export const nodeDefinition: Definition<Node> = {
  kind: "Node",
  apiVersions: ["v1"],
  namespaced: false,
  strict: false,
  body: record({
    spec: withDefault(
      record(
        { podCIDR: optional(text()) },
        { ignored: ["podCIDRs", "providerID", "unschedulable", "taints", "configSource", "externalID"] },
      ),
      () => ({ podCIDR: undefined }),
    ),
    status: withDefault(
      record(
        {
          addresses: withDefault(
            list(record({ type: withDefault(text(), () => ""), address: withDefault(text(), () => "") })),
            () => [],
          ),
        },
        {
          ignored: [
            "allocatable",
            "capacity",
            "conditions",
            "config",
            "daemonEndpoints",
            "features",
            "images",
            "nodeInfo",
            "phase",
            "runtimeHandlers",
            "volumesAttached",
            "volumesInUse",
          ],
        },
      ),
      () => ({ addresses: [] }),
    ),
  }),
};
