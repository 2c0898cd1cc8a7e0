import { TYPE_URLS } from "@ambit/contract/type-urls.ts";
import type { XdsIdentity } from "@ambit/xds/server/server.ts";
import { readsEverything } from "@ambit/xds/server/session.ts";
import type { Snapshot, SnapshotResource } from "@ambit/xds/server/snapshot.ts";
import type { NodeView } from "./node-view.ts";

/**
 * What a client may read. A node proxy (`clients` lists their accounts as `namespace/name`) reads every address, because
 * its workloads may dial any of them, and the policies its node needs. Its node is what its token is bound
 * to, never what it says; a proxy bound to no node reads every policy, because a missing one would fail open.
 * Nobody else reads anything.
 */
export function createVisibility(
  clients: readonly string[],
  nodes: NodeView,
): (identity: XdsIdentity, snapshot: Snapshot) => ((resource: SnapshotResource) => boolean) | undefined {
  const accounts = new Set(clients);
  return ({ namespace, serviceAccount, node }, snapshot) => {
    if (!accounts.has(`${namespace}/${serviceAccount}`)) return undefined;
    switch (snapshot.typeUrl) {
      case TYPE_URLS.address:
      case TYPE_URLS.workload:
        return readsEverything;
      case TYPE_URLS.authorization:
        return (resource) => nodes.mayRead(node, resource.name);
    }
  };
}
