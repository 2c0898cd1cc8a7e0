import { TYPE_URLS } from "@ambit/contract/type-urls.ts";
import type { MeshChanges } from "@ambit/config/mesh.ts";
import type { NetworkAddress, Workload } from "@ambit/model/workload.ts";
import type { Service } from "@ambit/model/service.ts";
import { encodeAddress } from "@ambit/xds/resources/address.ts";
import { encodeAuthorization } from "@ambit/xds/resources/authorization.ts";
import { nodeKey, Snapshot } from "@ambit/xds/server/snapshot.ts";
import type { NodeView } from "./node-view.ts";

type Put = NonNullable<Parameters<Snapshot["apply"]>[0]["put"]>[number];

/** Turns changes of the mesh into changes of the snapshots: each resource is encoded once, whoever reads it. */
export class Publisher {
  readonly addresses = new Snapshot(TYPE_URLS.address);
  readonly authorizations = new Snapshot(TYPE_URLS.authorization);
  readonly #nodes: NodeView;

  constructor(nodes: NodeView) {
    this.#nodes = nodes;
  }

  /** Policies first: a workload that names one must not arrive before it. */
  publish(changes: MeshChanges): void {
    const touched = this.#nodes.apply(changes.workloads, changes.policies);
    this.#publishPolicies(changes);
    if (touched.size > 0) this.authorizations.reconsider([...touched]);
    const put: Put[] = [];
    const remove: string[] = [];
    for (const { key, after } of changes.services) {
      if (after === undefined) remove.push(key);
      else put.push(servicePut(key, after));
    }
    for (const { key, after } of changes.workloads) {
      if (after === undefined) remove.push(key);
      else put.push(workloadPut(key, after));
    }
    if (put.length + remove.length > 0) this.addresses.apply({ put, remove });
  }

  #publishPolicies(changes: MeshChanges): void {
    const put: Put[] = [];
    const remove: string[] = [];
    for (const { key, after } of changes.policies) {
      if (after === undefined) remove.push(key);
      else put.push({ name: key, bytes: encodeAuthorization(after) });
    }
    if (put.length + remove.length > 0) this.authorizations.apply({ put, remove });
  }
}

function servicePut(name: string, service: Service): Put {
  return {
    name,
    bytes: encodeAddress({ kind: "service", service }),
    aliases: service.addresses.map((address) =>
      address.length === undefined ? alias(address) : `${alias(address)}/${address.length}`,
    ),
  };
}

function workloadPut(name: string, workload: Workload): Put {
  const { network, node, addresses, services, hostNetwork } = workload;
  return {
    name,
    bytes: encodeAddress({ kind: "workload", workload }),
    aliases: hostNetwork ? [] : addresses.map((ip) => alias({ network, ip })),
    // Copied once more, because an array that grew keeps room for 16 more.
    keys: [...services.keys(), nodeKey(node)].slice(),
  };
}

function alias({ network, ip }: NetworkAddress): string {
  return `${network}/${ip}`;
}
